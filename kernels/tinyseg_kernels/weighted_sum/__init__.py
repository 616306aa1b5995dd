r"""The loss of a batch from the losses of its positions: a weighted sum, in float64.

    value = sum over positions of w * l / D           dl = w / D * dvalue

Positions that are not valid count for nothing, whatever their loss is: 0 * NaN would be NaN. On a GPU the value stays
there, as an array without axes, so that training does not wait for it; on a CPU it is a number. The sum has the same
bits in every run.

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.weighted_sum import weighted_sum_backward, weighted_sum_forward
    >>> total, cache = weighted_sum_forward(np.array([1.0, 3.0]), np.array([1.0, 0.0]))
    >>> float(total)
    1.0
"""

from __future__ import annotations

from math import inf

import numpy as np

from ..backend import rung
from ..caches import Kept, cache_of, keep
from ..checks import as_kind, as_number, as_scalar, check_float
from ..device import check_array
from ..errors import InvalidInput
from ..types import BoolArray, DTypeLike, FloatArray


def weighted_sum_forward(
    losses: FloatArray, weight: FloatArray | None = None, valid: BoolArray | None = None, *, divisor: float = 1.0,
    dtype: DTypeLike | None = None,
) -> tuple[float | FloatArray, Kept]:  # fmt: skip
    """Return the weighted sum of losses.

    Args:
        losses: Of any shape, float32 or float64.
        weight: Weights of as many axes that broadcast over the losses; 0 where not valid. None: all weigh 1.
        valid: Which positions count (bool), of the losses' shape. None: all.
        divisor: D.
        dtype: dtype of dl, such as that of the predictions; that of the losses when None.

    Returns:
        value (float64) and the cache.

    Raises:
        InvalidInput: Shapes or dtypes that do not fit.
    """
    check_float("weighted_sum", losses=losses)
    if weight is not None:
        _check_weight(weight, losses.shape)
    if valid is not None:
        _check_valid("weighted_sum", valid, losses.shape)
    kind = losses.dtype if dtype is None or dtype is losses.dtype else as_kind("weighted_sum: dtype", dtype)
    if type(divisor) is not float or not 1e-300 < divisor < inf:
        divisor = as_number("weighted_sum: divisor", divisor, "a number above 0", 1e-300)
    options = {"divisor": divisor, "dtype": kind}
    return keep("weighted_sum", *rung("weighted_sum").weighted_sum_forward(losses, weight, valid, **options))


def weighted_sum_backward(dvalue: float, cache: Kept) -> FloatArray:
    """Return dl = w / D * dvalue, of the losses' shape."""
    dvalue = dvalue if type(dvalue) is float else as_scalar("weighted_sum_backward: dvalue", dvalue)
    return rung("weighted_sum").weighted_sum_backward(dvalue, cache_of("weighted_sum", cache))


def without_ignored(gradient: FloatArray, valid: BoolArray) -> FloatArray:
    """Return a gradient (..., C) with 0 at the positions that are not valid (...).

    An ignored position may hold anything, and 0 * NaN is NaN.

    On a GPU the array that was given is changed.
    """
    check_float("without_ignored", gradient=gradient)
    _check_valid("without_ignored", valid, gradient.shape[:-1])
    cleared: FloatArray = rung("weighted_sum").without_ignored(gradient, valid)
    return cleared


def _check_valid(operation: str, valid: BoolArray, shape: tuple[int, ...]) -> None:
    """Check which positions count."""
    check_array(operation, "valid", valid)
    if valid.shape != shape or valid.dtype != np.bool_:
        raise InvalidInput(
            f"{operation}: expected valid of shape {shape} and bool, got {valid.shape} and {valid.dtype}"
        )


def _check_weight(weight: FloatArray, shape: tuple[int, ...]) -> None:
    """Check weights of positions of this shape."""
    check_float("weighted_sum", weight=weight)
    if weight.ndim != len(shape) or not all(a in (1, b) for a, b in zip(weight.shape, shape, strict=True)):
        raise InvalidInput(f"weighted_sum: expected weight that broadcasts over {shape}, got {weight.shape}")
