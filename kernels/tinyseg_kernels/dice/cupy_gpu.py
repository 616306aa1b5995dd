"""dice in CUDA C++."""

from __future__ import annotations

import math

import numpy as np

from ..device import contiguous, empty, zeros
from ..gpu.cuda import Source, blocks
from ..types import FloatArray
from .cache import RegionsCache
from .regions import ROWS_OF_A_THREAD, Regions, regions_of

_SOURCE = Source(__file__, "dice.cu")

THREADS = 256
MOST_BLOCKS = 1 << 16


def dice_forward(
    p: FloatArray, target: FloatArray, *, axes: tuple[int, ...], extra: float, missed: float, epsilon: float
) -> tuple[FloatArray, RegionsCache]:
    """Return the loss of each region."""
    regions, shape = regions_of(p.shape, axes), p.shape
    p, target = regions.arranged(p), regions.arranged(target)
    loss = empty(tuple(length for axis, length in enumerate(shape) if axis not in axes), np.float64)
    offset, slope = empty(regions.number, p.dtype), empty(regions.number, p.dtype)
    weights = (np.float64(extra), np.float64(missed), np.float64(epsilon))
    args = (_sums(p, target, regions), loss, offset, slope, regions.number, *weights)
    _SOURCE.launch("dice_loss", p.dtype, blocks(regions.number, THREADS), THREADS, args)
    return loss, (target, offset, slope, regions, shape)


def dice_backward(dloss: FloatArray, cache: RegionsCache) -> FloatArray:
    """Return (offset + slope * t) * dloss."""
    target, offset, slope, regions, shape = cache
    dp = empty(target.shape, target.dtype)
    dloss = contiguous(dloss.astype(dp.dtype, copy=False))
    args = (target, offset, slope, dloss, dp, dp.size, regions.reduced, regions.inner)
    _SOURCE.launch("dice_gradient", dp.dtype, blocks(dp.size, THREADS, limit=MOST_BLOCKS), THREADS, args)
    return regions.restored(dp, shape)


def _sums(p: FloatArray, target: FloatArray, regions: Regions) -> FloatArray:
    """Return the sums of t, p and t * p of each region: (3, regions), float64."""
    outer, reduced, inner, _ = regions
    if reduced == 0:
        return zeros((3, regions.number), np.float64)
    groups = _groups(reduced)
    sums = empty((3, outer, groups, inner), np.float64)
    count = outer * groups * inner
    args = (p, target, sums, count, reduced, groups, inner)
    _SOURCE.launch("fold_inputs", p.dtype, blocks(count, THREADS), THREADS, args)
    while groups > 1:
        reduced, groups = groups, _groups(groups)
        folded = empty((3, outer, groups, inner), np.float64)
        shape = (folded.size, reduced, groups, inner)
        _SOURCE.launch("fold_sums", p.dtype, blocks(folded.size, THREADS), THREADS, (sums, folded, *shape))
        sums = folded
    return sums


def _groups(rows: int) -> int:
    return math.ceil(rows / ROWS_OF_A_THREAD)
