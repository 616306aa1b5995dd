"""What `optimizer.learning_rate` gives: a number, with Keras's way to change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .optimizer import Optimizer


class Rate(float):
    """The rate of the next update; copied and saved it is a plain number."""

    _optimizer: Optimizer

    @classmethod
    def of(cls, optimizer: Optimizer, value: float) -> Rate:
        """Return the rate of an optimizer."""
        rate = cls(value)
        rate._optimizer = optimizer
        return rate

    def assign(self, value: object) -> None:
        """Do what `optimizer.learning_rate = value` does."""
        self._optimizer.learning_rate = value

    def numpy(self) -> np.float64:
        """Return the number as NumPy has it."""
        return np.float64(self)

    def __reduce__(self) -> Any:
        """Leave the optimizer behind."""
        return float, (float(self),)
