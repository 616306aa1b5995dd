"""Keras's losses as functions: the loss of each position, before weights and the mean.

To train with one give compile its name, or the class.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from tinyseg_kernels.device import array_module, is_array, is_device_array, like, to_backend, to_host
from tinyseg_kernels.types import Array

from tinyseg.utils.arguments import checks_arguments
from tinyseg.utils.types import ArrayLike

from .binary_crossentropy import BinaryCrossentropy
from .categorical_crossentropy import CategoricalCrossentropy
from .dice import Dice, Tversky
from .elementwise import (
    Huber,
    KLDivergence,
    LogCosh,
    MeanAbsolutePercentageError,
    MeanSquaredLogarithmicError,
    Poisson,
)
from .focal import BinaryFocalCrossentropy, CategoricalFocalCrossentropy
from .hinge import CategoricalHinge, Hinge, SquaredHinge
from .loss import Loss
from .regression import MeanAbsoluteError, MeanSquaredError
from .sparse_categorical_crossentropy import SparseCategoricalCrossentropy

Axes: TypeAlias = int | Sequence[int] | None
"""Which axes are summed over; None: all."""


def _each(loss: Loss, y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    given = y_pred if is_array(y_pred) else np.asarray(y_pred)
    p = to_backend(given if given.dtype in (np.float32, np.float64) else given.astype(np.float32))
    target, valid, _ = loss.target(to_host(y_true), p)
    values = loss.positions(like(p, target), p)[0]
    values = values if valid is None else array_module(values).where(like(values, valid), values, 0)
    return values if is_device_array(given) else to_host(values)


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
def dice(y_true: ArrayLike, y_pred: ArrayLike, axis: Axes = None) -> Array:
    """Return one minus the overlap of each region; see `Dice`.

    Example:
        >>> from tinyseg.losses import dice
        >>> round(float(dice([[1.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]])), 4)
        0.3333
    """
    return _each(Dice(axis=axis), y_true, y_pred)


@checks_arguments("losses.tversky")
def tversky(y_true: ArrayLike, y_pred: ArrayLike, alpha: float = 0.5, beta: float = 0.5, axis: Axes = None) -> Array:
    """Return one minus the overlap of each region; alpha weighs what was missed, see `Tversky`.

    Example:
        >>> from tinyseg.losses import tversky
        >>> round(float(tversky([[1.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]], alpha=1.0, beta=0.0)), 4)
        0.5
    """
    return _each(Tversky(alpha, beta, axis=axis), y_true, y_pred)


@checks_arguments("losses.binary_focal_crossentropy")
def binary_focal_crossentropy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Array:
    """Return the mean focal cross-entropy over the last axis, of each position; see `BinaryFocalCrossentropy`.

    Example:
        >>> from tinyseg.losses import binary_focal_crossentropy
        >>> binary_focal_crossentropy([[1.0], [0.0]], [[0.5], [0.5]]).round(4)  # 0.5^2 * log 2
        array([0.1733, 0.1733])
    """
    return _each(
        BinaryFocalCrossentropy(apply_class_balancing, alpha, gamma, from_logits, label_smoothing, axis), y_true, y_pred
    )


@checks_arguments("losses.categorical_focal_crossentropy")
def categorical_focal_crossentropy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    alpha: float | Sequence[float] = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Array:
    """Return the focal cross-entropy of each position; see `CategoricalFocalCrossentropy`.

    Example:
        >>> from tinyseg.losses import categorical_focal_crossentropy
        >>> categorical_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).round(4)
        array([0.0433])
    """
    return _each(CategoricalFocalCrossentropy(alpha, gamma, from_logits, label_smoothing, axis), y_true, y_pred)


@checks_arguments("losses.huber")
def huber(y_true: ArrayLike, y_pred: ArrayLike, delta: float = 1.0) -> Array:
    """Return the mean over the last axis, of each position; see `Huber`.

    Example:
        >>> from tinyseg.losses import huber
        >>> huber([[0.0, 0.0]], [[0.5, 3.0]])
        array([1.3125])
    """
    return _each(Huber(delta), y_true, y_pred)


@checks_arguments("losses.log_cosh")
def log_cosh(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Return the mean log(cosh(p - t)) of each position; see `LogCosh`.

    Example:
        >>> from tinyseg.losses import log_cosh
        >>> log_cosh([[0.0]], [[100.0]]).round(4)
        array([99.3069])
    """
    return _each(LogCosh(), y_true, y_pred)


@checks_arguments("losses.mean_absolute_percentage_error")
def mean_absolute_percentage_error(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Return the mean distance in percent of each position; see `MeanAbsolutePercentageError`.

    Example:
        >>> from tinyseg.losses import mean_absolute_percentage_error
        >>> mean_absolute_percentage_error([[2.0, 4.0]], [[1.0, 5.0]])
        array([37.5])
    """
    return _each(MeanAbsolutePercentageError(), y_true, y_pred)


@checks_arguments("losses.mean_squared_logarithmic_error")
def mean_squared_logarithmic_error(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Return the mean square of the logarithms' difference of each position; see `MeanSquaredLogarithmicError`.

    Example:
        >>> from tinyseg.losses import mean_squared_logarithmic_error
        >>> mean_squared_logarithmic_error([[0.0]], [[1.0]]).round(4)
        array([0.4805])
    """
    return _each(MeanSquaredLogarithmicError(), y_true, y_pred)


@checks_arguments("losses.poisson")
def poisson(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Return the mean p - t * log p of each position; see `Poisson`.

    Example:
        >>> from tinyseg.losses import poisson
        >>> poisson([[2.0]], [[1.0]]).round(4)
        array([1.])
    """
    return _each(Poisson(), y_true, y_pred)


@checks_arguments("losses.kl_divergence")
def kl_divergence(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Return the divergence of each position; see `KLDivergence`.

    Example:
        >>> from tinyseg.losses import kl_divergence
        >>> kl_divergence([[0.5, 0.5]], [[0.25, 0.75]]).round(4)
        array([0.1438])
    """
    return _each(KLDivergence(), y_true, y_pred)


@checks_arguments("losses.hinge")
def hinge(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Return the mean of max(1 - t * p, 0) of each position; see `Hinge`.

    Example:
        >>> from tinyseg.losses import hinge
        >>> hinge([[1.0], [0.0]], [[0.5], [-2.0]])
        array([0.5, 0. ])
    """
    return _each(Hinge(), y_true, y_pred)


@checks_arguments("losses.squared_hinge")
def squared_hinge(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Return the mean of max(1 - t * p, 0)^2 of each position; see `SquaredHinge`.

    Example:
        >>> from tinyseg.losses import squared_hinge
        >>> squared_hinge([[1.0], [0.0]], [[0.5], [-2.0]])
        array([0.25, 0.  ])
    """
    return _each(SquaredHinge(), y_true, y_pred)


@checks_arguments("losses.categorical_hinge")
def categorical_hinge(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """Return max(n - s + 1, 0) of each position; see `CategoricalHinge`.

    Example:
        >>> from tinyseg.losses import categorical_hinge
        >>> categorical_hinge([[0.0, 1.0, 0.0]], [[0.25, 0.5, 0.75]])
        array([1.25])
    """
    return _each(CategoricalHinge(), y_true, y_pred)
