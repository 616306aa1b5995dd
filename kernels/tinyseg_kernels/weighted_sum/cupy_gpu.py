"""weighted_sum in CUDA C++: the value stays on the device."""

from __future__ import annotations

import numpy as np

from ..device import contiguous, empty, zeros
from ..gpu.cuda import Source, blocks
from ..types import BoolArray, FloatArray, FloatDType
from .broadcasting import as_runs
from .cache import WeightedSumCache

_SOURCE = Source(__file__, "weighted_sum.cu")

THREADS = 256
NUMBERS_OF_A_THREAD = 8
MOST_SUMS = 1024
MOST_BLOCKS = 1 << 16


def weighted_sum_forward(
    losses: FloatArray, weight: FloatArray | None, valid: BoolArray | None, *, divisor: float, dtype: FloatDType
) -> tuple[FloatArray, WeightedSumCache]:
    """Weigh in the losses' dtype, add up in float64."""
    shape, losses = losses.shape, contiguous(losses)
    value = zeros((), np.float64)
    cache = (shape, weight, divisor, dtype)
    if losses.size == 0:
        return value, cache
    weights, repeat = (losses, 1) if weight is None else as_runs(weight.astype(losses.dtype, copy=False), shape)
    mask = empty(1, np.bool_) if valid is None else contiguous(valid)
    count = blocks(losses.size, THREADS * NUMBERS_OF_A_THREAD, limit=MOST_SUMS)
    sums = empty(count, np.float64)
    args = (losses, weights, mask, sums, losses.size, repeat, weight is not None, valid is not None)
    _SOURCE.launch("sums_of_blocks", losses.dtype, count, THREADS, args)
    _SOURCE.launch("sum_of_sums", losses.dtype, 1, THREADS, (sums, value, count, np.float64(divisor)))
    return value, cache


def weighted_sum_backward(dvalue: float, cache: WeightedSumCache) -> FloatArray:
    """dl = w / D * dvalue."""
    shape, weight, divisor, dtype = cache
    dl = empty(shape, dtype)
    weights, repeat = (dl, 1) if weight is None else as_runs(weight.astype(dtype, copy=False), shape)
    args = (weights, dl, dl.size, repeat, weight is not None, float(dvalue) / divisor)
    _SOURCE.launch("spread", dtype, blocks(dl.size, THREADS, limit=MOST_BLOCKS), THREADS, args)
    return dl


def without_ignored(gradient: FloatArray, valid: BoolArray) -> FloatArray:
    """Clear ignored positions in place.

    Only they are written, which costs less than to find out whether it is needed.
    """
    gradient = contiguous(gradient)
    args = (gradient, contiguous(valid), gradient.size, gradient.shape[-1])
    _SOURCE.launch("clear_ignored", gradient.dtype, blocks(gradient.size, THREADS, limit=MOST_BLOCKS), THREADS, args)
    return gradient
