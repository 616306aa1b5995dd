"""Losses: what training makes small, each with its gradient."""

from __future__ import annotations

from tinyseg.utils.absent import teller
from tinyseg.utils.registry import Registry

from .binary_crossentropy import BinaryCrossentropy
from .categorical_crossentropy import CategoricalCrossentropy
from .dice import Dice
from .function import FunctionLoss
from .functions import (
    binary_crossentropy,
    categorical_crossentropy,
    dice,
    mean_absolute_error,
    mean_squared_error,
    sparse_categorical_crossentropy,
)
from .loss import Loss
from .regression import MeanAbsoluteError, MeanSquaredError
from .sparse_categorical_crossentropy import SparseCategoricalCrossentropy
from .sparse_dice import SparseDice

_registry: Registry[Loss] = Registry(
    "loss",
    Loss,
    [
        BinaryCrossentropy,
        CategoricalCrossentropy,
        Dice,
        MeanAbsoluteError,
        MeanSquaredError,
        SparseCategoricalCrossentropy,
        SparseDice,
    ],
    {"bce": "BinaryCrossentropy", "mae": "MeanAbsoluteError", "mse": "MeanSquaredError"},
    FunctionLoss,
)
get = _registry.get
serialize = _registry.serialize

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Dice",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "SparseCategoricalCrossentropy",
    "SparseDice",
    "binary_crossentropy",
    "categorical_crossentropy",
    "dice",
    "get",
    "mean_absolute_error",
    "mean_squared_error",
    "serialize",
    "sparse_categorical_crossentropy",
]

__getattr__ = teller("losses", __all__)
