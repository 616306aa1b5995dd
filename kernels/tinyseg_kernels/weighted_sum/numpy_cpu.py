"""weighted_sum in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..types import Array, Cache


def weighted_sum_forward(
    losses: Array, weight: Array | None = None, valid: Array | None = None, *, divisor: float = 1.0, dtype: Any = None
) -> tuple[float, Cache]:
    """Weigh in the losses' dtype, add up in float64."""
    weighted = losses if weight is None else losses * weight
    if valid is not None:
        weighted = np.where(valid, weighted, 0)  # an ignored position may hold anything, also NaN
    value = float(weighted.sum(dtype=np.float64)) / divisor
    return value, (losses.shape, weight, divisor, dtype)


def weighted_sum_backward(dvalue: float, cache: Cache) -> Array:
    """dl = w / D * dvalue."""
    shape, weight, divisor, dtype = cache
    factor = dtype.type(dvalue / divisor)
    return (
        np.full(shape, factor, dtype)
        if weight is None
        else np.broadcast_to((weight * factor).astype(dtype, copy=False), shape)
    )


def without_ignored(gradient: Array, valid: Array) -> Array:
    """Clear ignored positions if one of them is not finite; elsewhere their gradient is 0 already, since their weight is."""
    if np.isfinite(gradient.sum()):
        return gradient
    return np.where(valid[..., None], gradient, 0)
