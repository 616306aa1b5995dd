"""dice in NumPy."""

from __future__ import annotations

import numpy as np

from ..types import Array, FloatArray
from .cache import DiceCache


def dice_forward(
    p: FloatArray, target: FloatArray, *, axes: tuple[int, ...], extra: float, missed: float, epsilon: float
) -> tuple[FloatArray, DiceCache]:
    """Return the loss of each region: of p's shape without the axes summed over."""

    def total(array: Array) -> FloatArray:
        # In float64: NumPy adds millions of float32 pixels one by one to a sum that soon is too large to notice them.
        return array.sum(axes, dtype=np.float64, keepdims=True)

    loss, offset, slope = of_sums(total(target * p), total(p), total(target), extra, missed, epsilon)
    return np.asarray(loss.squeeze(axes)), (target, offset.astype(p.dtype), slope.astype(p.dtype))


def of_sums(
    both: FloatArray, found: FloatArray, truth: FloatArray, extra: float, missed: float, epsilon: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return loss, offset and slope of each region from its sums I, P and T."""
    rest = 1 - extra - missed
    size = rest * both + extra * found + missed * truth + epsilon
    overlap = both / size
    return 1 - overlap, overlap * extra / size, (rest * overlap - 1) / size


def dice_backward(dloss: FloatArray, cache: DiceCache) -> FloatArray:
    """Return (offset + slope * t) * dloss."""
    target, offset, slope = cache
    dloss = dloss.reshape(slope.shape)
    dp: Array = target * (slope * dloss)
    dp += offset * dloss
    return dp
