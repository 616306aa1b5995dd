"""weighted_sum in NumPy."""

from __future__ import annotations

import numpy as np

from ..types import BoolArray, FloatArray, FloatDType
from .cache import WeightedSumCache


def weighted_sum_forward(
    losses: FloatArray, weight: FloatArray | None, valid: BoolArray | None, *, divisor: float, dtype: FloatDType
) -> tuple[float, WeightedSumCache]:
    """Weigh in the losses' dtype, add up in float64."""
    weighted = losses if weight is None else losses * weight
    if valid is not None:
        weighted = np.where(valid, weighted, 0)  # an ignored position may hold anything, also NaN
    value = float(weighted.sum(dtype=np.float64)) / divisor
    return value, (losses.shape, weight, divisor, dtype)


def weighted_sum_backward(dvalue: float, cache: WeightedSumCache) -> FloatArray:
    """dl = w / D * dvalue."""
    shape, weight, divisor, dtype = cache
    factor = dtype.type(dvalue / divisor)
    return (
        np.full(shape, factor, dtype)
        if weight is None
        else np.broadcast_to((weight * factor).astype(dtype, copy=False), shape)
    )


def without_ignored(gradient: FloatArray, valid: BoolArray) -> FloatArray:
    """Clear ignored positions if one of them is not finite.

    Elsewhere their gradient is 0 already, since their weight is.
    """
    if np.isfinite(gradient.sum()):
        return gradient
    return np.where(valid[..., None], gradient, 0)
