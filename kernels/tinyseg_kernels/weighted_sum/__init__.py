r"""The loss of a batch from the losses of its positions: a weighted sum, in float64.

    value = sum over positions of w * l / D           dl = w / D * dvalue

Positions that are not valid count for nothing, whatever their loss is: 0 * NaN would be NaN. On a GPU the value stays there, as an array without axes,
so that training does not wait for it; on a CPU it is a number. The sum has the same bits in every run.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..backend import rung
from ..checks import check_float
from ..errors import InvalidInput
from ..gpu.arrays import check_place
from ..types import FLOATS, Array, Cache


def weighted_sum_forward(
    losses: Array, weight: Array | None = None, valid: Array | None = None, *, divisor: float = 1.0, dtype: Any = None
) -> tuple[Any, Cache]:
    """Return the weighted sum of losses.

    Args:
        losses: Of any shape, float32 or float64.
        weight: Weights of as many axes that broadcast over the losses; 0 where a position is not valid. None: all weigh 1.
        valid: Which positions count (bool), of the losses' shape. None: all.
        divisor: D.
        dtype: dtype of dl, such as that of the predictions; that of the losses when None.

    Returns:
        value (float64) and the cache.

    Raises:
        InvalidInput: Shapes or dtypes that do not fit.
    """
    check_float("weighted_sum", losses=losses)
    check_float("weighted_sum", weight=weight)
    fits = weight is None or (
        weight.ndim == losses.ndim and all(a in (1, b) for a, b in zip(weight.shape, losses.shape, strict=True))
    )
    if not fits:
        assert weight is not None
        raise InvalidInput(f"weighted_sum: expected weight that broadcasts over {losses.shape}, got {weight.shape}")
    if valid is not None:
        check_place("weighted_sum", "valid", valid)
        if valid.shape != losses.shape or valid.dtype != np.bool_:
            raise InvalidInput(
                f"weighted_sum: expected valid of shape {losses.shape} and bool, got {valid.shape} and {valid.dtype}"
            )
    kind = losses.dtype if dtype is None else np.dtype(dtype)
    if kind not in FLOATS:
        raise InvalidInput(f"weighted_sum: dtype: expected float32 or float64, got {kind}")
    result: tuple[Any, Cache] = rung("weighted_sum").weighted_sum_forward(
        losses, weight, valid, divisor=float(divisor), dtype=kind
    )
    return result


def weighted_sum_backward(dvalue: float, cache: Cache) -> Array:
    """Return dl = w / D * dvalue, of the losses' shape."""
    dl: Array = rung("weighted_sum").weighted_sum_backward(float(dvalue), cache)
    return dl


def without_ignored(gradient: Array, valid: Array) -> Array:
    """Return a gradient (..., C) with 0 at the positions that are not valid (...): an ignored position may hold anything, and 0 * NaN is NaN.

    On a GPU the array that was given is changed.
    """
    cleared: Array = rung("weighted_sum").without_ignored(gradient, valid)
    return cleared
