"""binary_cross_entropy by Numba kernels."""

from __future__ import annotations

import math

from ..device import contiguous, empty
from ..gpu.cuda import blocks
from ..gpu.numba_cuda import cuda, device_function, jit, launch
from ..gpu.numba_probabilities import LEAST, MOST, bounded, clipped_log
from ..gpu.numba_rows import THREADS, lanes_sum, row_geometry
from ..probabilities import SMALLEST
from ..types import FloatArray, Real
from .cache import RowsCache


@device_function
def _of_logit(z: Real, t: Real, zero: Real) -> Real:
    """max(z, 0) - z * t + log(1 + exp(-|z|)); NaN stays NaN."""
    return (zero if z < zero else z) - z * t + math.log1p(math.exp(-abs(z)))


@device_function
def _sigmoid(z: Real, zero: Real, one: Real) -> Real:
    """1 / (1 + exp(-z)) without overflow."""
    e = math.exp(-abs(z))
    return (one if z >= zero else e) / (one + e)


@jit
def _loss(p: FloatArray, target: FloatArray, loss: FloatArray, from_logits: bool, least: Real, most: Real) -> None:
    """Mean over the last axis."""
    scratch = cuda.shared.array(THREADS, p.dtype)
    rows, columns = p.shape
    place = cuda.blockIdx.x * cuda.blockDim.y + cuda.threadIdx.y
    row = min(place, rows - 1)  # a thread without a row of its own takes part in the barriers
    zero, one = p.dtype.type(0), p.dtype.type(1)
    s = p.dtype.type(0)
    for c in range(cuda.threadIdx.x, columns, cuda.blockDim.x):
        x, t = p[row, c], target[row, c]
        if from_logits:
            s += _of_logit(x, t, zero)
        else:
            s -= t * clipped_log(x, least, most) + (one - t) * clipped_log(one - x, least, most)
    s = lanes_sum(s, scratch)
    if place < rows and cuda.threadIdx.x == 0:
        loss[row] = s / p.dtype.type(columns)


@jit
def _gradient(
    p: FloatArray, target: FloatArray, dloss: FloatArray, dp: FloatArray, from_logits: bool, least: Real
) -> None:
    """dp = ((1 - t) / (1 - p) - t / p) * dloss / C, or dz = (sigmoid(z) - t) * dloss / C."""
    i = cuda.grid(1)
    if i < dp.size:
        row, c = i // dp.shape[1], i % dp.shape[1]
        zero, one = p.dtype.type(0), p.dtype.type(1)
        x, t = p[row, c], target[row, c]
        if from_logits:
            slope = _sigmoid(x, zero, one) - t
        else:
            slope = (one - t) / bounded(one - x, least) - t / bounded(x, least)
        dp[row, c] = slope * (dloss[row] / p.dtype.type(dp.shape[1]))


def binary_cross_entropy_forward(
    p: FloatArray, target: FloatArray, *, from_logits: bool = False
) -> tuple[FloatArray, RowsCache]:
    """Return the mean cross-entropy over the last axis."""
    loss = empty(p.shape[:-1], p.dtype)
    shape, rows, columns = p.shape, loss.size, p.shape[-1]
    p, target = contiguous(p).reshape(rows, columns), contiguous(target).reshape(rows, columns)
    grid, block = row_geometry(rows, columns)
    launch(_loss, grid, block, p, target, loss.reshape(-1), from_logits, LEAST, MOST)
    return loss, (target, p, from_logits, shape)


def binary_cross_entropy_backward(dloss: FloatArray, cache: RowsCache) -> FloatArray:
    """Return the gradient by each probability or logit."""
    target, p, from_logits, shape = cache
    dp = empty(p.shape, p.dtype)
    args = (p, target, contiguous(dloss).reshape(-1), dp, from_logits, SMALLEST[p.dtype.type])
    launch(_gradient, blocks(dp.size, THREADS), THREADS, *args)
    return dp.reshape(shape)


_VECTOR, _MATRIX, _REAL = "float32[::1]", "float32[:,::1]", "float32"
PTX_SIGNATURES = [
    (_loss, (_MATRIX, _MATRIX, _VECTOR, "int32", _REAL, _REAL)),
    (_gradient, (_MATRIX, _MATRIX, _VECTOR, _MATRIX, "int32", _REAL)),
]
"""For the check that float32 stays float32."""
