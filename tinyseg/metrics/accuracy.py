"""How often predictions are right: Accuracy and its kinds."""

from __future__ import annotations

from typing import Any

import numpy as np
from tinyseg_kernels.device import like, to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.losses.labels import as_class_ids, as_same_shape, as_shares
from tinyseg.utils.types import ArrayLike, JsonObject, Weights

from .metric import Mean, as_array, spread


def same_shape(name: str, y_true: ArrayLike, y_pred: Any, labels_as: Any = as_same_shape) -> tuple[Array, Array]:
    """Return labels and predictions as floats of one shape and dtype, both where the predictions are."""
    y_pred = as_array(y_pred)
    y_pred = y_pred.astype(np.float64) if y_pred.dtype.kind in "iub" else y_pred
    labels = labels_as(name, to_host(y_true), y_pred)
    if np.isnan(labels.sum()):
        raise InvalidInput(f"{name}: expected labels that are numbers, got NaN")
    return like(y_pred, labels), y_pred


class Accuracy(Mean):
    """How often y_pred equals y_true exactly.

    In `compile`, the name 'accuracy' chooses the kind below that fits the labels.

    Example:
        >>> from tinyseg.metrics import Accuracy
        >>> metric = Accuracy()
        >>> metric.update_state([1, 2, 3, 4], [1, 2, 3, 0])
        >>> float(metric.result())
        0.75
    """

    direction = "max"

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike | None = None, sample_weight: Weights = None) -> None:
        """Compare."""
        t, p = same_shape(self.name, y_true, y_pred)
        self.add(t == p, sample_weight)


class CategoricalAccuracy(Mean):
    """How often the largest probability stands at the one of a one-hot label.

    Example:
        >>> from tinyseg.metrics import CategoricalAccuracy
        >>> metric = CategoricalAccuracy()
        >>> metric.update_state([[0, 1], [1, 0]], [[0.2, 0.8], [0.4, 0.6]])
        >>> float(metric.result())
        0.5
    """

    direction = "max"

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike | None = None, sample_weight: Weights = None) -> None:
        """Compare the positions of the maxima."""
        t, p = same_shape(self.name, y_true, y_pred)
        self.add(t.argmax(axis=-1) == p.argmax(axis=-1), sample_weight)


class SparseCategoricalAccuracy(Mean):
    """How often the largest probability stands at the class id.

    Example:
        >>> from tinyseg.metrics import SparseCategoricalAccuracy
        >>> metric = SparseCategoricalAccuracy()
        >>> metric.update_state([1, 0], [[0.2, 0.8], [0.4, 0.6]])
        >>> float(metric.result())
        0.5
    """

    direction = "max"

    def __init__(self, name: str | None = None, ignore_class: int | None = None) -> None:
        """Positions labelled `ignore_class` are not counted."""
        super().__init__(name)
        self.ignore_class = ignore_class

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike | None = None, sample_weight: Weights = None) -> None:
        """Compare the position of the maximum with the id."""
        p = as_array(y_pred)
        t, valid = as_class_ids(self.name, to_host(y_true), p, self.ignore_class)
        right = p.argmax(axis=-1) == like(p, t)
        if valid is not None:
            sample_weight = valid * (1.0 if sample_weight is None else spread(self.name, sample_weight, t.shape))
        self.add(right, sample_weight)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"name": self.name, "ignore_class": self.ignore_class}


class BinaryAccuracy(Mean):
    """How often a probability lies on the right side of the threshold.

    Example:
        >>> from tinyseg.metrics import BinaryAccuracy
        >>> metric = BinaryAccuracy(threshold=0.5)
        >>> metric.update_state([[1.0], [0.0]], [[0.9], [0.6]])
        >>> float(metric.result())
        0.5
    """

    direction = "max"

    def __init__(self, name: str | None = None, threshold: float = 0.5) -> None:
        """Set the threshold."""
        super().__init__(name)
        self.threshold = float(threshold)

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike | None = None, sample_weight: Weights = None) -> None:
        """Compare; the mean over the last axis is one value per sample, as in Keras."""
        t, p = same_shape(self.name, y_true, y_pred, as_shares)
        self.add(((p > self.threshold) == (t > 0.5)).mean(axis=-1), sample_weight)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"name": self.name, "threshold": self.threshold}


def accuracy_for(y_true: Array, y_pred: Array, name: str = "accuracy", ignore_class: int | None = None) -> Mean:
    """Choose the kind of accuracy that fits labels and predictions, as Keras does for the name 'accuracy'.

    `ignore_class` is that of the loss. One that is no class, such as 255 for void, is left out here as well: such a
    position has no right answer, and Keras counts it as wrong.
    """
    if y_pred.shape[-1] == 1:
        return BinaryAccuracy(name)
    if y_true.shape == y_pred.shape:
        return CategoricalAccuracy(name)
    is_class = ignore_class is not None and 0 <= ignore_class < y_pred.shape[-1]
    return SparseCategoricalAccuracy(name, ignore_class=None if is_class else ignore_class)
