"""The base of metrics: a number over all batches seen since the last reset.

Predictions may be on the host or on a device; what metrics remember stays where the predictions are, and only `result`
fetches it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from tinyseg_kernels.device import is_array, is_device_array, like, to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.initializers import get as get_initializer
from tinyseg.utils.arguments import KerasArguments
from tinyseg.utils.custom_objects import is_brought
from tinyseg.utils.naming import snake_case
from tinyseg.utils.types import ArrayLike, InitializerLike, JsonObject, Weights
from tinyseg.utils.variable import Variable


def as_array(values: object) -> Array:
    """Return values as an array: one of a device as it is, anything else as a NumPy array."""
    return values if is_array(values) else np.asarray(values)


def spread(name: str, sample_weight: Weights, shape: tuple[int, ...]) -> Array:
    """Return weights of samples (N,) or positions in a shape, on the host; they broadcast from the left."""
    weight = np.asarray(to_host(sample_weight), np.float64)
    if weight.ndim > 0 and weight.shape[-1] == 1 and (weight.ndim > len(shape) or shape[weight.ndim - 1] != 1):
        weight = weight[..., 0]
    fits = weight.ndim <= len(shape) and all(a in (1, b) for a, b in zip(weight.shape, shape, strict=False))
    if not fits:
        raise InvalidInput(f"{name}: expected sample_weight of shape {shape[:1]} or {shape}, got {weight.shape}")
    return np.broadcast_to(weight.reshape(weight.shape + (1,) * (len(shape) - weight.ndim)), shape)


class Metric(KerasArguments):
    """`update_state` takes a batch in, `result` gives the number, `reset_state` starts anew.

    To write your own, override the three and `get_config`; what is made by `add_weight`, as in Keras, is reset without
    a `reset_state`.

    Attributes:
        direction: What is better, 'max' or 'min', for callbacks with mode='auto'; None: they ask for the mode.

    Example:
        >>> import numpy as np
        >>> from tinyseg.metrics import Metric
        >>> class Largest(Metric):
        ...     def reset_state(self):
        ...         self.largest = 0.0
        ...     def update_state(self, y_true, y_pred, sample_weight=None):
        ...         self.largest = max(self.largest, float(abs(y_pred - y_true).max()))
        ...     def result(self):
        ...         return self.largest
        ...
        >>> metric = Largest()
        >>> metric.reset_state()
        >>> metric.update_state(np.zeros(3), np.array([1.0, -4.0, 2.0]))
        >>> metric.result()
        4.0
    """

    direction: str | None = None

    shares: ClassVar[bool] = False
    """Whether it takes batches in as `ConfusionMatrix` does, so that its counts may be those of others."""

    def __init_subclass__(cls, **options: object) -> None:
        """Give a name also to who does not call super().__init__()."""
        super().__init_subclass__(**options)
        cls.name = snake_case(cls.__name__)
        if is_brought(cls) and inspect.isfunction(vars(cls).get("result")):
            cls.result = _with_number(vars(cls)["result"])  # type: ignore[method-assign, assignment]

    name: str = "metric"

    def __init__(self, name: str | None = None) -> None:
        """Set the name under which the metric appears in the logs."""
        self.name = name or snake_case(type(self).__name__)

    def update_state(self, y_true: ArrayLike, y_pred: Any, sample_weight: Weights = None) -> None:
        """Take a batch in."""
        raise InvalidInput(f"{self.name}: write update_state(self, y_true, y_pred, sample_weight=None)")

    def result(self) -> float:
        """Return the metric over all since the last reset."""
        raise InvalidInput(f"{self.name}: write result(self), which returns a number")

    def reset_state(self) -> None:
        """Forget everything: set what `add_weight` made to what it was at first."""
        variables = self.__dict__.get("variables")
        if variables is None:
            raise InvalidInput(
                f"{self.name}: write reset_state(self), or keep what is remembered in self.add_weight(...)"
            )
        for variable, first in variables:
            variable.assign(first)

    def add_weight(
        self,
        shape: Any = (),
        initializer: InitializerLike = "zeros",
        dtype: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Make something to remember, in Keras's manner.

        `self.total = self.add_weight(shape=(), initializer="zeros", name="total")`, and `self.total.assign_add(...)`.

        The first argument may also be the name, as in Keras 2.
        """
        if isinstance(shape, str):
            shape = ()
        first = get_initializer(initializer)(tuple(shape), "float64").astype(dtype or np.float64)
        variable = first.copy().view(Variable)
        self.__dict__.setdefault("variables", []).append((variable, first))
        return variable

    add_variable = add_weight

    def __call__(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: Weights = None) -> float:
        """Take a batch in and return the result so far."""
        self.update_state(y_true, y_pred, sample_weight)
        return self.result()

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"name": self.name}


def _with_number(result: Callable[[Any], Any]) -> Callable[[Any], float]:
    """Let the `result` of somebody's own metric return a number, or say what it returned instead."""

    @functools.wraps(result)
    def run(self: Metric) -> float:
        value = result(self)
        try:
            return float(value)
        except (TypeError, ValueError):
            raise InvalidInput(f"{self.name}: result: expected a number, got {value!r}") from None

    return run


class Mean(Metric):
    """The weighted mean of values: update_state(values, sample_weight=...).

    Example:
        >>> from tinyseg.metrics import Mean
        >>> metric = Mean()
        >>> metric.update_state([1.0, 3.0])
        >>> metric.update_state(5.0)
        >>> float(metric.result())
        3.0
    """

    def __init__(self, name: str | None = None) -> None:
        """Start at nothing."""
        super().__init__(name=name)
        self.reset_state()

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike | None = None, sample_weight: Weights = None) -> None:
        """Take values in (the first argument; the second is for the subclasses)."""
        self.add(as_array(y_true), sample_weight)

    def add(self, values: Array, sample_weight: Weights = None) -> None:
        """Take values in, with weights that broadcast over them from the left."""
        if sample_weight is None:
            self.total += _sum(values)
            self.count += values.size
            return
        weight = spread(self.name, sample_weight, values.shape)
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
