"""weighted_sum by Numba kernels: the value stays on the device."""

from __future__ import annotations

import numpy as np

from ..device import contiguous, empty, zeros
from ..gpu.cuda import blocks
from ..gpu.numba_cuda import cuda, jit, launch
from ..gpu.numba_sums import ROWS_PER_THREAD, sum_rows
from ..types import BoolArray, FloatArray, FloatDType, Real
from .broadcasting import as_runs
from .cache import WeightedSumCache

THREADS = 128


@jit
def _sums(
    losses: FloatArray, weight: FloatArray, valid: BoolArray, sums: FloatArray, repeat: int, has_weight: bool,
    has_valid: bool,
) -> None:  # fmt: skip
    """sums[t] = sum of the weighted losses t, t + T, t + 2 T, ..., where T is the number of sums; ignored ones are not
    read.
    """
    t = cuda.grid(1)
    if t < sums.size:
        total = sums.dtype.type(0)
        for i in range(t, losses.size, sums.size):
            if not has_valid or valid[i]:
                total += losses[i] * weight[i // repeat] if has_weight else losses[i]
        sums[t] = total


@jit
def _spread(weight: FloatArray, dl: FloatArray, repeat: int, has_weight: bool, factor: Real) -> None:
    """dl = weight * factor."""
    i = cuda.grid(1)
    if i < dl.size:
        dl[i] = weight[i // repeat] * factor if has_weight else factor


@jit
def _clear_ignored(gradient: FloatArray, valid: BoolArray) -> None:
    """0 to the positions that are not valid."""
    i = cuda.grid(1)
    if i < gradient.size:
        row, c = i // gradient.shape[1], i % gradient.shape[1]
        if not valid[row]:
            gradient[row, c] = gradient.dtype.type(0)


def weighted_sum_forward(
    losses: FloatArray, weight: FloatArray | None, valid: BoolArray | None, *, divisor: float, dtype: FloatDType
) -> tuple[FloatArray, WeightedSumCache]:
    """Weigh in the losses' dtype, add up in float64."""
    shape, losses = losses.shape, contiguous(losses).reshape(-1)
    cache = (shape, weight, divisor, dtype)
    if losses.size == 0:
        return zeros((), np.float64), cache
    weights, repeat = (losses, 1) if weight is None else as_runs(weight.astype(losses.dtype, copy=False), shape)
    mask = empty(1, np.bool_) if valid is None else contiguous(valid).reshape(-1)
    sums = empty(blocks(losses.size, ROWS_PER_THREAD), np.float64)
    args = (losses, weights.reshape(-1), mask, sums, repeat, weight is not None, valid is not None)
    launch(_sums, blocks(sums.size, THREADS), THREADS, *args)
    return sum_rows(sums.reshape(-1, 1)).reshape(()) / divisor, cache


def weighted_sum_backward(dvalue: float, cache: WeightedSumCache) -> FloatArray:
    """dl = w / D * dvalue."""
    shape, weight, divisor, dtype = cache
    dl = empty(shape, dtype)
    weights, repeat = (dl, 1) if weight is None else as_runs(weight.astype(dtype, copy=False), shape)
    args = (weights.reshape(-1), dl.reshape(-1), repeat, weight is not None, dvalue / divisor)
    launch(_spread, blocks(dl.size, THREADS), THREADS, *args)
    return dl


def without_ignored(gradient: FloatArray, valid: BoolArray) -> FloatArray:
    """Clear ignored positions in place."""
    gradient = contiguous(gradient)
    rows = gradient.reshape(valid.size, gradient.shape[-1])
    launch(_clear_ignored, blocks(rows.size, THREADS), THREADS, rows, contiguous(valid).reshape(-1))
    return gradient


_VECTOR, _MASK, _INT = "float32[::1]", "boolean[::1]", "int32"
PTX_SIGNATURES = [
    (
        _sums,
        (_VECTOR, _VECTOR, _MASK, "float64[::1]", _INT, _INT, _INT),
        "float64-on-purpose: the loss of a batch is kept in float64 as on the CPU",
    ),
    (_spread, (_VECTOR, _VECTOR, _INT, _INT, "float32")),
    (_clear_ignored, ("float32[:,::1]", _MASK)),
]
"""For the check that float32 stays float32."""
