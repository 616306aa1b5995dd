"""max_pool2d in loops."""

from __future__ import annotations

import math

import numpy as np

from ..types import FloatArray, Padding, Pair
from ..windows import explicit_padding, output_size
from .cache import PlacesCache


def max_pool2d_forward(
    x: FloatArray, *, pool_size: Pair, strides: Pair | None = None, padding: Padding = "valid"
) -> tuple[FloatArray, PlacesCache]:
    """The first largest number of each window; the cache says where it stood."""
    strides = strides or pool_size
    images, height, width, channels = x.shape
    pads = explicit_padding(padding, (height, width), pool_size, strides)
    out = output_size((height, width), pool_size, strides, pads)
    y = np.full((images, *out, channels), -np.inf, x.dtype)
    winner = np.zeros((images, *out, channels, 2), np.intp)
    for n, oh, ow, c in np.ndindex(*y.shape):
        seen = False
        for i in range(pool_size[0]):
            for j in range(pool_size[1]):
                h, w = oh * strides[0] - pads[0][0] + i, ow * strides[1] - pads[1][0] + j
                if not (0 <= h < height and 0 <= w < width):
                    continue
                best, value = y[n, oh, ow, c], x[n, h, w, c]
                if not seen or value > best or (math.isnan(value) and not math.isnan(best)):
                    seen = True
                    y[n, oh, ow, c], winner[n, oh, ow, c] = value, (h, w)
    return y, (winner, x.shape)


def max_pool2d_backward(dy: FloatArray, cache: PlacesCache) -> FloatArray:
    """dy to where the winner stood; += because windows may overlap."""
    winner, shape = cache
    dx = np.zeros(shape, dy.dtype)
    for n, oh, ow, c in np.ndindex(*dy.shape):
        h, w = winner[n, oh, ow, c]
        dx[n, h, w, c] += dy[n, oh, ow, c]
    return dx
