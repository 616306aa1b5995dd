"""The base of optimizers: parameters and gradients in, parameters changed in place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from .schedules import LearningRateSchedule
from .schedules import get as get_schedule
from .schedules import serialize as serialize_schedule

CHUNK = 1 << 16
"""Numbers updated at a time: the parameter, its gradient, its slots and two temporaries of a chunk stay in the cache, and no temporary has the size of
a parameter (99 million numbers in the article's network)."""


class Optimizer:
    """Changes parameters so that the loss gets smaller. This is the only place in tinyseg where an array of somebody else is changed.

    A subclass names its `slots` (arrays like the parameter, such as moving averages of the gradient) and overrides `update_chunk`.

    Attributes:
        iterations: Number of updates so far.
    """

    slots: tuple[str, ...] = ()

    def __init__(
        self,
        learning_rate: Any,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        global_clipnorm: float | None = None,
        clipvalue: float | None = None,
        name: str | None = None,
    ) -> None:
        """Set what all optimizers have.

        Args:
            learning_rate: A number or a schedule.
            weight_decay: w subtracts w * learning rate * parameter before each update (decoupled; Loshchilov and Hutter, ICLR 2019).
            clipnorm: Scale each parameter's gradient down to at most this norm.
            global_clipnorm: Scale all gradients down together to at most this norm.
            clipvalue: Cut each number of a gradient to -clipvalue .. clipvalue.
            name: Name in texts.
        """
        self.name = name or type(self).__name__.lower()
        if sum(value is not None for value in (clipnorm, global_clipnorm, clipvalue)) > 1:
            raise InvalidInput(f"{self.name}: give only one of clipnorm, global_clipnorm and clipvalue")
        for label, value in (("clipnorm", clipnorm), ("global_clipnorm", global_clipnorm), ("clipvalue", clipvalue)):
            if value is not None and not value > 0:
                raise InvalidInput(f"{self.name}: {label}: expected a number above 0, got {value!r}")
        if weight_decay is not None and not weight_decay >= 0:
            raise InvalidInput(f"{self.name}: weight_decay: expected a number of at least 0, got {weight_decay!r}")
        self.clipnorm, self.global_clipnorm, self.clipvalue = clipnorm, global_clipnorm, clipvalue
        self.weight_decay = weight_decay
        self.iterations = 0
        self.slot_arrays: dict[str, Array] = {}
        self.learning_rate = learning_rate

    @property
    def learning_rate(self) -> float:
        """The rate of the next update; set it to a number or a schedule."""
        rate = self._rate
        return float(rate(self.iterations)) if isinstance(rate, LearningRateSchedule) else rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if isinstance(value, (LearningRateSchedule, Mapping)):
            self._rate: LearningRateSchedule | float = get_schedule(value)
            return
        try:
            rate = float(value)
        except (TypeError, ValueError):
            raise InvalidInput(f"{self.name}: learning_rate: expected a number or a schedule, got {value!r}") from None
        if not rate >= 0:
            raise InvalidInput(f"{self.name}: learning_rate: expected a number of at least 0, got {value!r}")
        self._rate = rate

    def apply(self, parameters: Mapping[str, Array], gradients: Mapping[str, Array]) -> None:
        """Update parameters in place.

        Args:
            parameters: Arrays by name; each must be contiguous.
            gradients: For each parameter the gradient of the loss, of its shape and dtype; they are not changed.

        Raises:
            InvalidInput: A gradient is missing or does not fit.
        """
        for name, parameter in parameters.items():
            if name not in gradients:
                raise InvalidInput(f"{self.name}: no gradient for parameter {name!r}")
            gradient = gradients[name]
            if gradient.shape != parameter.shape or gradient.dtype != parameter.dtype:
                raise InvalidInput(
                    f"{self.name}: gradient of {name!r}: expected shape {parameter.shape} and {parameter.dtype}, "
                    f"got {gradient.shape} and {gradient.dtype}"
                )
            if not parameter.flags.c_contiguous:
                raise InvalidInput(f"{self.name}: parameter {name!r} must be contiguous")
        rate, common = self.learning_rate, self._global_scale(parameters, gradients)
        self.begin_update(rate)
        for name, parameter in parameters.items():
            scale = common * self._own_scale(gradients[name])
            for p, g, slots in self._chunks(name, parameter, gradients[name]):
                g = g * p.dtype.type(scale) if scale != 1.0 else g
                if self.clipvalue is not None:
                    g = np.clip(g, p.dtype.type(-self.clipvalue), p.dtype.type(self.clipvalue))
                if self.weight_decay:
                    p -= p * p.dtype.type(rate * self.weight_decay)
                self.update_chunk(p, g, slots, rate)
        self.iterations += 1

    def begin_update(self, rate: float) -> None:
        """Compute what is the same for all parameters of this update."""

    def update_chunk(self, p: Array, g: Array, slots: dict[str, Array], rate: float) -> None:
        """Change p (a flat part of a parameter) and its slots in place, for the gradient g, which must stay as it is."""
        raise NotImplementedError

    def _chunks(self, name: str, parameter: Array, gradient: Array) -> Iterator[tuple[Array, Array, dict[str, Array]]]:
        slots = {}
        for slot in self.slots:
            key = f"{slot}/{name}"
            if key not in self.slot_arrays or self.slot_arrays[key].shape != parameter.shape:
                self.slot_arrays[key] = np.zeros(parameter.shape, parameter.dtype)
            slots[slot] = self.slot_arrays[key].reshape(-1)
        p, g = parameter.reshape(-1), gradient.reshape(-1)
        for start in range(0, p.size, CHUNK):
            part = slice(start, start + CHUNK)
            yield p[part], g[part], {slot: array[part] for slot, array in slots.items()}

    def _own_scale(self, gradient: Array) -> float:
        if self.clipnorm is None:
            return 1.0
        norm = float(np.sqrt(_square_sum(gradient)))
        return min(1.0, self.clipnorm / norm) if norm > 0 else 1.0

    def _global_scale(self, parameters: Mapping[str, Array], gradients: Mapping[str, Array]) -> float:
        if self.global_clipnorm is None:
            return 1.0
        norm = float(np.sqrt(sum(_square_sum(gradients[name]) for name in parameters)))
        return min(1.0, self.global_clipnorm / norm) if norm > 0 else 1.0

    def state(self) -> dict[str, Array]:
        """Return what the optimizer remembers, as arrays by name: the number of updates and the slots."""
        return {"iterations": np.array(self.iterations, np.int64), **self.slot_arrays}

    def set_state(self, state: Mapping[str, Array]) -> None:
        """Take back what `state` returned; the arrays are copied."""
        self.iterations = int(state.get("iterations", 0))
        self.slot_arrays = {key: array.copy() for key, array in state.items() if key != "iterations"}

    def get_config(self) -> dict[str, Any]:
        """Return the arguments as JSON types."""
        rate = self._rate
        return {
            "learning_rate": serialize_schedule(rate) if isinstance(rate, LearningRateSchedule) else rate,
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "name": self.name,
        }


def _square_sum(array: Array) -> float:
    flat = array.reshape(-1)
    return float(np.dot(flat, flat))
