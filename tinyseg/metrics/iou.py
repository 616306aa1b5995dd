"""Intersection over union under Keras's names: IoU, BinaryIoU, OneHotIoU, OneHotMeanIoU.

All come from one confusion matrix, as `MeanIoU` does, which is that of all classes. A class that occurs neither in
truth nor in prediction is left out of the mean; without any the result is NaN (Keras's is 0).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tinyseg_kernels.device import to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.losses.labels import as_numbers, as_same_shape
from tinyseg.utils.types import ArrayLike, JsonObject, Weights

from .confusion import iou_per_class, mean_over_classes
from .metric import as_array, spread
from .segmentation import ConfusionMatrix, MeanIoU


class IoU(ConfusionMatrix):
    """The mean IoU of some classes, for class ids, one-hot labels, probabilities or logits, as `MeanIoU` takes them.

    Example:
        >>> from tinyseg.metrics import IoU
        >>> metric = IoU(num_classes=2, target_class_ids=[0])
        >>> metric.update_state([0, 0, 1, 1], [0, 1, 0, 1])
        >>> round(metric.result(), 4)
        0.3333
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        ignore_class: int | None = None,
    ) -> None:
        """Set the classes.

        Args:
            num_classes: K.
            target_class_ids: The classes of which the mean is taken.
            name: Name in the logs.
            ignore_class: Positions with this label are not counted.
        """
        super().__init__(num_classes, name, ignore_class)
        ids = np.asarray(target_class_ids) if isinstance(target_class_ids, (list, tuple, range)) else np.empty(0)
        if ids.ndim != 1 or not ids.size or ids.dtype.kind not in "iu" or ids.min() < 0 or ids.max() >= num_classes:
            raise InvalidInput(
                f"{self.name}: target_class_ids: expected a list of ids from 0 to num_classes - 1 = {num_classes - 1}, "
                f"got {target_class_ids!r}"
            )
        self.target_class_ids = [int(k) for k in ids]

    def result(self) -> float:
        """Return the mean IoU of the classes that occur."""
        return mean_over_classes(iou_per_class(self.matrix)[self.target_class_ids], "skip")

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "target_class_ids": self.target_class_ids}


class BinaryIoU(IoU):
    """The IoU of foreground and background, for labels of 0 and 1 and a sigmoid's output.

    A prediction of at least the threshold is the foreground, class 1.

    Example:
        >>> from tinyseg.metrics import BinaryIoU
        >>> metric = BinaryIoU(target_class_ids=[0, 1], threshold=0.3)
        >>> metric.update_state([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7])
        >>> round(metric.result(), 4)
        0.3333
    """

    def __init__(
        self, target_class_ids: Sequence[int] = (0, 1), threshold: float = 0.5, name: str | None = None
    ) -> None:
        """Set the classes and the threshold."""
        super().__init__(2, target_class_ids, name)
        self.threshold = float(threshold)

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: Weights = None) -> None:
        """Count a batch."""
        scores = as_array(y_pred)
        labels = as_same_shape(self.name, to_host(y_true), scores)
        weight = None if sample_weight is None else spread(self.name, sample_weight, labels.shape)
        self.counts.update(labels, (scores >= self.threshold).astype(np.int64), weight)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"target_class_ids": self.target_class_ids, "threshold": self.threshold, "name": self.name}


def from_one_hot(name: str, y_true: ArrayLike, classes: int) -> Array:
    """Return the class ids of one-hot labels (..., K)."""
    labels = as_numbers(name, to_host(y_true))
    if labels.ndim < 2 or labels.shape[-1] != classes:
        raise InvalidInput(f"{name}: expected one-hot labels (..., {classes}), got shape {labels.shape}")
    ids: Array = labels.argmax(axis=-1)
    return ids


class OneHotIoU(IoU):
    """The mean IoU of some classes, for one-hot labels (..., K); predictions are scores (..., K) or class ids.

    Example:
        >>> from tinyseg.metrics import OneHotIoU
        >>> metric = OneHotIoU(num_classes=2, target_class_ids=[1])
        >>> metric.update_state([[1, 0], [0, 1], [0, 1]], [[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])
        >>> metric.result()
        0.5
    """

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: Weights = None) -> None:
        """Count a batch."""
        self.counts.update(from_one_hot(self.name, y_true, self.counts.num_classes), y_pred, sample_weight)


class OneHotMeanIoU(MeanIoU):
    """The mean IoU of all classes, for one-hot labels (..., K); predictions are scores (..., K) or class ids.

    Example:
        >>> from tinyseg.metrics import OneHotMeanIoU
        >>> metric = OneHotMeanIoU(num_classes=2)
        >>> metric.update_state([[1, 0], [0, 1], [0, 1]], [[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])
        >>> metric.result()
        0.5
    """

    def __init__(self, num_classes: int, name: str | None = None, ignore_class: int | None = None) -> None:
        """Set the classes; positions of the class `ignore_class` are not counted."""
        super().__init__(num_classes, name or "one_hot_mean_iou", ignore_class=ignore_class)

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: Weights = None) -> None:
        """Count a batch."""
        self.counts.update(from_one_hot(self.name, y_true, self.counts.num_classes), y_pred, sample_weight)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        config = super().get_config()
        return {key: config[key] for key in ("num_classes", "name", "ignore_class")}
