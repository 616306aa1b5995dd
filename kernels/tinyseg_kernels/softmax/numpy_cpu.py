"""softmax in NumPy."""

from __future__ import annotations

import numpy as np

from ..types import Array, FloatArray
from .cache import SoftmaxCache


def softmax_forward(x: FloatArray, *, axis: int = -1) -> tuple[FloatArray, SoftmaxCache]:
    """y = exp(x - max) / sum, in one new array."""
    y: Array = np.subtract(x, x.max(axis=axis, keepdims=True, initial=-np.inf))
    np.exp(y, out=y)
    y /= y.sum(axis=axis, keepdims=True)
    return y, (y, axis)


def softmax_backward(dy: FloatArray, cache: tuple[Array, int]) -> FloatArray:
    """dx = y * (dy - sum of dy * y)."""
    y, axis = cache
    dx: Array = dy * y
    dx -= y * dx.sum(axis=axis, keepdims=True)
    return dx
