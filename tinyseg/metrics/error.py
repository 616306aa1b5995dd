"""Distances between predictions and labels as metrics: MeanSquaredError, RootMeanSquaredError, MeanAbsoluteError."""

from __future__ import annotations

import numpy as np

from tinyseg.losses.labels import as_exact
from tinyseg.utils.types import ArrayLike, Weights

from .accuracy import same_shape
from .metric import Mean


class MeanSquaredError(Mean):
    """The mean of (p - t)^2.

    Example:
        >>> from tinyseg.metrics import MeanSquaredError
        >>> metric = MeanSquaredError()
        >>> metric.update_state([[0.0, 0.0]], [[1.0, 3.0]])
        >>> float(metric.result())
        5.0
    """

    direction = "min"

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike | None = None, sample_weight: Weights = None) -> None:
        """Take a batch in."""
        t, p = same_shape(self.name, y_true, y_pred, as_exact)
        self.add(np.square(p - t).mean(axis=-1), sample_weight)


class RootMeanSquaredError(MeanSquaredError):
    """The root of the mean of (p - t)^2 over all seen.

    Example:
        >>> from tinyseg.metrics import RootMeanSquaredError
        >>> metric = RootMeanSquaredError()
        >>> metric.update_state([[0.0, 0.0]], [[1.0, 7.0]])
        >>> metric.result()
        5.0
    """

    def result(self) -> float:
        """Return the root of the mean; 0 when nothing was seen."""
        return float(np.sqrt(super().result()))


class MeanAbsoluteError(Mean):
    """The mean of |p - t|.

    Example:
        >>> from tinyseg.metrics import MeanAbsoluteError
        >>> metric = MeanAbsoluteError()
        >>> metric.update_state([[0.0, 0.0]], [[1.0, 3.0]])
        >>> float(metric.result())
        2.0
    """

    direction = "min"

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike | None = None, sample_weight: Weights = None) -> None:
        """Take a batch in."""
        t, p = same_shape(self.name, y_true, y_pred, as_exact)
        self.add(np.abs(p - t).mean(axis=-1), sample_weight)
