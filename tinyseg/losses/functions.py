"""Keras's losses as functions: the loss of each position, before weights and the mean.

To train with one give compile its name, or the class.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from tinyseg_kernels.device import like, to_host
from tinyseg_kernels.types import Array

from tinyseg.utils.arguments import checks_arguments
from tinyseg.utils.types import ArrayLike

from .binary_crossentropy import BinaryCrossentropy
from .categorical_crossentropy import CategoricalCrossentropy
from .dice import Dice
from .loss import Loss
from .regression import MeanAbsoluteError, MeanSquaredError
from .sparse_categorical_crossentropy import SparseCategoricalCrossentropy


def _each(loss: Loss, y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    p = np.asarray(y_pred)
    p = p if p.dtype in (np.float32, np.float64) else p.astype(np.float32)
    target, valid, _ = loss.target(to_host(y_true), p)
    values = loss.positions(like(p, target), p)[0]
    return values if valid is None else np.where(valid, values, 0)


@checks_arguments("losses.binary_crossentropy")
def binary_crossentropy(
    y_true: ArrayLike, y_pred: ArrayLike, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Array:
    """Return the mean cross-entropy over the last axis, of each position; see `BinaryCrossentropy`.

    Example:
        >>> from tinyseg.losses import binary_crossentropy
        >>> binary_crossentropy([[1.0], [0.0]], [[0.5], [0.5]]).round(4)
        array([0.6931, 0.6931])
    """
    return _each(BinaryCrossentropy(from_logits, label_smoothing, axis), y_true, y_pred)


@checks_arguments("losses.categorical_crossentropy")
def categorical_crossentropy(
    y_true: ArrayLike, y_pred: ArrayLike, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Array:
    """Return the cross-entropy of each position; see `CategoricalCrossentropy`.

    Example:
        >>> from tinyseg.losses import categorical_crossentropy
        >>> categorical_crossentropy([[0.0, 1.0], [1.0, 0.0]], [[0.5, 0.5], [1.0, 0.0]]).round(4)
        array([0.6931, 0.    ])
    """
    return _each(CategoricalCrossentropy(from_logits, label_smoothing, axis), y_true, y_pred)


@checks_arguments("losses.sparse_categorical_crossentropy")
def sparse_categorical_crossentropy(
    y_true: ArrayLike, y_pred: ArrayLike, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Array:
    """Return the cross-entropy of each position, 0 where it is labelled `ignore_class`.

    See `SparseCategoricalCrossentropy`.

    Example:
        >>> from tinyseg.losses import sparse_categorical_crossentropy
        >>> sparse_categorical_crossentropy([1, 0], [[0.5, 0.5], [1.0, 0.0]]).round(4)
        array([0.6931, 0.    ])
    """
    return _each(SparseCategoricalCrossentropy(from_logits, ignore_class, axis=axis), y_true, y_pred)


@checks_arguments("losses.mean_squared_error")
def mean_squared_error(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Return the mean square over the last axis, of each position.

    Example:
        >>> from tinyseg.losses import mean_squared_error
        >>> mean_squared_error([[0.0, 0.0], [1.0, 1.0]], [[1.0, 3.0], [1.0, 1.0]])
        array([5., 0.])
    """
    return _each(MeanSquaredError(), y_true, y_pred)


@checks_arguments("losses.mean_absolute_error")
def mean_absolute_error(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Return the mean distance over the last axis, of each position.

    Example:
        >>> from tinyseg.losses import mean_absolute_error
        >>> mean_absolute_error([[0.0, 0.0], [1.0, 1.0]], [[1.0, 3.0], [1.0, 1.0]])
        array([2., 0.])
    """
    return _each(MeanAbsoluteError(), y_true, y_pred)


@checks_arguments("losses.dice")
def dice(y_true: ArrayLike, y_pred: ArrayLike, axis: Any = None) -> Array:
    """Return one minus the overlap of each region; see `Dice`.

    Example:
        >>> from tinyseg.losses import dice
        >>> round(float(dice([[1.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]])), 4)
        0.3333
    """
    return _each(Dice(axis=axis), y_true, y_pred)
