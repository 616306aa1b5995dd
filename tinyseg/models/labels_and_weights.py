"""Labels and weights of a batch: what cannot be learnt from, and class weights as weights of samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from tinyseg_kernels.device import to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.losses.labels import as_position_weights
from tinyseg.losses.loss import as_class_weights

if TYPE_CHECKING:
    from .training import Trainer


def cannot_train(model: Trainer) -> InvalidInput:
    """Make the error for a model that is not compiled, or a batch without labels."""
    if model.optimizer is None:
        return InvalidInput(f"{model.label}: call compile(optimizer=..., loss=...) before training or evaluating")
    if all(loss is None for loss in model.losses):
        return InvalidInput(
            f"{model.label}: compile was called without a loss; give one, such as 'categorical_crossentropy'"
        )
    return InvalidInput(f"{model.label}: expected labels y, got none")


def refuse_infinite(model: Trainer, what: str, array: Array) -> None:
    """Refuse an array that has NaN or infinity, or a number that is infinite in the model's dtype.

    Return if it was only the sum that is.

    Weights that are no numbers are refused too; what is no number in x or y is told by the network and the loss.
    """
    if array.dtype.kind != "f":
        if what.startswith("sample_weight"):
            raise InvalidInput(f"{model.label}: sample_weight: expected numbers, got dtype {array.dtype}")
        return
    with np.errstate(over="ignore"):
        wrong = ~np.isfinite(array.astype(model.dtype, copy=False))
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        number = (
            f"{array[place]!s}, which is infinite in {model.dtype}" if np.isfinite(array[place]) else "NaN or infinity"
        )
        raise InvalidInput(f"{model.label}: {what} {number} (first in sample {place[0] if place else 0} of a batch)")


def with_class_weight(model: Trainer, class_weight: Mapping[int, float] | None, y: Any, sample_weight: Any) -> Array:
    """Return one weight per label of y: that of its class (1 for classes not named) times the sample weight.

    y holds class ids, or is one-hot when it has as many axes as the output and a last axis longer than 1.

    Raises:
        InvalidInput: Several outputs, weights that are no finite numbers of at least 0, or ids that are no classes of
            the output.
    """
    if not model.single_output:
        raise InvalidInput("class_weight: expected a model with one output; use sample_weight with several")
    output, ids = model.outputs[0].shape, np.asarray(to_host(model.per_output("y", y)[0]))
    weights = as_class_weights(class_weight) or {}
    classes, ignored = max(output[-1] or 1, 2), model.losses[0].ignore_class
    for label in weights:
        if not 0 <= label < classes and label != ignored:
            raise InvalidInput(f"class_weight: expected class ids from 0 to {classes - 1}, got {label}")
    if ids.ndim == len(output):
        ids = ids.argmax(axis=-1) if ids.shape[-1] > 1 else ids[..., 0]
    by_class = np.ones(ids.shape, np.float32)
    for label, weight in weights.items():
        by_class[ids == label] = weight
    given = as_position_weights(
        "class_weight", to_host(model.per_output("sample_weight", sample_weight)[0]), by_class.shape
    )
    return by_class if given is None else by_class * given
