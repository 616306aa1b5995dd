"""upsampling2d in NumPy.

An output's *phase* (its position modulo the factor) decides its weights, so each phase is one strided slice.
"""

from __future__ import annotations

import numpy as np

from ..types import FloatArray, Pair
from .cache import UpSamplingCache
from .weights import neighbours


def upsampling2d_forward(
    x: FloatArray, *, size: Pair, interpolation: str = "nearest"
) -> tuple[FloatArray, UpSamplingCache]:
    """Enlarge the rows, then the columns."""
    cache = (x.shape, size, interpolation)
    if interpolation == "bilinear":
        return _enlarge(_enlarge(x, 1, size[0]), 2, size[1]), cache
    images, height, width, channels = x.shape
    y = np.empty((images, height, size[0], width, size[1], channels), x.dtype)
    y[...] = x[:, :, None, :, None, :]
    return y.reshape(images, height * size[0], width * size[1], channels), cache


def upsampling2d_backward(dy: FloatArray, cache: UpSamplingCache) -> FloatArray:
    """Go back through the columns, then the rows."""
    shape, size, interpolation = cache
    if interpolation == "bilinear":
        return _enlarge_backward(_enlarge_backward(dy, 2, size[1]), 1, size[0])
    dx = np.zeros(shape, dy.dtype)
    for i in range(size[0]):
        for j in range(size[1]):
            dx += dy[:, i :: size[0], j :: size[1]]
    return dx


def _enlarge(x: FloatArray, axis: int, factor: int) -> FloatArray:
    """Blend along one axis; the border's pixel is repeated once on both sides for those beyond it."""
    n = x.shape[axis]
    if factor == 1 or n == 0:
        return x
    extended = np.concatenate([_part(x, axis, slice(0, 1)), x, _part(x, axis, slice(n - 1, n))], axis=axis)
    shape = list(x.shape)
    shape[axis] = n * factor
    y = np.empty(shape, x.dtype)
    for phase in range(factor):
        low, t = neighbours(phase, factor)
        target = _part(y, axis, slice(phase, None, factor))
        np.multiply(_part(extended, axis, slice(low + 1, low + 1 + n)), 1 - t, out=target)
        target += _part(extended, axis, slice(low + 2, low + 2 + n)) * t
    return y


def _enlarge_backward(dy: FloatArray, axis: int, factor: int) -> FloatArray:
    """The same weights the other way; what went to the repeated border pixels belongs to the border's pixels."""
    n = dy.shape[axis] // factor
    if factor == 1 or n == 0:
        return dy
    shape = list(dy.shape)
    shape[axis] = n + 2
    extended = np.zeros(shape, dy.dtype)
    for phase in range(factor):
        low, t = neighbours(phase, factor)
        upstream = _part(dy, axis, slice(phase, None, factor))
        _part(extended, axis, slice(low + 1, low + 1 + n))[...] += upstream * (1 - t)
        _part(extended, axis, slice(low + 2, low + 2 + n))[...] += upstream * t
    dx = _part(extended, axis, slice(1, n + 1))
    _part(dx, axis, slice(0, 1))[...] += _part(extended, axis, slice(0, 1))
    _part(dx, axis, slice(n - 1, n))[...] += _part(extended, axis, slice(n + 1, n + 2))
    return dx


def _part(x: FloatArray, axis: int, positions: slice) -> FloatArray:
    """Return a view of these positions of one axis."""
    return x[(slice(None),) * axis + (positions,)]
