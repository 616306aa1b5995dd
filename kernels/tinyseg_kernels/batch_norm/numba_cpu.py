"""batch_norm compiled for the CPU. Bound by memory: x is read twice forward (statistics, result), and x and dy twice backward.

Statistics: each thread merges the moments of blocks of rows. Of two groups with (count, mean, sum of squares around the mean)

    mean = mean_a + (mean_b - mean_a) * n_b / n          squares = squares_a + squares_b + (mean_b - mean_a)^2 * n_a * n_b / n

which loses no digits when the mean is far above the spread, as E[x^2] - mean^2 would, in one pass over x.
Source: Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.buffers import empty
from ..cpu.compiled import kernel
from ..cpu.threads import get_num_threads, parallel, parallel_parts
from ..types import Array
from . import numpy_cpu
from .cache import BatchNormCache

ROWS = 64
"""Rows of a block, whose sums are kept in float32 around a number close to their mean."""


def batch_norm_train_forward(
    x: Array, gamma: Array | None, beta: Array | None, *, epsilon: float = 1e-3
) -> tuple[Array, BatchNormCache]:
    """Statistics, then the normalisation by them."""
    if x.dtype != np.float32:
        return numpy_cpu.batch_norm_train_forward(x, gamma, beta, epsilon=epsilon)
    mean, variance = _moments(_rows(x))
    return batch_norm_inference_forward(
        x, gamma, beta, mean.astype(np.float32), variance.astype(np.float32), epsilon=epsilon
    )


def _rows(x: Array) -> Array:
    return np.ascontiguousarray(x).reshape(-1, x.shape[-1])


def _moments(rows: Array) -> tuple[Array, Array]:
    """Return mean and variance of each column, in float64."""
    blocks = -(-len(rows) // ROWS)
    parts = max(1, min(get_num_threads(), blocks))
    partial = np.zeros((parts, 3, rows.shape[1]))
    parallel_parts(_partial_moments, blocks, parts, rows, partial)
    count, mean, squares = partial[0]
    for other_count, other_mean, other_squares in partial[1:]:
        total = count + other_count
        shift = other_mean - mean
        mean = mean + shift * other_count / total
        squares = squares + other_squares + shift * shift * count * other_count / total
        count = total
    return mean, squares / count


@kernel
def _partial_moments(part: int, start: int, stop: int, rows: Any, partial: Any) -> None:
    channels = rows.shape[1]
    sums, squares = np.empty(channels, np.float32), np.empty(channels, np.float32)
    counts, means, moments = partial[part, 0], partial[part, 1], partial[part, 2]
    for block in range(start, stop):
        first, last = block * ROWS, min((block + 1) * ROWS, rows.shape[0])
        origin = rows[first]
        for c in range(channels):
            sums[c] = 0
            squares[c] = 0
        for r in range(first, last):
            for c in range(channels):
                d = rows[r, c] - origin[c]
                sums[c] += d
                squares[c] += d * d
        n = np.float64(last - first)
        for c in range(channels):
            s = np.float64(sums[c])
            mean, moment = np.float64(origin[c]) + s / n, np.float64(squares[c]) - s * s / n
            before = counts[c]
            shift, total = mean - means[c], before + n
            means[c] += shift * n / total
            moments[c] += moment + shift * shift * before * n / total
            counts[c] = total


def batch_norm_train_backward(dy: Array, cache: BatchNormCache) -> tuple[Array, Array, Array]:
    """Dx = gamma * s * (dy - dbeta / P - z * dgamma / P), written as a * dy + b * (x - mean) + c with a, b, c per channel."""
    if dy.dtype != np.float32:
        return numpy_cpu.batch_norm_train_backward(dy, cache)
    dgamma, dbeta = _parameter_gradients(dy, cache)
    count, scale = dy[..., 0].size, _scale(cache)
    slope = (-scale * cache.inverse_deviation * dgamma / count).astype(np.float32)
    shift = (-scale * dbeta / count).astype(np.float32)
    dx = empty(dy.shape, dy.dtype)
    rows = _rows(dy)
    parallel(_input_gradient, len(rows), rows, _rows(cache.x), cache.mean, scale, slope, shift, dx.reshape(rows.shape))
    return dx, dgamma, dbeta


@kernel
def _input_gradient(
    start: int, stop: int, dy: Any, x: Any, mean: Any, scale: Any, slope: Any, shift: Any, dx: Any
) -> None:
    for r in range(start, stop):
        for c in range(dy.shape[1]):
            dx[r, c] = dy[r, c] * scale[c] + (x[r, c] - mean[c]) * slope[c] + shift[c]


def batch_norm_inference_forward(
    x: Array, gamma: Array | None, beta: Array | None, mean: Array, variance: Array, *, epsilon: float = 1e-3
) -> tuple[Array, BatchNormCache]:
    """Y = (x - mean) * (gamma * s) + beta."""
    if x.dtype != np.float32:
        return numpy_cpu.batch_norm_inference_forward(x, gamma, beta, mean, variance, epsilon=epsilon)
    inverse = (1.0 / np.sqrt(variance.astype(np.float64) + epsilon)).astype(np.float32)
    cache = BatchNormCache(x, gamma, mean, variance, inverse)
    offset = np.zeros(x.shape[-1], np.float32) if beta is None else np.ascontiguousarray(beta)
    y, rows = empty(x.shape, x.dtype), _rows(x)
    parallel(_normalise, len(rows), rows, np.ascontiguousarray(mean), _scale(cache), offset, y.reshape(rows.shape))
    return y, cache


@kernel
def _normalise(start: int, stop: int, x: Any, mean: Any, scale: Any, offset: Any, y: Any) -> None:
    for r in range(start, stop):
        for c in range(x.shape[1]):
            y[r, c] = (x[r, c] - mean[c]) * scale[c] + offset[c]


def batch_norm_inference_backward(dy: Array, cache: BatchNormCache) -> tuple[Array, Array, Array]:
    """Dx = gamma * s * dy; dgamma = sum of dy * z; dbeta = sum of dy."""
    if dy.dtype != np.float32:
        return numpy_cpu.batch_norm_inference_backward(dy, cache)
    dgamma, dbeta = _parameter_gradients(dy, cache)
    dx, rows = empty(dy.shape, dy.dtype), _rows(dy)
    zero = np.zeros(dy.shape[-1], np.float32)
    parallel(_normalise, len(rows), rows, zero, _scale(cache), zero, dx.reshape(rows.shape))
    return dx, dgamma, dbeta


def _scale(cache: BatchNormCache) -> Array:
    """Return gamma * s of each channel."""
    inverse = cache.inverse_deviation
    return np.ascontiguousarray(inverse if cache.gamma is None else inverse * cache.gamma)


def _parameter_gradients(dy: Array, cache: BatchNormCache) -> tuple[Array, Array]:
    """Return (dgamma, dbeta), both in one pass over dy and x."""
    rows = _rows(dy)
    blocks = -(-len(rows) // ROWS)
    parts = max(1, min(get_num_threads(), blocks))
    partial = np.zeros((parts, 2, rows.shape[1]))
    if blocks:
        parallel_parts(
            _partial_gradients, blocks, parts, rows, _rows(cache.x), np.ascontiguousarray(cache.mean), partial
        )
    products, sums = partial.sum(axis=0)
    return (products * cache.inverse_deviation).astype(np.float32), sums.astype(np.float32)


@kernel
def _partial_gradients(part: int, start: int, stop: int, dy: Any, x: Any, mean: Any, partial: Any) -> None:
    channels = dy.shape[1]
    products, sums = np.empty(channels, np.float32), np.empty(channels, np.float32)
    for block in range(start, stop):
        for c in range(channels):
            products[c] = 0
            sums[c] = 0
        for r in range(block * ROWS, min((block + 1) * ROWS, dy.shape[0])):
            for c in range(channels):
                products[c] += dy[r, c] * (x[r, c] - mean[c])
                sums[c] += dy[r, c]
        for c in range(channels):
            partial[part, 0, c] += products[c]
            partial[part, 1, c] += sums[c]
