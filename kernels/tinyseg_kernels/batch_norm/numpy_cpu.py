"""batch_norm in NumPy.

It is bound by memory, so it goes block by block: what a block needs is done while it is in the cache.
"""

from __future__ import annotations

import numpy as np

from ..caches import relu_after
from ..sums import column_sums, row_blocks, sum_to_last_axis
from ..types import FloatArray
from .cache import BatchNormCache


@relu_after
def batch_norm_train_forward(
    x: FloatArray, gamma: FloatArray | None, beta: FloatArray | None, *, epsilon: float = 1e-3
) -> tuple[FloatArray, BatchNormCache]:
    """Mean first, then the variance around it.

    The difference of two large sums (E[x^2] - mean^2) would lose its digits.
    """
    rows = x.reshape(-1, x.shape[-1])
    mean = sum_to_last_axis(x) / len(rows)
    squares = np.zeros(rows.shape[1], np.float64)
    for block in row_blocks(rows):
        centred = rows[block] - mean
        centred *= centred
        squares += column_sums(centred)
    variance = (squares / len(rows)).astype(x.dtype)
    return batch_norm_inference_forward(x, gamma, beta, mean.astype(x.dtype), variance, epsilon=epsilon)


def batch_norm_train_backward(dy: FloatArray, cache: BatchNormCache) -> tuple[FloatArray, FloatArray, FloatArray]:
    """dx = gamma * s * (dy - dbeta / P - z * dgamma / P), written as a * dy + b * (x - mean) + c with a, b, c per channel."""
    dgamma, dbeta = _parameter_gradients(dy, cache)
    count, scale = dy[..., 0].size, _scale(cache)
    slope = -scale * cache.inverse_deviation * dgamma / count
    shift = -scale * dbeta / count
    upstream, rows = dy.reshape(-1, dy.shape[-1]), cache.x.reshape(-1, dy.shape[-1])
    dx = np.empty_like(upstream)
    for block in row_blocks(rows):
        part = dx[block]
        np.subtract(rows[block], cache.mean, out=part)
        part *= slope
        part += shift
        part += upstream[block] * scale
    return dx.reshape(dy.shape), dgamma, dbeta


@relu_after
def batch_norm_inference_forward(
    x: FloatArray, gamma: FloatArray | None, beta: FloatArray | None, mean: FloatArray, variance: FloatArray, *,
    epsilon: float = 1e-3,
) -> tuple[FloatArray, BatchNormCache]:  # fmt: skip
    """y = (x - mean) * (gamma * s) + beta."""
    inverse = (1.0 / np.sqrt(variance.astype(np.float64) + epsilon)).astype(x.dtype)
    cache = BatchNormCache(x, gamma, mean, variance, inverse)
    scale, rows = _scale(cache), x.reshape(-1, x.shape[-1])
    y = np.empty(rows.shape, x.dtype)
    for block in row_blocks(rows):
        part = y[block]
        np.subtract(rows[block], mean, out=part)
        part *= scale
        if beta is not None:
            part += beta
    return y.reshape(x.shape), cache


def batch_norm_inference_backward(dy: FloatArray, cache: BatchNormCache) -> tuple[FloatArray, FloatArray, FloatArray]:
    """dx = gamma * s * dy."""
    return dy * _scale(cache), *_parameter_gradients(dy, cache)


def _parameter_gradients(dy: FloatArray, cache: BatchNormCache) -> tuple[FloatArray, FloatArray]:
    """Return dgamma = sum of dy * z and dbeta = sum of dy."""
    upstream, rows = dy.reshape(-1, dy.shape[-1]), cache.x.reshape(-1, dy.shape[-1])
    products, total = np.zeros(rows.shape[1], np.float64), np.zeros(rows.shape[1], np.float64)
    for block in row_blocks(rows):
        centred = rows[block] - cache.mean
        centred *= upstream[block]
        products += column_sums(centred)
        total += column_sums(upstream[block])
    return (products * cache.inverse_deviation).astype(dy.dtype), total.astype(dy.dtype)


def _scale(cache: BatchNormCache) -> FloatArray:
    """Return gamma * s."""
    return cache.inverse_deviation if cache.gamma is None else cache.inverse_deviation * cache.gamma
