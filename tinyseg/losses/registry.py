"""The losses by name: what `loss="dice"` means, and how a loss is saved."""

from __future__ import annotations

from tinyseg.utils.registry import Registry

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
from .function import FunctionLoss
from .hinge import CategoricalHinge, Hinge, SquaredHinge
from .loss import Loss
from .lovasz import LovaszHinge, LovaszSoftmax
from .regression import MeanAbsoluteError, MeanSquaredError
from .sparse_categorical_crossentropy import SparseCategoricalCrossentropy
from .sparse_dice import SparseDice, SparseJaccard, SparseTversky

_registry: Registry[Loss] = Registry(
    "loss",
    Loss,
    [
        BinaryCrossentropy,
        BinaryFocalCrossentropy,
        CategoricalCrossentropy,
        CategoricalFocalCrossentropy,
        CategoricalHinge,
        Dice,
        Hinge,
        Huber,
        Jaccard,
        KLDivergence,
        LogCosh,
        LovaszHinge,
        LovaszSoftmax,
        MeanAbsoluteError,
        MeanAbsolutePercentageError,
        MeanSquaredError,
        MeanSquaredLogarithmicError,
        Poisson,
        SparseCategoricalCrossentropy,
        SparseCategoricalFocalCrossentropy,
        SparseDice,
        SparseJaccard,
        SparseTversky,
        SquaredHinge,
        Tversky,
    ],
    {
        "bce": "BinaryCrossentropy",
        "kld": "KLDivergence",
        "mae": "MeanAbsoluteError",
        "mape": "MeanAbsolutePercentageError",
        "mse": "MeanSquaredError",
        "msle": "MeanSquaredLogarithmicError",
    },
    FunctionLoss,
)
get = _registry.get
serialize = _registry.serialize
register = _registry.add
