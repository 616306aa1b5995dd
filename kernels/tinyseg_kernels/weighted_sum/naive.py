"""weighted_sum in loops."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..types import Array, Cache


def weighted_sum_forward(
    losses: Array, weight: Array | None = None, valid: Array | None = None, *, divisor: float = 1.0, dtype: Any = None
) -> tuple[float, Cache]:
    """value = sum of w * l / D over the valid positions."""
    weights = np.broadcast_to(1.0 if weight is None else weight, losses.shape)
    value = 0.0
    for place in np.ndindex(losses.shape):
        if valid is None or valid[place]:
            value += float(weights[place]) * float(losses[place])
    return value / divisor, (weights, divisor, dtype)


def weighted_sum_backward(dvalue: float, cache: Cache) -> Array:
    """dl = w / D * dvalue."""
    weights, divisor, dtype = cache
    dl = np.empty(weights.shape, dtype)
    for place in np.ndindex(dl.shape):
        dl[place] = float(weights[place]) / divisor * dvalue
    return dl


def without_ignored(gradient: Array, valid: Array) -> Array:
    """0 at the positions that are not valid."""
    cleared = gradient.copy()
    for place in np.ndindex(valid.shape):
        if not valid[place]:
            cleared[place] = 0
    return cleared
