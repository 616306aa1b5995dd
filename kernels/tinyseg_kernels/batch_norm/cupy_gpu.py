"""batch_norm in CUDA C++: x is read once for its statistics and once to be normalised.

The statistics stay on the device.
"""

from __future__ import annotations

from ..caches import relu_after
from ..device import contiguous, empty
from ..gpu.cuda import Source, blocks
from ..gpu.packs import VECTORS
from ..gpu.rows import THREADS, RowWalk, for_pass, for_sum
from ..types import Argument, Array, FloatArray, FloatDType
from .cache import BatchNormCache

_PASSES = Source(__file__, "batch_norm.cu")
_SUMS = Source(__file__, "batch_norm_sums.cu")
_MERGE_CHANNELS, _MERGE_ROWS = 32, 32

COMPILED_WITH = VECTORS


@relu_after
def batch_norm_train_forward(
    x: FloatArray, gamma: FloatArray | None, beta: FloatArray | None, *, epsilon: float = 1e-3
) -> tuple[FloatArray, BatchNormCache]:
    """Mean and variance in one pass over x, then the normalisation by them."""
    x = contiguous(x)
    rows, columns = _matrix(x)
    mean, variance, inverse = (empty(columns, x.dtype) for _ in range(3))
    walk = for_sum(rows, columns, x)
    means, m2s = (empty((walk.chunks, columns), x.dtype) for _ in range(2))
    _launch(_SUMS, "moments", walk, x.dtype, (x, means, m2s, rows, columns))
    args = (x, means, m2s, mean, variance, inverse, rows, columns, walk.chunk, walk.chunks, float(epsilon))
    _merge("merge_moments", walk, x.dtype, columns, args)
    cache = BatchNormCache(x, _contiguous(gamma), mean, variance, inverse)
    return _normalise(cache, beta), cache


def batch_norm_train_backward(dy: FloatArray, cache: BatchNormCache) -> tuple[FloatArray, FloatArray, FloatArray]:
    """dx = gamma * s * (dy - dbeta / P - z * dgamma / P), in one pass after the one that sums up dgamma and dbeta."""
    dy = contiguous(dy)
    dgamma, dbeta = _parameter_gradients(dy, cache)
    dx = empty(dy.shape, dy.dtype)
    rows, columns = _matrix(dy)
    arrays = (dy, cache.x, _or_any(cache.gamma, cache), cache.mean, cache.inverse_deviation, dgamma, dbeta, dx)
    walk = for_pass(rows, columns, *arrays)
    args = (*arrays, cache.gamma is not None, rows, columns)
    _launch(_PASSES, "train_input_gradient", walk, dy.dtype, args)
    return dx, dgamma, dbeta


@relu_after
def batch_norm_inference_forward(
    x: FloatArray, gamma: FloatArray | None, beta: FloatArray | None, mean: FloatArray, variance: FloatArray, *,
    epsilon: float = 1e-3,
) -> tuple[FloatArray, BatchNormCache]:  # fmt: skip
    """y = (x - mean) * (gamma * s) + beta."""
    x, mean, variance = contiguous(x), contiguous(mean), contiguous(variance)
    columns = x.shape[-1]
    inverse = empty(columns, x.dtype)
    args = (variance, inverse, columns, float(epsilon))
    _PASSES.launch(
        "inverse_deviations", x.dtype, blocks(columns, THREADS), THREADS, args, defines=for_pass(1, columns, x).defines
    )
    cache = BatchNormCache(x, _contiguous(gamma), mean, variance, inverse)
    return _normalise(cache, beta), cache


def batch_norm_inference_backward(dy: FloatArray, cache: BatchNormCache) -> tuple[FloatArray, FloatArray, FloatArray]:
    """dx = gamma * s * dy."""
    dy = contiguous(dy)
    dx = empty(dy.shape, dy.dtype)
    rows, columns = _matrix(dy)
    arrays = (dy, _or_any(cache.gamma, cache), cache.inverse_deviation, dx)
    walk = for_pass(rows, columns, *arrays)
    _launch(_PASSES, "inference_input_gradient", walk, dy.dtype, (*arrays, cache.gamma is not None, rows, columns))
    return dx, *_parameter_gradients(dy, cache)


def _normalise(cache: BatchNormCache, beta: FloatArray | None) -> FloatArray:
    x = cache.x
    y = empty(x.shape, x.dtype)
    rows, columns = _matrix(x)
    beta = _contiguous(beta)
    arrays = (x, _or_any(cache.gamma, cache), _or_any(beta, cache), cache.mean, cache.inverse_deviation, y)
    walk = for_pass(rows, columns, *arrays)
    _launch(_PASSES, "normalise", walk, x.dtype, (*arrays, cache.gamma is not None, beta is not None, rows, columns))
    return y


def _parameter_gradients(dy: FloatArray, cache: BatchNormCache) -> tuple[FloatArray, FloatArray]:
    """Return dgamma = sum of dy * z and dbeta = sum of dy."""
    rows, columns = _matrix(dy)
    dgamma, dbeta = empty(columns, dy.dtype), empty(columns, dy.dtype)
    walk = for_sum(rows, columns, dy, cache.x, cache.mean)
    sums, products = (empty((walk.chunks, columns), dy.dtype) for _ in range(2))
    args = (dy, cache.x, cache.mean, sums, products, rows, columns)
    _launch(_SUMS, "gradient_sums", walk, dy.dtype, args)
    merged = (sums, products, cache.inverse_deviation, dgamma, dbeta, columns, walk.chunks)
    _merge("merge_gradient_sums", walk, dy.dtype, columns, merged)
    return dgamma, dbeta


def _launch(source: Source, kernel: str, walk: RowWalk, dtype: FloatDType, args: tuple[Argument, ...]) -> None:
    source.launch(kernel, dtype, walk.grid, THREADS, (*args, walk.tile, walk.chunk), defines=walk.defines)


def _merge(kernel: str, walk: RowWalk, dtype: FloatDType, columns: int, args: tuple[Argument, ...]) -> None:
    grid = blocks(columns, _MERGE_CHANNELS)
    _SUMS.launch(kernel, dtype, grid, (_MERGE_CHANNELS, _MERGE_ROWS), args, defines=walk.defines)


def _matrix(x: FloatArray) -> tuple[int, int]:
    """Return the number of positions and of channels."""
    columns = x.shape[-1]
    return x.size // columns, columns


def _contiguous(array: Array | None) -> FloatArray | None:
    return None if array is None else contiguous(array)


def _or_any(array: Array | None, cache: BatchNormCache) -> FloatArray:
    """Return the array, or in its place any other (C,): the kernel is told not to read it."""
    return cache.mean if array is None else array
