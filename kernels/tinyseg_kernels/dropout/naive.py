"""dropout in loops."""

from __future__ import annotations

import numpy as np

from ..types import FloatArray
from .cache import DropoutCache
from .mask import kept


def dropout_forward(x: FloatArray, *, rate: float, seed: int, step: int = 0) -> tuple[FloatArray, DropoutCache]:
    """x / (1 - rate) where kept, else 0."""
    cache = (kept(x.shape, rate, seed, step), rate)
    return dropout_backward(x, cache), cache  # the same linear function both ways


def dropout_backward(dy: FloatArray, cache: DropoutCache) -> FloatArray:
    """dy / (1 - rate) where kept, else 0."""
    mask, rate = cache
    dx = np.zeros(dy.shape, dy.dtype)
    for place in np.ndindex(dy.shape):
        if mask[place]:
            dx[place] = dy[place] / (1 - rate)
    return dx
