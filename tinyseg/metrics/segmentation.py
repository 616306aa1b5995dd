"""Metrics of segmentations, all from one confusion matrix: ConfusionMatrix, PixelAccuracy, MeanIoU, Dice."""

from __future__ import annotations

from typing import Any

import numpy as np
from tinyseg_kernels.device import is_device_array, to_host
from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.types import Array

from tinyseg.utils.types import ArrayLike, JsonObject, Weights

from .confusion import (
    EMPTY_POLICIES,
    confusion_matrix,
    dice_per_class,
    iou_per_class,
    mean_over_classes,
    pixel_accuracy,
)
from .metric import Metric, as_array


class Counts:
    """A confusion matrix that several metrics may share, so that a batch is counted once.

    It stays where the predictions are until it is asked for.
    """

    def __init__(self, num_classes: int, ignore_class: int | None) -> None:
        """Start at zero."""
        self.num_classes, self.ignore_class = num_classes, ignore_class
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._matrix: Array | None = None

    @property
    def matrix(self) -> Array:
        """The counts (K, K), as a NumPy array."""
        if self._matrix is None:
            return np.zeros((self.num_classes, self.num_classes), np.int64)
        return to_host(self._matrix)

    def update(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: Weights = None) -> None:
        """Count a batch; labels and predictions as class ids, or with a last axis of classes."""
        t, p = np.asarray(to_host(y_true)), as_array(y_pred)
        rank = _id_rank(t, p, self.num_classes)
        # On a device the kernel that counts also finds the largest score.
        prediction = p if is_device_array(p) and p.dtype.kind == "f" else _as_ids(p, rank)
        truth = (
            t[..., 0] if t.ndim > rank and t.shape[-1] == 1 else _as_ids(t, rank)
        )  # ids, where predictions are scores
        counted = confusion_matrix(truth, prediction, self.num_classes, self.ignore_class, sample_weight)
        if self._matrix is None:
            self._matrix = counted
        elif is_device_array(counted) == is_device_array(self._matrix):
            self._matrix = self._matrix + counted
        else:
            self._matrix = to_host(self._matrix) + to_host(counted)


def _id_rank(t: Array, p: Array, classes: int) -> int:
    """Return how many axes class ids have: one less than anything with a last axis of classes, or of length 1."""
    if t.ndim != p.ndim:
        return min(t.ndim, p.ndim)
    spread = p.dtype.kind == "f" and p.ndim > 1 and p.shape[-1] in (1, classes)
    return p.ndim - 1 if spread else p.ndim


def _as_ids(array: Array, rank: int) -> Array:
    if array.ndim == rank:
        return array
    if array.shape[-1] > 1:
        return array.argmax(axis=-1)
    return array[..., 0] > 0.5 if array.dtype.kind == "f" else array[..., 0]


class ConfusionMatrix(Metric):
    """Counts of (truth, prediction); `result` is the pixel accuracy, `matrix` the counts.

    Example:
        >>> from tinyseg.metrics import ConfusionMatrix
        >>> metric = ConfusionMatrix(2)
        >>> metric.update_state([[0, 0, 1, 1]], [[0, 1, 1, 1]])
        >>> metric.matrix
        array([[1, 1],
               [0, 2]])
        >>> float(metric.result())
        0.75
    """

    direction, shares = "max", True

    def __init_subclass__(cls, **options: object) -> None:
        """Let a class that takes batches in otherwise have counts of its own."""
        super().__init_subclass__(**options)
        cls.shares = cls.update_state is ConfusionMatrix.update_state

    def __init__(self, num_classes: int, name: str | None = None, ignore_class: int | None = None) -> None:
        """Set the number of classes; positions labelled `ignore_class` are not counted.

        Predictions may be probabilities or logits with a last axis of classes, a sigmoid's output with a last axis of 1
        (thresholded at 0.5), or class ids.
        """
        super().__init__(name=name)
        if isinstance(num_classes, bool) or int(num_classes) != num_classes or num_classes < 2:
            raise InvalidInput(f"{self.name}: num_classes: expected an integer of at least 2, got {num_classes!r}")
        self.counts = Counts(int(num_classes), ignore_class)

    @property
    def matrix(self) -> Array:
        """The counts (K, K), rows truth, columns prediction."""
        return self.counts.matrix

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: Weights = None) -> None:
        """Count a batch."""
        self.counts.update(y_true, y_pred, sample_weight)

    def result(self) -> float:
        """Return the pixel accuracy."""
        return pixel_accuracy(self.matrix)

    def reset_state(self) -> None:
        """Forget everything."""
        self.counts.reset()

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"num_classes": self.counts.num_classes, "name": self.name, "ignore_class": self.counts.ignore_class}


class PixelAccuracy(ConfusionMatrix):
    """The share of positions predicted right.

    Example:
        >>> from tinyseg.metrics import PixelAccuracy
        >>> metric = PixelAccuracy(2)
        >>> metric.update_state([[0, 0, 1, 1]], [[0, 1, 1, 1]])
        >>> round(float(metric.result()), 4)
        0.75
    """


class _PerClass(ConfusionMatrix):
    """A mean over classes, or the value of one class."""

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        ignore_class: int | None = None,
        class_id: int | None = None,
        empty: str = "skip",
    ) -> None:
        """Set the classes.

        Args:
            num_classes: K.
            name: Name in the logs.
            ignore_class: Positions with this label are not counted.
            class_id: Report this class alone instead of the mean.
            empty: What a class counts in the mean that occurs neither in truth nor in prediction: 'skip', 'zero' or
                'one'.
        """
        super().__init__(num_classes, name, ignore_class)
        if class_id is not None and not 0 <= class_id < num_classes:
            raise InvalidInput(f"{self.name}: class_id: expected 0 to {num_classes - 1}, got {class_id!r}")
        if empty not in EMPTY_POLICIES:
            raise unknown_name("policy for empty classes", empty, EMPTY_POLICIES)
        self.class_id, self.empty = class_id, empty

    def per_class(self) -> Array:
        """Return the value of each class (K,); NaN for classes that do not occur."""
        raise NotImplementedError

    def result(self) -> float:
        """Return the mean, or the value of `class_id`."""
        values = self.per_class()
        return mean_over_classes(values if self.class_id is None else values[[self.class_id]], self.empty)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "class_id": self.class_id, "empty": self.empty}


class MeanIoU(_PerClass):
    """Mean intersection over union, the usual measure of a segmentation.

    Example:
        >>> from tinyseg.metrics import MeanIoU
        >>> metric = MeanIoU(2)
        >>> metric.update_state([[0, 0, 1, 1]], [[0, 1, 1, 1]])
        >>> round(float(metric.result()), 4)
        0.5833
    """

    def __init__(self, num_classes: int, name: str | None = None, **options: Any) -> None:
        """See `_PerClass`: num_classes, name, ignore_class, class_id, empty."""
        super().__init__(num_classes, name or "mean_iou", **options)

    def per_class(self) -> Array:
        """Return the IoU of each class."""
        return iou_per_class(self.matrix)


class Dice(_PerClass):
    """Dice coefficient, 2 |A and B| / (|A| + |B|): the mean over the classes, or of one class.

    Example:
        >>> from tinyseg.metrics import Dice
        >>> metric = Dice(2)
        >>> metric.update_state([[0, 0, 1, 1]], [[0, 1, 1, 1]])
        >>> round(float(metric.result()), 4)
        0.7333
    """

    def per_class(self) -> Array:
        """Return the Dice coefficient of each class."""
        return dice_per_class(self.matrix)
