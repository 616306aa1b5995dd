"""dropout in loops."""

from __future__ import annotations

import numpy as np

from ..types import Array
from .mask import kept


def dropout_forward(x: Array, *, rate: float, seed: int, step: int = 0) -> tuple[Array, tuple[Array, float]]:
    """X / (1 - rate) where kept, else 0."""
    cache = (kept(x.shape, rate, seed, step), rate)
    return dropout_backward(x, cache), cache  # the same linear function both ways


def dropout_backward(dy: Array, cache: tuple[Array, float]) -> Array:
    """Dy / (1 - rate) where kept, else 0."""
    mask, rate = cache
    dx = np.zeros(dy.shape, dy.dtype)
    for place in np.ndindex(dy.shape):
        if mask[place]:
            dx[place] = dy[place] / (1 - rate)
    return dx
