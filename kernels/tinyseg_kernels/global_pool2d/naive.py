"""Global pooling in loops."""

from __future__ import annotations

import math

import numpy as np

from ..types import FloatArray, Shape
from .cache import MaximaCache


def global_avg_pool2d_forward(x: FloatArray, *, keepdims: bool = False) -> tuple[FloatArray, Shape]:
    """Mean over the pixels."""
    n, height, width, channels = x.shape
    y = np.zeros((n, channels), x.dtype)
    for i in range(n):
        for c in range(channels):
            y[i, c] = math.fsum(x[i, h, w, c] for h in range(height) for w in range(width)) / (height * width)
    return (y[:, None, None, :] if keepdims else y), x.shape


def global_avg_pool2d_backward(dy: FloatArray, shape: Shape) -> FloatArray:
    """dy / (H * W) to each pixel."""
    n, height, width, channels = shape
    flat = dy.reshape(n, channels)
    dx = np.empty(shape, dy.dtype)
    for i, h, w, c in np.ndindex(*shape):
        dx[i, h, w, c] = flat[i, c] / (height * width)
    return dx


def global_max_pool2d_forward(x: FloatArray, *, keepdims: bool = False) -> tuple[FloatArray, MaximaCache]:
    """Maximum over the pixels, and the position of the first one, counted row by row. A NaN is the maximum."""
    n, height, width, channels = x.shape
    y = np.empty((n, channels), x.dtype)
    positions = np.zeros((n, channels), np.intp)
    for i in range(n):
        for c in range(channels):
            y[i, c] = x[i, 0, 0, c]
            for h in range(height):
                for w in range(width):
                    value = x[i, h, w, c]
                    if value > y[i, c] or (math.isnan(value) and not math.isnan(y[i, c])):
                        y[i, c], positions[i, c] = value, h * width + w
    return (y[:, None, None, :] if keepdims else y), (positions, x.shape)


def global_max_pool2d_backward(dy: FloatArray, cache: MaximaCache) -> FloatArray:
    """dy to the position of the maximum."""
    positions, shape = cache
    n, _, width, channels = shape
    flat = dy.reshape(n, channels)
    dx = np.zeros(shape, dy.dtype)
    for i in range(n):
        for c in range(channels):
            dx[i, positions[i, c] // width, positions[i, c] % width, c] = flat[i, c]
    return dx
