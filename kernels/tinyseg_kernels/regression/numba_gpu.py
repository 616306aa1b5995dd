"""squared_error and absolute_error by Numba kernels."""

from __future__ import annotations

from ..device import contiguous, empty
from ..gpu.cuda import blocks
from ..gpu.numba_cuda import cuda, jit, launch
from ..gpu.numba_rows import THREADS, lanes_sum, row_geometry
from ..types import FloatArray
from .cache import RowsCache


@jit
def _loss(p: FloatArray, target: FloatArray, loss: FloatArray, squared: bool) -> None:
    """Mean over the last axis of (p - t)^2 or |p - t|."""
    scratch = cuda.shared.array(THREADS, p.dtype)
    rows, columns = p.shape
    place = cuda.blockIdx.x * cuda.blockDim.y + cuda.threadIdx.y
    row = min(place, rows - 1)  # a thread without a row of its own takes part in the barriers
    s = p.dtype.type(0)
    for c in range(cuda.threadIdx.x, columns, cuda.blockDim.x):
        d = p[row, c] - target[row, c]
        s += d * d if squared else abs(d)
    s = lanes_sum(s, scratch)
    if place < rows and cuda.threadIdx.x == 0:
        loss[row] = s / p.dtype.type(columns)


@jit
def _gradient(p: FloatArray, target: FloatArray, dloss: FloatArray, dp: FloatArray, squared: bool) -> None:
    """dp = 2 * (p - t) / C * dloss, or sign(p - t) / C * dloss."""
    i = cuda.grid(1)
    if i < dp.size:
        row, c = i // dp.shape[1], i % dp.shape[1]
        zero, one = p.dtype.type(0), p.dtype.type(1)
        slope = p[row, c] - target[row, c]
        if squared:
            slope += slope
        elif slope > zero:
            slope = one
        elif slope < zero:
            slope = -one
        dp[row, c] = slope * (dloss[row] / p.dtype.type(dp.shape[1]))


def squared_error_forward(p: FloatArray, target: FloatArray) -> tuple[FloatArray, RowsCache]:
    """Return the mean square over the last axis."""
    return _forward(p, target, True)


def squared_error_backward(dloss: FloatArray, cache: RowsCache) -> FloatArray:
    """Return 2 * (p - t) / C * dloss."""
    return _backward(dloss, cache, True)


def absolute_error_forward(p: FloatArray, target: FloatArray) -> tuple[FloatArray, RowsCache]:
    """Return the mean distance over the last axis."""
    return _forward(p, target, False)


def absolute_error_backward(dloss: FloatArray, cache: RowsCache) -> FloatArray:
    """Return sign(p - t) / C * dloss."""
    return _backward(dloss, cache, False)


def _forward(p: FloatArray, target: FloatArray, squared: bool) -> tuple[FloatArray, RowsCache]:
    loss = empty(p.shape[:-1], p.dtype)
    shape, rows, columns = p.shape, loss.size, p.shape[-1]
    p, target = contiguous(p).reshape(rows, columns), contiguous(target).reshape(rows, columns)
    grid, block = row_geometry(rows, columns)
    launch(_loss, grid, block, p, target, loss.reshape(-1), squared)
    return loss, (p, target, shape)


def _backward(dloss: FloatArray, cache: RowsCache, squared: bool) -> FloatArray:
    p, target, shape = cache
    dp = empty(p.shape, p.dtype)
    launch(_gradient, blocks(dp.size, THREADS), THREADS, p, target, contiguous(dloss).reshape(-1), dp, squared)
    return dp.reshape(shape)


_VECTOR, _MATRIX = "float32[::1]", "float32[:,::1]"
PTX_SIGNATURES = [
    (_loss, (_MATRIX, _MATRIX, _VECTOR, "int32")),
    (_gradient, (_MATRIX, _MATRIX, _VECTOR, _MATRIX, "int32")),
]
"""For the check that float32 stays float32."""
