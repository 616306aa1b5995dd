"""dice compiled for the CPU: three sums in one pass over labels and predictions, and the gradient in another.

The numbers of a region lie `inner` apart (`regions.py`). Where that is few, such as the classes of a segmentation,
several rows are taken as one: vectors need long rows.
"""

from __future__ import annotations

import numpy as np

from ..cpu.compiled import kernel
from ..cpu.memory.buffers import empty
from ..cpu.sizes import SIZES
from ..cpu.threading.threads import parallel
from ..types import FloatArray
from . import numpy_cpu
from .cache import DiceCache, RegionsCache
from .regions import Regions, regions_of

WIDE = SIZES.dice_short_row
ROWS = 32
"""Rows added up in float32 before they go into a float64 sum."""
GROUP = SIZES.dice_numbers


def dice_forward(
    p: FloatArray, target: FloatArray, *, axes: tuple[int, ...], extra: float, missed: float, epsilon: float
) -> tuple[FloatArray, DiceCache | RegionsCache]:
    """Return the loss of each region: of p's shape without the axes summed over."""
    if p.dtype != np.float32 or p.size == 0:
        return numpy_cpu.dice_forward(p, target, axes=axes, extra=extra, missed=missed, epsilon=epsilon)
    regions, shape = regions_of(p.shape, axes), p.shape
    p, target = (np.ascontiguousarray(regions.arranged(array)).reshape(regions.outer, -1) for array in (p, target))
    sums = _sums(p, target, regions)
    loss, offset, slope = numpy_cpu.of_sums(sums[2], sums[1], sums[0], extra, missed, epsilon)
    loss = loss.reshape([length for axis, length in enumerate(shape) if axis not in axes])
    return loss, (target, offset.astype(np.float32), slope.astype(np.float32), regions, shape)


def _sums(p: FloatArray, target: FloatArray, regions: Regions) -> FloatArray:
    """Return the sums of t, p and t * p of each region: (3, outer, inner), float64."""
    width = _width(regions)
    rows = -(-p.shape[1] // width)
    together = ROWS * max(1, GROUP // (ROWS * width))  # the same for any number of threads, and so are the sums
    groups = -(-rows // together)
    partial = empty((regions.outer, groups, 3, width), np.float64)
    parallel(_partial_sums, regions.outer * groups, p, target, partial, together)
    return partial.sum(axis=1).reshape(regions.outer, 3, -1, regions.inner).sum(axis=2).swapaxes(0, 1)


def _width(regions: Regions) -> int:
    """Return the length of the rows that are taken: a multiple of the regions'."""
    return regions.inner * max(1, WIDE // regions.inner)


@kernel
def _partial_sums(start: int, stop: int, p: FloatArray, t: FloatArray, partial: FloatArray, together: int) -> None:
    groups, width = partial.shape[1], partial.shape[3]
    labels, predictions, both = np.empty(width, np.float32), np.empty(width, np.float32), np.empty(width, np.float32)
    for job in range(start, stop):
        outer, group = job // groups, job % groups
        total, flat_p, flat_t = partial[outer, group], p[outer], t[outer]
        for k in range(width):
            total[0, k] = total[1, k] = total[2, k] = 0
        last = min((group + 1) * together * width, flat_p.size)
        for begin in range(group * together * width, last, ROWS * width):
            for k in range(width):
                labels[k] = predictions[k] = both[k] = 0
            for first in range(begin, min(begin + ROWS * width, last), width):
                label, prediction = flat_t[first : min(first + width, last)], flat_p[first : min(first + width, last)]
                for k in range(label.size):
                    labels[k] += label[k]
                    predictions[k] += prediction[k]
                    both[k] += label[k] * prediction[k]
            for k in range(width):
                total[0, k] += labels[k]
                total[1, k] += predictions[k]
                total[2, k] += both[k]


def dice_backward(dloss: FloatArray, cache: DiceCache | RegionsCache) -> FloatArray:
    """Return (offset + slope * t) * dloss."""
    if len(cache) == 3:
        return numpy_cpu.dice_backward(dloss, cache)
    target, offset, slope, regions, shape = cache
    width, dp = _width(regions), empty(target.shape, target.dtype)
    scale = dloss.reshape(slope.shape).astype(np.float32)
    repeats = (1, width // regions.inner)
    rows = -(-target.shape[1] // width)
    constant, factor = np.tile(offset * scale, repeats), np.tile(slope * scale, repeats)
    parallel(_gradient, regions.outer * rows, target, constant, factor, dp, rows)
    return np.ascontiguousarray(regions.restored(dp, shape))


@kernel
def _gradient(
    start: int, stop: int, t: FloatArray, constant: FloatArray, factor: FloatArray, dp: FloatArray, rows: int
) -> None:
    width = constant.shape[1]
    for job in range(start, stop):
        outer, first = job // rows, job % rows * width
        label, gradient = t[outer, first : first + width], dp[outer, first : first + width]
        a, b = constant[outer], factor[outer]
        for k in range(label.size):
            gradient[k] = a[k] + b[k] * label[k]
