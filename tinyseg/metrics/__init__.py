"""Metrics: what one wants to know of a model, without a gradient."""

from __future__ import annotations

from tinyseg.utils.absent import teller
from tinyseg.utils.registry import Registry

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
from .function import FunctionMetric
from .metric import Mean, Metric
from .segmentation import ConfusionMatrix, Dice, MeanIoU, PixelAccuracy

_registry: Registry[Metric] = Registry(
    "metric",
    Metric,
    [
        Accuracy,
        BinaryAccuracy,
        CategoricalAccuracy,
        ConfusionMatrix,
        Dice,
        Mean,
        MeanAbsoluteError,
        MeanIoU,
        MeanSquaredError,
        PixelAccuracy,
        SparseCategoricalAccuracy,
    ],
    {"mae": "MeanAbsoluteError", "mse": "MeanSquaredError", "mean_iou": "MeanIoU"},
    FunctionMetric,
)
get = _registry.get
serialize = _registry.serialize

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
