"""Labels against predictions: what fits, and what to say when it does not."""

from __future__ import annotations

from typing import Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array


def as_numbers(name: str, y_true: Any) -> Array:
    """Turn labels into an array of numbers."""
    array = np.asarray(y_true)
    if array.dtype.kind not in "iubf":
        raise InvalidInput(f"{name}: expected labels that are numbers, got dtype {array.dtype}")
    return array


def as_same_shape(name: str, y_true: Any, y_pred: Array, hint: str = "") -> Array:
    """Return labels of exactly the predictions' shape, in their dtype; a missing last axis of length 1 is added."""
    labels = as_numbers(name, y_true)
    if labels.ndim == y_pred.ndim - 1 and y_pred.shape[-1] == 1:
        labels = labels[..., None]
    if labels.shape != y_pred.shape:
        raise InvalidInput(
            f"{name}: expected labels of the predictions' shape {y_pred.shape}, got {labels.shape}{hint}"
        )
    return labels.astype(y_pred.dtype, copy=False)


def as_class_ids(name: str, y_true: Any, y_pred: Array, ignore_class: int | None = None) -> tuple[Array, Array | None]:
    """Return integer class ids of shape y_pred.shape[:-1], and which are valid (None: all).

    Ignored ids become 0, so that they can index; they count for nothing.
    """
    labels = as_numbers(name, y_true)
    shape, classes = y_pred.shape[:-1], y_pred.shape[-1]
    if labels.shape == (*shape, 1):
        labels = labels[..., 0]
    if labels.shape != shape:
        hint = ""
        if labels.shape == y_pred.shape:
            hint = "; these look one-hot: use CategoricalCrossentropy, or labels.argmax(axis=-1)"
        raise InvalidInput(
            f"{name}: expected class ids of shape {shape} for predictions {y_pred.shape}, got {labels.shape}{hint}"
        )
    ids = labels
    if labels.dtype.kind not in "iu":
        whole = np.isfinite(labels) & (np.floor(labels) == labels)
        if not whole.all():
            raise InvalidInput(f"{name}: expected whole numbers as class ids, got {labels[~whole][0]}")
        ids = labels.astype(np.int64)
    valid = None
    if ignore_class is not None:
        valid = ids != ignore_class
        ids = np.where(valid, ids, 0)
    if ids.size and (int(ids.min()) < 0 or int(ids.max()) >= classes):
        place = tuple(int(i) for i in np.argwhere((ids < 0) | (ids >= classes))[0])
        hint = ""
        if set(np.unique(ids).tolist()) <= {0, 255} and classes == 2:
            hint = "; labels of 0 and 255 become class ids by y // 255"
        raise InvalidInput(
            f"{name}: expected class ids from 0 to {classes - 1} (the predictions have {classes} classes), "
            f"got {ids[place]} at index {place}{hint}"
        )
    return ids, valid
