"""dropout in NumPy."""

from __future__ import annotations

import numpy as np

from ..types import Array, FloatArray
from .cache import DropoutCache
from .mask import kept


def dropout_forward(x: FloatArray, *, rate: float, seed: int, step: int = 0) -> tuple[FloatArray, DropoutCache]:
    """x * mask / (1 - rate)."""
    cache = (kept(x.shape, rate, seed, step), rate)
    return dropout_backward(x, cache), cache  # the same linear function both ways


def dropout_backward(dy: FloatArray, cache: DropoutCache) -> FloatArray:
    """dy * mask / (1 - rate)."""
    mask, rate = cache
    dx: Array = np.where(mask, dy, dy.dtype.type(0))  # not a product: what is dropped is 0 even if it was infinite
    dx /= 1 - rate
    return dx
