"""The metrics by name: what `metrics=["accuracy"]` means, and how a metric is saved."""

from __future__ import annotations

from tinyseg.utils.registry import Registry

from .accuracy import Accuracy, BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy
from .auc import AUC
from .error import MeanAbsoluteError, MeanSquaredError, RootMeanSquaredError
from .f_score import F1Score, FBetaScore
from .function import FunctionMetric
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
from .segmentation import ConfusionMatrix, Dice, MeanIoU, PixelAccuracy
from .top_k import SparseTopKCategoricalAccuracy, TopKCategoricalAccuracy

_registry: Registry[Metric] = Registry(
    "metric",
    Metric,
    [
        AUC,
        Accuracy,
        BinaryAccuracy,
        BinaryCrossentropy,
        BinaryIoU,
        CategoricalAccuracy,
        CategoricalCrossentropy,
        CategoricalHinge,
        ConfusionMatrix,
        Dice,
        F1Score,
        FBetaScore,
        FalseNegatives,
        FalsePositives,
        Hinge,
        IoU,
        KLDivergence,
        LogCoshError,
        Mean,
        MeanAbsoluteError,
        MeanAbsolutePercentageError,
        MeanIoU,
        MeanSquaredError,
        MeanSquaredLogarithmicError,
        OneHotIoU,
        OneHotMeanIoU,
        PixelAccuracy,
        Poisson,
        Precision,
        Recall,
        RootMeanSquaredError,
        SparseCategoricalAccuracy,
        SparseCategoricalCrossentropy,
        SparseTopKCategoricalAccuracy,
        SquaredHinge,
        TopKCategoricalAccuracy,
        TrueNegatives,
        TruePositives,
    ],
    {
        "bce": "BinaryCrossentropy",
        "fbeta_score": "FBetaScore",
        "kld": "KLDivergence",
        "logcosh": "LogCoshError",
        "mae": "MeanAbsoluteError",
        "mape": "MeanAbsolutePercentageError",
        "mse": "MeanSquaredError",
        "msle": "MeanSquaredLogarithmicError",
        "mean_iou": "MeanIoU",
        "one_hot_iou": "OneHotIoU",
        "one_hot_mean_iou": "OneHotMeanIoU",
        "binary_iou": "BinaryIoU",
        "rmse": "RootMeanSquaredError",
    },
    FunctionMetric,
)
get = _registry.get
serialize = _registry.serialize
