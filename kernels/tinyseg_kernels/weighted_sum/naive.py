"""weighted_sum in loops."""

from __future__ import annotations

import numpy as np

from ..types import BoolArray, FloatArray, FloatDType
from .cache import LoopCache


def weighted_sum_forward(
    losses: FloatArray, weight: FloatArray | None, valid: BoolArray | None, *, divisor: float, dtype: FloatDType
) -> tuple[float, LoopCache]:
    """value = sum of w * l / D over the valid positions."""
    weights = np.broadcast_to(1.0 if weight is None else weight, losses.shape)
    value = 0.0
    for place in np.ndindex(losses.shape):
        if valid is None or valid[place]:
            value += float(weights[place]) * float(losses[place])
    return value / divisor, (weights, divisor, dtype)


def weighted_sum_backward(dvalue: float, cache: LoopCache) -> FloatArray:
    """dl = w / D * dvalue."""
    weights, divisor, dtype = cache
    dl = np.empty(weights.shape, dtype)
    for place in np.ndindex(dl.shape):
        dl[place] = float(weights[place]) / divisor * dvalue
    return dl


def without_ignored(gradient: FloatArray, valid: BoolArray) -> FloatArray:
    """0 at the positions that are not valid."""
    cleared = gradient.copy()
    for place in np.ndindex(valid.shape):
        if not valid[place]:
            cleared[place] = 0
    return cleared
