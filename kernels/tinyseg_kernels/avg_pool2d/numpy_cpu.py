"""avg_pool2d in NumPy: one pass per tap of the window, over all windows of an image at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..types import FloatArray, Padding, Pair
from ..windows import explicit_padding, output_size, pad_image, tap, valid_taps
from .cache import AvgPool2DCache


def avg_pool2d_forward(
    x: FloatArray, *, pool_size: Pair, strides: Pair | None = None, padding: Padding = "valid"
) -> tuple[FloatArray, AvgPool2DCache]:
    """Add up the taps, then divide by how many of them lay in the image."""
    strides = strides or pool_size
    size: Pair = (x.shape[1], x.shape[2])
    pads = explicit_padding(padding, size, pool_size, strides)
    cache = AvgPool2DCache(x.shape, pool_size, strides, pads)
    y = np.zeros((x.shape[0], *output_size(size, pool_size, strides, pads), x.shape[3]), x.dtype)
    for n in range(x.shape[0]):
        image = pad_image(x[n], pads)
        for places in _taps(cache, y.shape[1:3]):
            y[n] += image[places]
    y *= _weights(cache, x.dtype)
    return y, cache


def avg_pool2d_backward(dy: FloatArray, cache: AvgPool2DCache) -> FloatArray:
    """dy / count to every tap."""
    images, height, width, channels = cache.shape
    (top, bottom), (left, right) = cache.padding
    dx = np.empty(cache.shape, dy.dtype)
    padded = np.empty((top + height + bottom, left + width + right, channels), dy.dtype)
    weights = _weights(cache, dy.dtype)
    for n in range(images):
        padded[...] = 0
        share = dy[n] * weights
        for places in _taps(cache, dy.shape[1:3]):
            padded[places] += share
        dx[n] = padded[top : top + height, left : left + width]
    return dx


def _weights(cache: AvgPool2DCache, dtype: np.dtype[np.generic]) -> FloatArray:
    """Return 1 / count of each window: (OH, OW, 1)."""
    counts = valid_taps((cache.shape[1], cache.shape[2]), cache.pool_size, cache.strides, cache.padding)
    return (1.0 / counts)[..., None].astype(dtype)


def _taps(cache: AvgPool2DCache, out: Pair) -> Iterator[tuple[slice, slice]]:
    """Yield the positions of the padded image that each tap meets."""
    for i in range(cache.pool_size[0]):
        for j in range(cache.pool_size[1]):
            yield tap(i, cache.strides[0], out[0]), tap(j, cache.strides[1], out[1])
