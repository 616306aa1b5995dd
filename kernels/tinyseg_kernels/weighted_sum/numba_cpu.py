"""weighted_sum compiled for the CPU.

Weighing, leaving out and adding up in one pass, in float64 and in an order that does not depend on the number of
threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.compiled import kernel
from ..cpu.memory.buffers import empty
from ..cpu.sizes import SIZES
from ..cpu.threading.threads import parallel
from ..types import BoolArray, FloatArray, FloatDType
from . import numpy_cpu
from .cache import WeightedSumCache

CHUNK = SIZES.weighted_sum_positions


def weighted_sum_forward(
    losses: FloatArray, weight: FloatArray | None, valid: BoolArray | None, *, divisor: float, dtype: FloatDType
) -> tuple[float, WeightedSumCache]:
    """Weigh in float32, add up in float64."""
    if losses.dtype != np.float32 or (weight is not None and weight.dtype != np.float32):
        return numpy_cpu.weighted_sum_forward(losses, weight, valid, divisor=divisor, dtype=dtype)
    weights = np.ones(1, np.float32) if weight is None else np.broadcast_to(weight, losses.shape)
    counts = np.ones(1, np.bool_) if valid is None else valid
    sums = np.zeros(-(-losses.size // CHUNK))
    flat = [np.ascontiguousarray(array).reshape(-1) for array in (losses, weights, counts)]
    parallel(_sum, len(sums), *flat, weight is not None, valid is not None, sums)
    return float(sums.sum()) / divisor, (losses.shape, weight, divisor, dtype)


@kernel
def _sum(start: int, stop: int, losses: Any, weight: Any, valid: Any, weighted: bool, masked: bool, sums: Any) -> None:
    for chunk in range(start, stop):
        first, last, total = chunk * CHUNK, min((chunk + 1) * CHUNK, losses.size), 0.0
        part, weights, counts = losses[first:last], weight[first:last], valid[first:last]
        for k in range(part.size):
            loss = part[k] * weights[k] if weighted else part[k]
            if masked and not counts[k]:
                loss = np.float32(0)  # an ignored position may hold anything, also NaN
            total += np.float64(loss)
        sums[chunk] = total


def weighted_sum_backward(dvalue: float, cache: WeightedSumCache) -> FloatArray:
    """dl = w / D * dvalue."""
    shape, weight, divisor, dtype = cache
    factor = dtype.type(dvalue / divisor)
    dl = empty(shape, dtype)
    np.copyto(dl, factor) if weight is None else np.multiply(weight, factor, out=dl, casting="same_kind")
    return dl


def without_ignored(gradient: FloatArray, valid: BoolArray) -> FloatArray:
    """Clear ignored positions if one of them is not finite.

    Elsewhere their gradient is 0 already, since their weight is.
    """
    if gradient.dtype != np.float32 or gradient.size == 0:
        return numpy_cpu.without_ignored(gradient, valid)
    rows = np.ascontiguousarray(gradient).reshape(-1, gradient.shape[-1])
    flags = np.ascontiguousarray(valid).reshape(-1)
    sums = np.zeros(-(-len(rows) // CHUNK))
    parallel(_look, len(sums), rows, flags, sums)
    return np.where(valid[..., None], gradient, np.float32(0)) if np.isnan(sums).any() else gradient


@kernel
def _look(start: int, stop: int, gradient: FloatArray, valid: BoolArray, sums: FloatArray) -> None:
    """Make the sum of a chunk NaN when an ignored position of it is not finite: 0 times it is NaN then."""
    for chunk in range(start, stop):
        total = np.float32(0)
        for r in range(chunk * CHUNK, min((chunk + 1) * CHUNK, valid.size)):
            if not valid[r]:
                for k in range(gradient.shape[1]):
                    total += gradient[r, k] * np.float32(0)
        sums[chunk] = total
