"""The base of metrics: a number over all batches seen since the last reset.

Predictions may be on the host or on a device; what metrics remember stays where the predictions are, and only `result` fetches it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from tinyseg_kernels.gpu.arrays import is_array, is_device_array, like, to_host
from tinyseg_kernels.types import Array

from tinyseg.utils.arguments import KerasArguments
from tinyseg.utils.naming import snake_case


def as_array(values: Any) -> Array:
    """Return values as an array: one of a device as it is, anything else as a NumPy array."""
    return values if is_array(values) else np.asarray(values)


class Metric(KerasArguments):
    """`update_state` takes a batch in, `result` gives the number, `reset_state` starts anew."""

    def __init__(self, name: str | None = None) -> None:
        """Set the name under which the metric appears in the logs."""
        self.name = name or snake_case(type(self).__name__)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch in."""
        raise NotImplementedError

    def result(self) -> float:
        """Return the metric over all since the last reset."""
        raise NotImplementedError

    def reset_state(self) -> None:
        """Forget everything."""
        raise NotImplementedError

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> float:
        """Take a batch in and return the result so far."""
        self.update_state(y_true, y_pred, sample_weight)
        return self.result()

    def get_config(self) -> dict[str, Any]:
        """Return the arguments as JSON types."""
        return {"name": self.name}


class Mean(Metric):
    """The weighted mean of values: update_state(values, sample_weight=...)."""

    def __init__(self, name: str | None = None) -> None:
        """Start at nothing."""
        super().__init__(name=name)
        self.reset_state()

    def update_state(self, y_true: Any, y_pred: Any = None, sample_weight: Any = None) -> None:
        """Take values in (the first argument; the second is for the subclasses)."""
        self.add(as_array(y_true), sample_weight)

    def add(self, values: Array, sample_weight: Any = None) -> None:
        """Take values in, with weights that broadcast over them from the left."""
        if sample_weight is None:
            self.total += _sum(values)
            self.count += values.size
            return
        weight = np.asarray(to_host(sample_weight), np.float64)
        if weight.ndim == values.ndim + 1 and weight.shape[-1] == 1:
            weight = weight[..., 0]
        weight = np.broadcast_to(weight.reshape(weight.shape + (1,) * (values.ndim - weight.ndim)), values.shape)
        self.total += _sum(values * like(values, weight))
        self.count += float(weight.sum())

    def result(self) -> float:
        """Return the mean; 0 when nothing was seen, as in Keras."""
        return float(self.total) / self.count if self.count else 0.0

    def reset_state(self) -> None:
        """Forget everything."""
        self.total: Any = 0.0
        self.count: float = 0


def _sum(values: Array) -> Any:
    """Return the sum in float64: a number, or an array without axes on the device of the values."""
    total = values.sum(dtype=np.float64)
    return total if is_device_array(total) else float(total)
