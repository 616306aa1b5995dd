"""Metrics: what one wants to know of a model, without a gradient."""

from __future__ import annotations

from tinyseg.utils.absent import teller

from .accuracy import Accuracy, BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy
from .auc import AUC
from .collection import MetricCollection
from .confusion import (
    confusion_matrix,
    dice_per_class,
    iou_per_class,
    mean_dice,
    mean_iou,
    pixel_accuracy,
)
from .error import MeanAbsoluteError, MeanSquaredError, RootMeanSquaredError
from .f_score import F1Score, FBetaScore
from .iou import BinaryIoU, IoU, OneHotIoU, OneHotMeanIoU
from .metric import Mean, Metric
from .of_losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CategoricalHinge,
    Hinge,
    KLDivergence,
    LogCoshError,
    MeanAbsolutePercentageError,
    MeanSquaredLogarithmicError,
    Poisson,
    SparseCategoricalCrossentropy,
    SquaredHinge,
)
from .positives import (
    FalseNegatives,
    FalsePositives,
    Precision,
    Recall,
    TrueNegatives,
    TruePositives,
)
from .registry import get, serialize
from .segmentation import ConfusionMatrix, Dice, MeanIoU, PixelAccuracy
from .top_k import SparseTopKCategoricalAccuracy, TopKCategoricalAccuracy

__all__ = [
    "AUC",
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "BinaryIoU",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "ConfusionMatrix",
    "Dice",
    "F1Score",
    "FBetaScore",
    "FalseNegatives",
    "FalsePositives",
    "Hinge",
    "IoU",
    "KLDivergence",
    "LogCoshError",
    "Mean",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanIoU",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Metric",
    "MetricCollection",
    "OneHotIoU",
    "OneHotMeanIoU",
    "PixelAccuracy",
    "Poisson",
    "Precision",
    "Recall",
    "RootMeanSquaredError",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy",
    "SquaredHinge",
    "TopKCategoricalAccuracy",
    "TrueNegatives",
    "TruePositives",
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
