"""Labels against predictions: what fits, and what to say when it does not."""

from __future__ import annotations

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.utils.types import ArrayLike, Weights

LARGEST_EXACT = 2**53
"""Up to here float64 holds every integer."""

LARGEST_WEIGHT = float(np.finfo(np.float32).max)
"""Weights of samples, classes and losses are at most this: a larger one is infinite where float32 is computed."""


def as_numbers(name: str, y_true: ArrayLike) -> Array:
    """Turn labels into an array of numbers."""
    array = np.asarray(y_true)
    if array.dtype.kind not in "iubf":
        raise InvalidInput(f"{name}: expected labels that are numbers, got dtype {array.dtype}")
    return array


def as_same_shape(name: str, y_true: ArrayLike, y_pred: FloatArray, hint: str = "") -> Array:
    """Return labels of the predictions' shape and dtype; a last axis of length 1 may be missing or too many."""
    labels, shape = as_numbers(name, y_true), y_pred.shape
    if shape == (*labels.shape, 1) or labels.shape == (*shape, 1):
        labels = labels.reshape(shape)
    if labels.shape != shape:
        raise InvalidInput(f"{name}: expected labels of the predictions' shape {shape}, got {labels.shape}{hint}")
    return labels.astype(y_pred.dtype, copy=False)


def as_shares(name: str, y_true: ArrayLike, y_pred: FloatArray, hint: str = "") -> Array:
    """Return labels of the predictions' shape and dtype; refuses those below 0 or above 1."""
    labels = as_same_shape(name, y_true, y_pred, hint)
    if labels.size and not (labels.min() >= 0 and labels.max() <= 1):  # also catches NaN
        more = "; labels of 0 and 255 become 0 and 1 by y / 255" if labels.max() == 255 else ""
        raise InvalidInput(f"{name}: expected labels from 0 to 1, got from {labels.min()} to {labels.max()}{more}")
    return labels


def as_exact(name: str, y_true: ArrayLike, y_pred: FloatArray) -> Array:
    """Return labels of the predictions' shape and dtype that are any numbers.

    Integers that no float holds are refused.
    """
    labels = as_numbers(name, y_true)
    if labels.dtype.kind in "iu" and labels.dtype.itemsize == 8 and labels.size:
        largest = max(int(labels.max()), -int(labels.min()))
        if largest > LARGEST_EXACT:
            raise InvalidInput(
                f"{name}: expected labels of at most 2**53, beyond which floats leave integers out, got {largest}"
            )
    return as_same_shape(name, labels, y_pred)


def whole_numbers(name: str, what: str, values: Array) -> Array:
    """Return numbers as integers of the machine's byte order.

    Refuses NaN, infinity and fractions instead of cutting them.
    """
    if values.dtype.kind in "iu":
        return values.astype(values.dtype.newbyteorder("="), copy=False)
    if values.dtype.kind == "b":
        return values.astype(np.int64)
    whole = np.isfinite(values) & (np.floor(values) == values)
    if not whole.all():
        raise InvalidInput(f"{name}: expected whole numbers as {what}, got {values[~whole][0]}")
    if values.size and float(abs(values).max()) > LARGEST_EXACT:
        raise InvalidInput(f"{name}: expected {what} of at most 2**53, got {abs(values).max()}")
    return values.astype(np.int64)


def as_class_ids(
    name: str, y_true: ArrayLike, y_pred: FloatArray, ignore_class: int | None = None
) -> tuple[Array, Array | None]:
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
    ids = whole_numbers(name, "class ids", labels)
    valid = None
    if ignore_class is not None:
        valid = ids != ignore_class
        ids = np.where(valid, ids, 0)
    if ids.size and (int(ids.min()) < 0 or int(ids.max()) >= classes):
        place = tuple(int(i) for i in np.argwhere((ids < 0) | (ids >= classes))[0])
        hint = ""
        if set(np.unique(ids).tolist()) <= {0, 255} and classes == 2:
            hint = "; labels of 0 and 255 become class ids by y // 255"
        elif ids[place] in (-1, 255):
            hint = (
                f"; where it marks pixels to be left out, every loss and metric has to know: ignore_class={ids[place]}"
            )
            if "accuracy" in name:
                hint += f", here by metrics.PixelAccuracy({classes}, ignore_class={ids[place]})"
        raise InvalidInput(
            f"{name}: expected class ids from 0 to {classes - 1} (the predictions have {classes} classes), "
            f"got {ids[place]} at index {place}{hint}"
        )
    return ids, valid


def as_position_weights(name: str, sample_weight: Weights, shape: tuple[int, ...]) -> Array | None:
    """Bring sample weights to a shape that broadcasts over positions from the left: (N,) weighs whole samples."""
    if sample_weight is None:
        return None
    weight = np.asarray(sample_weight)
    if weight.ndim == len(shape) + 1 and weight.shape[-1] == 1:
        weight = weight[..., 0]
    fits = weight.ndim <= len(shape) and all(a in (1, b) for a, b in zip(weight.shape, shape, strict=False))
    if not fits or weight.ndim == 0:
        raise InvalidInput(
            f"{name}: expected sample_weight of shape {shape[:1]} or {shape} (one per sample or per position), "
            f"got {weight.shape}"
        )
    return weight.reshape(weight.shape + (1,) * (len(shape) - weight.ndim))
