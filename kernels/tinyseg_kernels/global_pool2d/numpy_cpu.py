"""Global pooling in NumPy."""

from __future__ import annotations

import numpy as np

from ..sums import sum_to_last_axis
from ..types import FloatArray, Shape
from .cache import MaximaCache


def global_avg_pool2d_forward(x: FloatArray, *, keepdims: bool = False) -> tuple[FloatArray, Shape]:
    """Mean over the pixels."""
    n, height, width, channels = x.shape
    y = np.empty((n, channels), x.dtype)
    for i in range(n):
        y[i] = sum_to_last_axis(x[i])
    y /= height * width
    return (y[:, None, None, :] if keepdims else y), x.shape


def global_avg_pool2d_backward(dy: FloatArray, shape: Shape) -> FloatArray:
    """dy / (H * W) to each pixel."""
    n, height, width, channels = shape
    share = dy.reshape(n, 1, 1, channels) / (height * width)
    return np.broadcast_to(share, shape).astype(dy.dtype)


def global_max_pool2d_forward(x: FloatArray, *, keepdims: bool = False) -> tuple[FloatArray, MaximaCache]:
    """Maximum over the pixels, and the position of the first one."""
    n, height, width, channels = x.shape
    pixels = x.reshape(n, height * width, channels)
    positions = pixels.argmax(axis=1)
    y = np.take_along_axis(pixels, positions[:, None, :], axis=1)[:, 0]
    return (y[:, None, None, :] if keepdims else y), (positions, x.shape)


def global_max_pool2d_backward(dy: FloatArray, cache: MaximaCache) -> FloatArray:
    """dy to the position of the maximum."""
    positions, shape = cache
    n, _, _, channels = shape
    dx = np.zeros((n, shape[1] * shape[2], channels), dy.dtype)
    np.put_along_axis(dx, positions[:, None, :], dy.reshape(n, 1, channels), axis=1)
    return dx.reshape(shape)
