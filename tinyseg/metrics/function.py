"""Metrics from plain functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinyseg_kernels.device import is_array
from tinyseg_kernels.errors import InvalidInput

from tinyseg.utils.brought import as_values, called, labels_and_predictions
from tinyseg.utils.custom_objects import plain_name
from tinyseg.utils.types import ArrayLike, Weights

from .metric import Mean, as_array


class FunctionMetric(Mean):
    """A plain function, partial function or callable object as a metric, under its name.

    `metric(y_true, y_pred)`, without a gradient.

    It returns a number for the batch, or an array with one per sample (N,) or position (N, ...). The metric is the mean
    over all samples: each batch's number counts as often as the batch has samples, also the last one, which may be
    smaller. Labels come in the predictions' dtype; class ids become indices by `y_true.astype(int)`.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        """Keep the function."""
        super().__init__(plain_name(function))
        self.function = function

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike | None = None, sample_weight: Weights = None) -> None:
        """Call the function on a batch."""
        predictions = as_array(y_pred)
        results = called(self.name, self.function, *labels_and_predictions(self.name, y_true, predictions))
        values = as_values(self.name, results, predictions, "a number, or an array with one per sample or position")
        count = len(predictions)
        if is_array(values) and values.ndim > 0:
            if sample_weight is not None:
                self.add(values, sample_weight)
                return
            if values.size:
                self.add(values.reshape(count, -1).mean(axis=1))
            return
        if sample_weight is not None:
            raise InvalidInput(
                f"{self.name}: sample_weight: expected None, since the function returns one number for the batch"
            )
        self.total += values * count
        self.count += count
