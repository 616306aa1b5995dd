"""zero_padding2d and cropping2d in loops."""

from __future__ import annotations

import numpy as np

from ..types import FloatArray, Pair


def zero_padding2d_forward(x: FloatArray, *, padding: tuple[Pair, Pair]) -> tuple[FloatArray, tuple[Pair, Pair]]:
    """Y[top + h, left + w] = x[h, w], and 0 elsewhere."""
    (top, bottom), (left, right) = padding
    n, height, width, channels = x.shape
    y = np.zeros((n, top + height + bottom, left + width + right, channels), x.dtype)
    for i, h, w, c in np.ndindex(*x.shape):
        y[i, top + h, left + w, c] = x[i, h, w, c]
    return y, padding


def zero_padding2d_backward(dy: FloatArray, padding: tuple[Pair, Pair]) -> FloatArray:
    """dx[h, w] = dy[top + h, left + w]."""
    return cropping2d_forward(dy, cropping=padding)[0]


def cropping2d_forward(x: FloatArray, *, cropping: tuple[Pair, Pair]) -> tuple[FloatArray, tuple[Pair, Pair]]:
    """Y[h, w] = x[top + h, left + w]."""
    (top, bottom), (left, right) = cropping
    n, height, width, channels = x.shape
    y = np.empty((n, height - top - bottom, width - left - right, channels), x.dtype)
    for i, h, w, c in np.ndindex(*y.shape):
        y[i, h, w, c] = x[i, top + h, left + w, c]
    return y, cropping


def cropping2d_backward(dy: FloatArray, cropping: tuple[Pair, Pair]) -> FloatArray:
    """dx[top + h, left + w] = dy[h, w], and 0 elsewhere."""
    return zero_padding2d_forward(dy, padding=cropping)[0]
