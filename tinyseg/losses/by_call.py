r"""Losses that say all in one function.

`call(y_true, y_pred)` returns (value, gradient), or the value alone, which is enough to evaluate but not to train.

    value     a number, the loss of the batch; or an array of one loss per sample (N,) or position (N, ...), which are weighted and averaged as those of tinyseg's losses
    gradient  of y_pred's shape: the gradient of that number by y_pred; with an array, of each sample's (position's) own loss by its own predictions, not divided by their count

Labels come in the predictions' dtype, as in Keras; class ids become indices by `y_true.astype(int)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from tinyseg_kernels.caches import Kept
from tinyseg_kernels.checks import check_float
from tinyseg_kernels.device import is_array, is_device_array, like, to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array, FloatArray
from tinyseg_kernels.weighted_sum import weighted_sum_backward, weighted_sum_forward

from tinyseg.utils.brought import as_values, called, labels_and_predictions, shown
from tinyseg.utils.types import ArrayLike, Weights

from .labels import as_position_weights
from .reduction import divisor_of

if TYPE_CHECKING:
    pass

CallCache: TypeAlias = tuple[str, Array | None, Kept | None]
"""The loss's name, its gradient if the function returned one, and of the sum over several losses."""

WHAT = "a number, or an array with the loss of each sample (N,) or position (N, ...)"


def forward(self: Any, y_true: ArrayLike, y_pred: FloatArray, sample_weight: Weights = None) -> tuple[Any, CallCache]:
    """Call the function and make one number of what it returns."""
    name = self.name
    check_float(name, y_pred=y_pred)
    if self.class_weight is not None or self.ignore_class is not None:
        raise InvalidInput(
            f"{name}: class_weight and ignore_class: a loss by `call` has none; write positions and target"
        )
    labels, predictions = labels_and_predictions(name, y_true, y_pred)
    results = called(name, self.call, labels, predictions)
    values, gradient = results if isinstance(results, tuple) and len(results) == 2 else (results, None)
    values = as_values(name, values, y_pred, WHAT)
    if gradient is not None:
        gradient = _checked(name, gradient, y_pred)
    if not is_array(values) or values.ndim == 0:
        if sample_weight is not None:
            raise InvalidInput(
                f"{name}: sample_weight and class_weight weigh the losses of samples, and the function returns one number; return one loss per sample"
            )
        _refuse_nan(name, values, y_pred)
        return values, (name, gradient, None)
    _refuse_nan(name, values, y_pred)
    weight = as_position_weights(name, to_host(sample_weight), values.shape)
    weight = None if weight is None else like(y_pred, weight.astype(y_pred.dtype, copy=False))
    divisor = divisor_of(self.reduction, values.size, weight, values.shape)
    value, cache = weighted_sum_forward(
        values.astype(y_pred.dtype, copy=False), weight, None, divisor=divisor, dtype=y_pred.dtype
    )
    return value, (name, gradient, cache)


def backward(self: Any, dloss: float, cache: CallCache) -> FloatArray:
    """Return the gradient by y_pred, times dloss.

    Raises:
        InvalidInput: The function returned the value alone.
    """
    name, gradient, sum_cache = cache
    if gradient is None:
        raise InvalidInput(
            f"{name}: the function returns the loss alone, which is enough to evaluate but not to train; return (value, gradient by y_pred)"
        )
    if sum_cache is None:
        return gradient * gradient.dtype.type(dloss)
    dl = weighted_sum_backward(dloss, sum_cache)
    return gradient * dl.reshape(dl.shape + (1,) * (gradient.ndim - dl.ndim))


def _checked(name: str, gradient: object, y_pred: FloatArray) -> Array:
    if not is_array(gradient) or gradient.shape != y_pred.shape or gradient.dtype.kind != "f":
        raise InvalidInput(
            f"{name}: gradient by y_pred: expected y_pred's shape {y_pred.shape} and {y_pred.dtype}, got {shown(gradient)}"
        )
    _refuse_nan(f"{name}: gradient by y_pred", gradient, y_pred)
    return gradient.astype(y_pred.dtype, copy=False)


def _refuse_nan(name: str, values: Any, y_pred: FloatArray) -> None:
    """Raise for a function that makes NaN or infinity of good predictions; bad ones tell themselves."""
    if is_device_array(values):
        return  # looking at it would make the host wait for the device
    with np.errstate(all="ignore"):
        suspicious = not np.isfinite(
            np.sum(values)
        )  # one pass without a temporary; only then it is worth looking closer
    if suspicious and not np.isfinite(values).all() and np.isfinite(y_pred).all():
        raise InvalidInput(f"{name}: the function returns NaN or infinity for predictions that are neither")
