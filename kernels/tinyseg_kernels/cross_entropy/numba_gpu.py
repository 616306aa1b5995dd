"""cross_entropy by Numba kernels: for class ids the backward does not read p."""

from __future__ import annotations

import math

import numpy as np

from ..device import contiguous, empty
from ..gpu.cuda import blocks
from ..gpu.numba_cuda import cuda, jit, launch
from ..gpu.numba_probabilities import LEAST, MOST, bounded, clipped_log
from ..gpu.numba_rows import THREADS, lanes_sum, row_geometry
from ..probabilities import SMALLEST
from ..types import Array, FloatArray, IntArray, Real
from .cache import DeviceCache


@jit
def _ids_loss(
    p: FloatArray, ids: IntArray, loss: FloatArray, total: FloatArray, right: FloatArray, least: Real, most: Real,
    nan: Real,
) -> None:  # fmt: skip
    """loss = - log(p_id / sum of p); NaN for an id that is no class."""
    scratch = cuda.shared.array(THREADS, p.dtype)
    rows, classes = p.shape
    place = cuda.blockIdx.x * cuda.blockDim.y + cuda.threadIdx.y
    row = min(place, rows - 1)  # a thread without a row of its own takes part in the barriers
    s = p.dtype.type(0)
    for k in range(cuda.threadIdx.x, classes, cuda.blockDim.x):
        s += p[row, k]
    s = lanes_sum(s, scratch)
    if place < rows and cuda.threadIdx.x == 0:
        k = ids[row]
        chosen = p[row, k] if k >= 0 and k < classes else nan
        total[row] = s
        right[row] = chosen
        loss[row] = -clipped_log(chosen / s, least, most)


@jit
def _distributions_loss(
    p: FloatArray, target: Array, loss: FloatArray, total: FloatArray, mass: FloatArray, least: Real, most: Real
) -> None:
    """loss = - sum of t * log(p / sum of p)."""
    scratch = cuda.shared.array(THREADS, p.dtype)
    rows, classes = p.shape
    place = cuda.blockIdx.x * cuda.blockDim.y + cuda.threadIdx.y
    row = min(place, rows - 1)
    s = p.dtype.type(0)
    t = p.dtype.type(0)
    for k in range(cuda.threadIdx.x, classes, cuda.blockDim.x):
        s += p[row, k]
        t += target[row, k]
    s = lanes_sum(s, scratch)
    t = lanes_sum(t, scratch)
    value = p.dtype.type(0)
    for k in range(cuda.threadIdx.x, classes, cuda.blockDim.x):
        value -= target[row, k] * clipped_log(p[row, k] / s, least, most)
    value = lanes_sum(value, scratch)
    if place < rows and cuda.threadIdx.x == 0:
        total[row] = s
        mass[row] = t
        loss[row] = value


@jit
def _ids_gradient(
    ids: IntArray, total: FloatArray, right: FloatArray, dloss: FloatArray, dp: FloatArray, least: Real
) -> None:
    """dp = dloss / S, less dloss / p at the id."""
    i = cuda.grid(1)
    if i < dp.size:
        row, k = i // dp.shape[1], i % dp.shape[1]
        share = dloss[row] / total[row]
        dp[row, k] = share - dloss[row] / bounded(right[row], least) if k == ids[row] else share


@jit
def _distributions_gradient(
    p: FloatArray, target: Array, total: FloatArray, mass: FloatArray, dloss: FloatArray, dp: FloatArray, least: Real
) -> None:
    """dp = (sum of t / S - t / p) * dloss."""
    i = cuda.grid(1)
    if i < dp.size:
        row, k = i // dp.shape[1], i % dp.shape[1]
        dp[row, k] = (mass[row] / total[row] - target[row, k] / bounded(p[row, k], least)) * dloss[row]


def cross_entropy_forward(p: FloatArray, target: Array) -> tuple[FloatArray, DeviceCache]:
    """loss = - sum of t * log(p / sum of p); a class id picks its one term."""
    p, ids, shape = contiguous(p), target.ndim < p.ndim, p.shape
    loss, total, kept = (empty(shape[:-1], p.dtype) for _ in range(3))
    rows, classes = loss.size, shape[-1]
    grid, block = row_geometry(rows, classes)
    results = (loss.reshape(-1), total.reshape(-1), kept.reshape(-1))
    matrix = p.reshape(rows, classes)
    if ids:
        target = contiguous(target.astype(np.int32, copy=False)).reshape(-1)
        launch(_ids_loss, grid, block, matrix, target, *results, LEAST, MOST, math.nan)
        return loss, (target, None, *results[1:], shape)
    target = contiguous(target).reshape(rows, classes)
    launch(_distributions_loss, grid, block, matrix, target, *results, LEAST, MOST)
    return loss, (target, matrix, *results[1:], shape)


def cross_entropy_backward(dloss: FloatArray, cache: DeviceCache) -> FloatArray:
    """dp = (sum of t / S - t / p) * dloss; for class ids, dloss / p is taken from dloss / S at the id."""
    target, p, total, kept, shape = cache
    dp = empty((total.size, shape[-1]), total.dtype)
    dloss = contiguous(dloss).reshape(-1)
    grid, least = blocks(dp.size, THREADS), SMALLEST[dp.dtype.type]
    if p is None:
        launch(_ids_gradient, grid, THREADS, target, total, kept, dloss, dp, least)
    else:
        launch(_distributions_gradient, grid, THREADS, p, target, total, kept, dloss, dp, least)
    return dp.reshape(shape)


_VECTOR, _MATRIX, _IDS, _REAL = "float32[::1]", "float32[:,::1]", "int32[::1]", "float32"
PTX_SIGNATURES = [
    (_ids_loss, (_MATRIX, _IDS, _VECTOR, _VECTOR, _VECTOR, _REAL, _REAL, _REAL)),
    (_distributions_loss, (_MATRIX, _MATRIX, _VECTOR, _VECTOR, _VECTOR, _REAL, _REAL)),
    (_ids_gradient, (_IDS, _VECTOR, _VECTOR, _VECTOR, _MATRIX, _REAL)),
    (_distributions_gradient, (_MATRIX, _MATRIX, _VECTOR, _VECTOR, _VECTOR, _MATRIX, _REAL)),
]
"""For the check that float32 stays float32."""
