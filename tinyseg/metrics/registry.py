"""The metrics by name: what `metrics=["accuracy"]` means, and how a metric is saved."""

from __future__ import annotations

from tinyseg.utils.registry import Registry

from .accuracy import Accuracy, BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy
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
