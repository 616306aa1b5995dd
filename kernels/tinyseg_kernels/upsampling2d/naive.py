"""upsampling2d in loops."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..types import FloatArray, Pair
from .cache import UpSamplingCache
from .weights import neighbours


def upsampling2d_forward(
    x: FloatArray, *, size: Pair, interpolation: str = "nearest"
) -> tuple[FloatArray, UpSamplingCache]:
    """Y[oh, ow] = sum of weight * x[h, w] over the pixels that it is made of."""
    images, height, width, channels = x.shape
    y = np.zeros((images, height * size[0], width * size[1], channels), x.dtype)
    for n, oh, ow, c in np.ndindex(*y.shape):
        for h, a in _sources(oh, size[0], height, interpolation):
            for w, b in _sources(ow, size[1], width, interpolation):
                y[n, oh, ow, c] += a * b * x[n, h, w, c]
    return y, (x.shape, size, interpolation)


def upsampling2d_backward(dy: FloatArray, cache: UpSamplingCache) -> FloatArray:
    """dx[h, w] += weight * dy[oh, ow], over the same pairs."""
    shape, size, interpolation = cache
    dx = np.zeros(shape, dy.dtype)
    for n, oh, ow, c in np.ndindex(*dy.shape):
        for h, a in _sources(oh, size[0], shape[1], interpolation):
            for w, b in _sources(ow, size[1], shape[2], interpolation):
                dx[n, h, w, c] += a * b * dy[n, oh, ow, c]
    return dx


def _sources(o: int, factor: int, length: int, interpolation: str) -> Iterator[tuple[int, float]]:
    """Yield (position, weight) of the input pixels that output pixel o of an axis is made of."""
    if interpolation == "nearest":
        yield o // factor, 1.0
        return
    low, t = neighbours(o % factor, factor)
    for position, weight in ((o // factor + low, 1 - t), (o // factor + low + 1, t)):
        yield min(max(position, 0), length - 1), weight
