"""Losses: what training makes small, each with its gradient."""

from __future__ import annotations

from tinyseg.utils.absent import teller

from .binary_crossentropy import BinaryCrossentropy
from .categorical_crossentropy import CategoricalCrossentropy
from .dice import Dice, Jaccard, Tversky
from .elementwise import (
    Huber,
    KLDivergence,
    LogCosh,
    MeanAbsolutePercentageError,
    MeanSquaredLogarithmicError,
    Poisson,
)
from .focal import BinaryFocalCrossentropy, CategoricalFocalCrossentropy, SparseCategoricalFocalCrossentropy
from .functions import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    categorical_hinge,
    dice,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
    tversky,
)
from .hinge import CategoricalHinge, Hinge, SquaredHinge
from .loss import Loss
from .lovasz import LovaszHinge, LovaszSoftmax
from .registry import get, serialize
from .regression import MeanAbsoluteError, MeanSquaredError
from .sparse_categorical_crossentropy import SparseCategoricalCrossentropy
from .sparse_dice import SparseDice, SparseJaccard, SparseTversky
from .weighted_sum import WeightedSum

__all__ = [
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalHinge",
    "Dice",
    "Hinge",
    "Huber",
    "Jaccard",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "LovaszHinge",
    "LovaszSoftmax",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SparseCategoricalFocalCrossentropy",
    "SparseDice",
    "SparseJaccard",
    "SparseTversky",
    "SquaredHinge",
    "Tversky",
    "WeightedSum",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "dice",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "serialize",
    "sparse_categorical_crossentropy",
    "squared_hinge",
    "tversky",
]

__getattr__ = teller("losses", __all__)
