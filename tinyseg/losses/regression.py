"""MeanSquaredError and MeanAbsoluteError."""

from __future__ import annotations

from tinyseg_kernels.caches import Kept
from tinyseg_kernels.regression import (
    absolute_error_backward,
    absolute_error_forward,
    squared_error_backward,
    squared_error_forward,
)
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.utils.types import ArrayLike

from .labels import as_exact
from .loss import Loss


class MeanSquaredError(Loss):
    """The mean over the last axis of (p - t)^2; the gradient is 2 * (p - t) / C.

    Example:
        >>> from tinyseg.losses import MeanSquaredError
        >>> float(MeanSquaredError()([[0.0, 0.0]], [[1.0, 3.0]]))
        5.0
    """

    def __init__(self, reduction: str = "sum_over_batch_size", name: str = "mean_squared_error") -> None:
        """Make the loss."""
        super().__init__(name, reduction)

    def target(self, y_true: ArrayLike, y_pred: FloatArray) -> tuple[Array, Array | None, Array | None]:
        """Check labels."""
        return as_exact(self.name, y_true, y_pred), None, None

    def positions(self, target: Array, y_pred: FloatArray) -> tuple[FloatArray, Kept]:
        """Return the mean square over the last axis."""
        return squared_error_forward(y_pred, target)

    def positions_backward(self, dl: FloatArray, cache: Kept) -> FloatArray:
        """Return 2 * (p - t) / C * dl."""
        return squared_error_backward(dl, cache)


class MeanAbsoluteError(MeanSquaredError):
    """The mean over the last axis of |p - t|; the gradient is sign(p - t) / C, and 0 where p = t.

    Example:
        >>> from tinyseg.losses import MeanAbsoluteError
        >>> float(MeanAbsoluteError()([[0.0, 0.0]], [[1.0, 3.0]]))
        2.0
    """

    def __init__(self, reduction: str = "sum_over_batch_size", name: str = "mean_absolute_error") -> None:
        """Make the loss."""
        super().__init__(reduction, name)

    def positions(self, target: Array, y_pred: FloatArray) -> tuple[FloatArray, Kept]:
        """Return the mean distance over the last axis."""
        return absolute_error_forward(y_pred, target)

    def positions_backward(self, dl: FloatArray, cache: Kept) -> FloatArray:
        """Return sign(p - t) / C * dl."""
        return absolute_error_backward(dl, cache)
