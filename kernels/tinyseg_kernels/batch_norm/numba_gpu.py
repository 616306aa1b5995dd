"""batch_norm by Numba kernels.

Each channel's moments and sums in two steps whose order the shape decides, then one pass over all numbers.
"""

from __future__ import annotations

import math

from ..caches import relu_after
from ..device import contiguous, empty
from ..gpu.cuda import blocks
from ..gpu.numba_cuda import cuda, device_function, jit, launch
from ..types import Array, FloatArray, Real
from .cache import BatchNormCache
from .numba_gpu_sums import gradient_sums, merge_gradient_sums, merge_moments, moments

_THREADS = 256
_WIDEST = 64
"""Channels of a block at most: the rest of its threads are further rows."""
_LEAST_ROWS, _MOST_CHUNKS = 16, 512
"""Rows of a thread at least, and blocks along the rows at most."""
_MERGE_BLOCK = (32, 8)


@device_function
def _scale(gamma: FloatArray, inverse: FloatArray, has_gamma: bool, c: int) -> Real:
    """Return gamma * s of a channel; without a gamma the array is not read."""
    return inverse[c] * gamma[c] if has_gamma else inverse[c]


@jit
def _inverse_deviations(variance: FloatArray, inverse: FloatArray, epsilon: Real) -> None:
    """s = 1 / sqrt(variance + epsilon)."""
    c = cuda.grid(1)
    if c < variance.size:
        inverse[c] = variance.dtype.type(1) / math.sqrt(variance[c] + epsilon)


@jit
def _normalise(
    x: FloatArray, gamma: FloatArray, beta: FloatArray, mean: FloatArray, inverse: FloatArray, y: FloatArray,
    has_gamma: bool, has_beta: bool,
) -> None:  # fmt: skip
    """y = (x - mean) * (gamma * s) + beta; x and y are flat, channels last."""
    i = cuda.grid(1)
    if i < x.size:
        c = i % mean.size
        value = (x[i] - mean[c]) * _scale(gamma, inverse, has_gamma, c)
        y[i] = value + beta[c] if has_beta else value


@jit
def _train_input_gradient(
    dy: FloatArray, x: FloatArray, gamma: FloatArray, mean: FloatArray, inverse: FloatArray, dgamma: FloatArray,
    dbeta: FloatArray, dx: FloatArray, has_gamma: bool, count: int,
) -> None:  # fmt: skip
    """dx = gamma * s * (dy - dbeta / P - z * dgamma / P) with P in the arrays' dtype."""
    i = cuda.grid(1)
    if i < dy.size:
        c = i % mean.size
        z = (x[i] - mean[c]) * inverse[c]
        dx[i] = _scale(gamma, inverse, has_gamma, c) * (dy[i] - dbeta[c] / count - z * (dgamma[c] / count))


@jit
def _inference_input_gradient(
    dy: FloatArray, gamma: FloatArray, inverse: FloatArray, dx: FloatArray, has_gamma: bool
) -> None:
    """dx = gamma * s * dy."""
    i = cuda.grid(1)
    if i < dy.size:
        dx[i] = dy[i] * _scale(gamma, inverse, has_gamma, i % inverse.size)


_FLAT = "float32[::1]"
PTX_SIGNATURES = [
    (_inverse_deviations, (_FLAT, _FLAT, "float32")),
    (_normalise, (*[_FLAT] * 6, "int32", "int32")),
    (_train_input_gradient, (*[_FLAT] * 8, "int32", "float32")),
    (_inference_input_gradient, (*[_FLAT] * 4, "int32")),
]
"""For the check that float32 stays float32."""


@relu_after
def batch_norm_train_forward(
    x: FloatArray, gamma: FloatArray | None, beta: FloatArray | None, *, epsilon: float = 1e-3
) -> tuple[FloatArray, BatchNormCache]:
    """Mean and variance in one pass over x, then the normalisation by them."""
    x = contiguous(x)
    matrix = _matrix(x)
    rows, columns = matrix.shape
    mean, variance, inverse = (empty(columns, x.dtype) for _ in range(3))
    chunk, chunks, grid, block = _geometry(rows, columns)
    means, m2s = (empty((chunks, columns), x.dtype) for _ in range(2))
    launch(moments, grid, block, matrix, means, m2s, chunk)
    merge_grid = blocks(columns, _MERGE_BLOCK[0])
    launch(merge_moments, merge_grid, _MERGE_BLOCK, matrix, means, m2s, mean, variance, chunk)
    launch(_inverse_deviations, blocks(columns, _THREADS), _THREADS, variance, inverse, float(epsilon))
    cache = BatchNormCache(x, _contiguous(gamma), mean, variance, inverse)
    return _normalised(cache, beta), cache


def batch_norm_train_backward(dy: FloatArray, cache: BatchNormCache) -> tuple[FloatArray, FloatArray, FloatArray]:
    """dx = gamma * s * (dy - mean of dy - z * mean of (dy * z))."""
    dy = contiguous(dy)
    dgamma, dbeta = _parameter_gradients(dy, cache)
    dx = empty(dy.shape, dy.dtype)
    parameters = (_or_any(cache.gamma, cache), cache.mean, cache.inverse_deviation, dgamma, dbeta)
    args = (dy.reshape(-1), cache.x.reshape(-1), *parameters, dx.reshape(-1), cache.gamma is not None)
    count = float(dy.size // dy.shape[-1])
    launch(_train_input_gradient, blocks(dy.size, _THREADS), _THREADS, *args, count)
    return dx, dgamma, dbeta


@relu_after
def batch_norm_inference_forward(
    x: FloatArray, gamma: FloatArray | None, beta: FloatArray | None, mean: FloatArray, variance: FloatArray, *,
    epsilon: float = 1e-3,
) -> tuple[FloatArray, BatchNormCache]:  # fmt: skip
    """y = (x - mean) * (gamma * s) + beta."""
    x, mean, variance = contiguous(x), contiguous(mean), contiguous(variance)
    inverse = empty(mean.shape, x.dtype)
    launch(_inverse_deviations, blocks(mean.size, _THREADS), _THREADS, variance, inverse, float(epsilon))
    cache = BatchNormCache(x, _contiguous(gamma), mean, variance, inverse)
    return _normalised(cache, beta), cache


def batch_norm_inference_backward(dy: FloatArray, cache: BatchNormCache) -> tuple[FloatArray, FloatArray, FloatArray]:
    """dx = gamma * s * dy."""
    dy = contiguous(dy)
    dx = empty(dy.shape, dy.dtype)
    args = (dy.reshape(-1), _or_any(cache.gamma, cache), cache.inverse_deviation, dx.reshape(-1))
    launch(_inference_input_gradient, blocks(dy.size, _THREADS), _THREADS, *args, cache.gamma is not None)
    return dx, *_parameter_gradients(dy, cache)


def _normalised(cache: BatchNormCache, beta: FloatArray | None) -> FloatArray:
    x = cache.x
    y = empty(x.shape, x.dtype)
    beta = _contiguous(beta)
    parameters = (_or_any(cache.gamma, cache), _or_any(beta, cache), cache.mean, cache.inverse_deviation)
    args = (x.reshape(-1), *parameters, y.reshape(-1), cache.gamma is not None, beta is not None)
    launch(_normalise, blocks(x.size, _THREADS), _THREADS, *args)
    return y


def _parameter_gradients(dy: FloatArray, cache: BatchNormCache) -> tuple[FloatArray, FloatArray]:
    """Return dgamma = sum of dy * z and dbeta = sum of dy."""
    matrix = _matrix(dy)
    rows, columns = matrix.shape
    dgamma, dbeta = empty(columns, dy.dtype), empty(columns, dy.dtype)
    chunk, chunks, grid, block = _geometry(rows, columns)
    sums, products = (empty((chunks, columns), dy.dtype) for _ in range(2))
    launch(gradient_sums, grid, block, matrix, _matrix(cache.x), cache.mean, sums, products, chunk)
    merge_grid = blocks(columns, _MERGE_BLOCK[0])
    launch(merge_gradient_sums, merge_grid, _MERGE_BLOCK, sums, products, cache.inverse_deviation, dgamma, dbeta)
    return dgamma, dbeta


def _geometry(rows: int, columns: int) -> tuple[int, int, tuple[int, int], tuple[int, int]]:
    """Return (rows of a chunk, chunks, grid, block) of the reductions."""
    tiles = blocks(columns, _WIDEST)
    width = blocks(columns, tiles)
    lanes = _THREADS // width
    chunk = max(lanes * _LEAST_ROWS, blocks(rows, max(_MOST_CHUNKS // tiles, 1)))
    chunks = blocks(rows, chunk)
    return chunk, chunks, (tiles, chunks), (width, lanes)


def _matrix(x: FloatArray) -> FloatArray:
    """View (..., C) as (P, C)."""
    return x.reshape(-1, x.shape[-1])


def _contiguous(array: Array | None) -> FloatArray | None:
    return None if array is None else contiguous(array)


def _or_any(array: Array | None, cache: BatchNormCache) -> FloatArray:
    """Return the array, or in its place any other (C,): the kernel is told not to read it."""
    return cache.mean if array is None else array
