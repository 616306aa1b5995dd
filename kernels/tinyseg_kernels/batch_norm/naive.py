"""batch_norm in loops over channels and positions, sums in exact arithmetic (math.fsum)."""

from __future__ import annotations

import math

import numpy as np

from ..caches import relu_after
from ..types import FloatArray
from .cache import BatchNormCache


@relu_after
def batch_norm_train_forward(
    x: FloatArray, gamma: FloatArray | None, beta: FloatArray | None, *, epsilon: float = 1e-3
) -> tuple[FloatArray, BatchNormCache]:
    """Mean and variance of each channel, then the normalisation by them."""
    channels, places = x.shape[-1], list(np.ndindex(x.shape[:-1]))
    mean, variance = np.empty(channels, x.dtype), np.empty(channels, x.dtype)
    for c in range(channels):
        m = math.fsum(x[(*p, c)] for p in places) / len(places)
        mean[c], variance[c] = m, math.fsum((float(x[(*p, c)]) - m) ** 2 for p in places) / len(places)
    return batch_norm_inference_forward(x, gamma, beta, mean, variance, epsilon=epsilon)


def batch_norm_train_backward(dy: FloatArray, cache: BatchNormCache) -> tuple[FloatArray, FloatArray, FloatArray]:
    """dx = gamma * s * (dy - mean of dy - z * mean of (dy * z))."""
    dx, dgamma, dbeta = batch_norm_inference_backward(dy, cache)  # dx = gamma * s * dy so far
    count = dy[..., 0].size
    for place in np.ndindex(dy.shape):
        c = place[-1]
        z = (float(cache.x[place]) - cache.mean[c]) * cache.inverse_deviation[c]
        scale = _scale(cache, c)
        dx[place] = scale * (float(dy[place]) - dbeta[c] / count - z * dgamma[c] / count)
    return dx, dgamma, dbeta


@relu_after
def batch_norm_inference_forward(
    x: FloatArray, gamma: FloatArray | None, beta: FloatArray | None, mean: FloatArray, variance: FloatArray, *,
    epsilon: float = 1e-3,
) -> tuple[FloatArray, BatchNormCache]:  # fmt: skip
    """y = gamma * (x - mean) / sqrt(variance + epsilon) + beta."""
    inverse = np.array([1 / math.sqrt(float(v) + epsilon) for v in variance], x.dtype)
    y = np.empty_like(x)
    for place in np.ndindex(x.shape):
        c = place[-1]
        z = (float(x[place]) - mean[c]) * inverse[c]
        y[place] = z * (1.0 if gamma is None else gamma[c]) + (0.0 if beta is None else beta[c])
    return y, BatchNormCache(x, gamma, mean, variance, inverse)


def batch_norm_inference_backward(dy: FloatArray, cache: BatchNormCache) -> tuple[FloatArray, FloatArray, FloatArray]:
    """dx = gamma * s * dy; dgamma = sum of dy * z; dbeta = sum of dy."""
    channels, places = dy.shape[-1], list(np.ndindex(dy.shape[:-1]))
    dx, dgamma, dbeta = np.empty_like(dy), np.empty(channels, dy.dtype), np.empty(channels, dy.dtype)
    for c in range(channels):
        dbeta[c] = math.fsum(dy[(*p, c)] for p in places)
        dgamma[c] = math.fsum(
            float(dy[(*p, c)]) * (float(cache.x[(*p, c)]) - cache.mean[c]) * cache.inverse_deviation[c] for p in places
        )
        for p in places:
            dx[(*p, c)] = _scale(cache, c) * dy[(*p, c)]
    return dx, dgamma, dbeta


def _scale(cache: BatchNormCache, c: int) -> float:
    """Return gamma * s of a channel."""
    return float(cache.inverse_deviation[c]) * (1.0 if cache.gamma is None else float(cache.gamma[c]))
