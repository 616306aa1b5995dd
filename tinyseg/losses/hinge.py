"""Hinge, SquaredHinge and CategoricalHinge: losses of a margin, which is 0 where a prediction is right by 1 or more."""

from __future__ import annotations

import numpy as np
from tinyseg_kernels.device import array_module
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.utils.types import ArrayLike

from .elementwise import Elementwise
from .labels import as_same_shape
from .loss import Loss


class Hinge(Elementwise):
    """max(1 - t * p, 0), for labels t of -1 or 1 (0 means -1); the slope is - t where t * p < 1, else 0.

    Example:
        >>> from tinyseg.losses import Hinge
        >>> float(Hinge()([[1.0], [0.0]], [[0.5], [-2.0]]))  # (0.5 + 0) / 2
        0.25
    """

    def __init__(self, reduction: str = "sum_over_batch_size", name: str = "hinge") -> None:
        """Make the loss."""
        super().__init__(reduction, name)

    def target(self, y_true: ArrayLike, y_pred: FloatArray) -> tuple[Array, Array | None, Array | None]:
        """Return labels of -1 and 1."""
        return as_signs(self.name, y_true, y_pred), None, None

    def value(self, t: FloatArray, p: FloatArray) -> FloatArray:
        """Return how much is missing to the margin."""
        return np.maximum(1 - t * p, 0)

    def slope(self, t: FloatArray, p: FloatArray) -> FloatArray:
        """Return - t within the margin."""
        return -t * (t * p < 1)


class SquaredHinge(Hinge):
    """max(1 - t * p, 0)^2, for labels t of -1 or 1 (0 means -1); the slope is - 2 * t * max(1 - t * p, 0).

    Example:
        >>> from tinyseg.losses import SquaredHinge
        >>> float(SquaredHinge()([[1.0], [0.0]], [[0.5], [-2.0]]))  # (0.25 + 0) / 2
        0.125
    """

    def __init__(self, reduction: str = "sum_over_batch_size", name: str = "squared_hinge") -> None:
        """Make the loss."""
        super().__init__(reduction, name)

    def value(self, t: FloatArray, p: FloatArray) -> FloatArray:
        """Return its square."""
        missing = np.maximum(1 - t * p, 0)
        return missing * missing

    def slope(self, t: FloatArray, p: FloatArray) -> FloatArray:
        """Return - 2 * t * max(1 - t * p, 0)."""
        return -2 * t * np.maximum(1 - t * p, 0)


class CategoricalHinge(Loss):
    """max(n - s + 1, 0), with s = sum of t * p of the right class and n = max of (1 - t) * p of the others.

    Gradient within the margin: - t_j, and 1 - t_j more where n is reached (at the first of several); else 0.

    Labels: one-hot of the predictions' shape (N, ..., K).

    Example:
        >>> from tinyseg.losses import CategoricalHinge
        >>> float(CategoricalHinge()([[0.0, 1.0, 0.0]], [[0.25, 0.5, 0.75]]))  # 0.75 - 0.5 + 1
        1.25
    """

    def __init__(self, reduction: str = "sum_over_batch_size", name: str = "categorical_hinge") -> None:
        """Make the loss."""
        super().__init__(name, reduction)

    def target(self, y_true: ArrayLike, y_pred: FloatArray) -> tuple[Array, Array | None, Array | None]:
        """Check labels."""
        return as_same_shape(self.name, y_true, y_pred), None, None

    def positions(self, target: Array, y_pred: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the loss of each position; kept is its slope."""
        others = (1 - target) * y_pred
        losses = np.maximum(others.max(axis=-1) - (target * y_pred).sum(axis=-1) + 1, 0)
        classes = array_module(y_pred).arange(y_pred.shape[-1])
        reached = others.argmax(axis=-1)[..., None] == classes
        return losses, (reached * (1 - target) - target) * (losses > 0)[..., None]

    def positions_backward(self, dl: FloatArray, cache: FloatArray) -> FloatArray:
        """Return the slope times dl."""
        return cache * dl[..., None]


def as_signs(name: str, y_true: ArrayLike, y_pred: FloatArray) -> Array:
    """Return labels of -1 and 1 from those, or from 0 and 1."""
    labels = as_same_shape(name, y_true, y_pred)
    strange = labels[~np.isin(labels, (-1, 0, 1))]
    if strange.size:
        raise InvalidInput(f"{name}: expected labels of -1 and 1, or of 0 and 1, got {strange[0]}")
    return np.where(labels > 0, labels.dtype.type(1), labels.dtype.type(-1))
