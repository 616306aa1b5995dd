"""avg_pool2d in loops."""

from __future__ import annotations

import numpy as np

from ..types import FloatArray, Padding, Pair
from ..windows import explicit_padding, output_size
from .cache import AvgPool2DCache


def avg_pool2d_forward(
    x: FloatArray, *, pool_size: Pair, strides: Pair | None = None, padding: Padding = "valid"
) -> tuple[FloatArray, AvgPool2DCache]:
    """Mean over the positions of the window that lie in the image."""
    strides = strides or pool_size
    size: Pair = (x.shape[1], x.shape[2])
    pads = explicit_padding(padding, size, pool_size, strides)
    cache = AvgPool2DCache(x.shape, pool_size, strides, pads)
    y = np.zeros((x.shape[0], *output_size(size, pool_size, strides, pads), x.shape[3]), x.dtype)
    for n, oh, ow, c in np.ndindex(*y.shape):
        places = _inside(cache, oh, ow)
        for h, w in places:
            y[n, oh, ow, c] += x[n, h, w, c]
        y[n, oh, ow, c] /= len(places)
    return y, cache


def avg_pool2d_backward(dy: FloatArray, cache: AvgPool2DCache) -> FloatArray:
    """An equal share of dy to each position that was counted."""
    dx = np.zeros(cache.shape, dy.dtype)
    for n, oh, ow, c in np.ndindex(*dy.shape):
        places = _inside(cache, oh, ow)
        for h, w in places:
            dx[n, h, w, c] += dy[n, oh, ow, c] / len(places)
    return dx


def _inside(cache: AvgPool2DCache, oh: int, ow: int) -> list[Pair]:
    """Return the positions of a window that lie in the image."""
    _, height, width, _ = cache.shape
    h0, w0 = oh * cache.strides[0] - cache.padding[0][0], ow * cache.strides[1] - cache.padding[1][0]
    return [
        (h, w)
        for h in range(h0, h0 + cache.pool_size[0])
        for w in range(w0, w0 + cache.pool_size[1])
        if 0 <= h < height and 0 <= w < width
    ]
