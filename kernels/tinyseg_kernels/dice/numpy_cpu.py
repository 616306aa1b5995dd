"""dice in NumPy."""

from __future__ import annotations

import numpy as np

from ..types import Array, FloatArray
from . import EPSILON
from .cache import DiceCache


def dice_forward(p: FloatArray, target: FloatArray, *, axes: tuple[int, ...]) -> tuple[FloatArray, DiceCache]:
    """Return the loss of each region: of p's shape without the axes summed over."""

    def total(array: Array) -> FloatArray:
        # In float64: NumPy adds millions of float32 pixels one by one to a sum that soon is too large to notice them.
        return array.sum(axes, dtype=np.float64, keepdims=True)

    size = total(target) + total(p) + EPSILON
    dice = 2 * total(target * p) / size
    return np.asarray(1 - dice.squeeze(axes)), (target, dice.astype(p.dtype), size.astype(p.dtype))


def dice_backward(dloss: FloatArray, cache: DiceCache) -> FloatArray:
    """Return (2 I / S - 2 t) / S * dloss."""
    target, dice, size = cache
    dp: Array = dice - 2 * target
    dp *= dloss.reshape(size.shape) / size
    return dp
