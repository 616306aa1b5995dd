"""Plain functions that somebody brings along.

They are called with arrays that they cannot change, on labels that mean the same whatever their dtype.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from tinyseg_kernels.device import is_array, like, to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array


def read_only(array: Array) -> Array:
    """Return a view that raises when it is written to, which would change what others compute with."""
    if not isinstance(array, np.ndarray):
        return array
    view = array.view()
    view.flags.writeable = False
    return view


def labels_and_predictions(name: str, y_true: Any, y_pred: Array) -> tuple[Array, Array]:
    """Return labels in the predictions' dtype, as Keras gives them to a function, and predictions, both read-only.

    Labels without the last axis get one where the predictions' has length 1: else the two would be broadcast to an
    array of pairs.
    """
    labels = np.asarray(to_host(y_true))
    if labels.dtype.kind not in "iubf":
        raise InvalidInput(f"{name}: expected labels that are numbers, got dtype {labels.dtype}")
    if labels.ndim == y_pred.ndim - 1 and y_pred.shape[-1] == 1:
        labels = labels[..., None]
    if labels.ndim == 0 or len(labels) != len(y_pred):
        raise InvalidInput(f"{name}: expected labels for {len(y_pred)} predictions, got shape {labels.shape}")
    return read_only(like(y_pred, labels.astype(y_pred.dtype, copy=False))), read_only(y_pred)


def called(name: str, function: Callable[..., Any], *arrays: Array) -> Any:
    """Call a function; raises InvalidInput when it cannot be called so, or changes its arguments."""
    try:
        return function(*arrays)
    except TypeError as error:
        if _is_of_the_call(error):
            raise InvalidInput(f"{name}: the function cannot be called with {len(arrays)} arrays: {error}") from error
        raise
    except ValueError as error:
        if "read-only" in str(error):
            raise InvalidInput(
                f"{name}: the function changes its arguments in place; begin with a copy of them"
            ) from error
        raise


def _is_of_the_call(error: TypeError) -> bool:
    """Whether it was the call that failed, in tinyseg, not something within the function."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    return at is not None and str(at.tb_frame.f_globals.get("__name__", "")).partition(".")[0] == "tinyseg"


def shown(value: object) -> str:
    """Return what a value is, for an error."""
    if is_array(value):
        return f"shape {value.shape} and {value.dtype}"
    if isinstance(value, (tuple, list)) and len(value) <= 4:
        return f"a {type(value).__name__} of {', '.join(shown(item) for item in value) or 'nothing'}"
    return "None" if value is None else f"{type(value).__name__} {value!r}"[:80]


def as_values(name: str, values: object, y_pred: Array, what: str) -> Any:
    """Return a float, or an array with one number per sample or position, in float.

    Raises:
        InvalidInput: Anything else.
    """
    if isinstance(values, (bool, np.bool_)) or not (is_array(values) or isinstance(values, (int, float, np.number))):
        raise InvalidInput(f"{name}: expected {what}, got {shown(values)}")
    array = values if is_array(values) else np.asarray(values)
    if array.dtype.kind not in "fiub" or array.shape != y_pred.shape[: array.ndim]:
        raise InvalidInput(f"{name}: expected {what} for predictions of shape {y_pred.shape}, got {shown(array)}")
    if array.ndim == 0:
        return float(array) if isinstance(array, np.ndarray) else array
    return array if array.dtype.kind == "f" else array.astype(y_pred.dtype)
