"""Metrics: what one wants to know of a model, without a gradient."""

from __future__ import annotations

from tinyseg.utils.absent import teller

from .accuracy import Accuracy, BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy
from .collection import MetricCollection
from .confusion import (
    confusion_matrix,
    dice_per_class,
    iou_per_class,
    mean_dice,
    mean_iou,
    pixel_accuracy,
)
from .error import MeanAbsoluteError, MeanSquaredError
from .metric import Mean, Metric
from .registry import get, serialize
from .segmentation import ConfusionMatrix, Dice, MeanIoU, PixelAccuracy

__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "ConfusionMatrix",
    "Dice",
    "Mean",
    "MeanAbsoluteError",
    "MeanIoU",
    "MeanSquaredError",
    "Metric",
    "MetricCollection",
    "PixelAccuracy",
    "SparseCategoricalAccuracy",
    "confusion_matrix",
    "dice_per_class",
    "get",
    "iou_per_class",
    "mean_dice",
    "mean_iou",
    "pixel_accuracy",
    "serialize",
]

__getattr__ = teller("metrics", __all__)
