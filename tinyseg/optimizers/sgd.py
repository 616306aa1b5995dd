"""SGD."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.optimizer import Preparation, sgd_update
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.utils.types import JsonObject, LearningRate

from .optimizer import Arrays, Optimizer


class SGD(Optimizer):
    r"""Gradient descent: p -= rate * g.

    With momentum m the steps are remembered:

        v = m * v - rate * g          p += v              (Nesterov: p += m * v - rate * g)

    Source: Polyak, 1964; Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML
    2013.

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential
        >>> from tinyseg.optimizers import SGD
        >>> model = Sequential([Input((1,)), Dense(1, kernel_initializer="zeros")])
        >>> model.compile(SGD(learning_rate=0.05, momentum=0.9), loss="mse")
        >>> x = np.array([[1.0], [2.0]], "float32")
        >>> losses = model.fit(x, 3 * x, epochs=200, verbose=0).history["loss"]
        >>> losses[-1] < losses[0] / 100
        True
    """

    def __init__(
        self, learning_rate: LearningRate = 0.01, momentum: float = 0.0, nesterov: bool = False, **common: Any
    ) -> None:
        """Set rate and momentum; `common` are the arguments of `Optimizer`."""
        super().__init__(learning_rate, **common)
        if not 0.0 <= momentum <= 1.0:
            raise InvalidInput(f"{self.name}: momentum: expected a number from 0 to 1, got {momentum!r}")
        self.momentum, self.nesterov = float(momentum), bool(nesterov)
        self.slots = ("momentum",) if self.momentum else ()

    def update_chunk(self, p: Array, g: Array, slots: dict[str, FloatArray], rate: float) -> None:
        """Take the step, after those before it if they are remembered."""
        number = p.dtype.type
        step = g * number(-rate)
        if self.momentum:
            v = slots["momentum"]
            v *= number(self.momentum)
            v += step
            step = v * number(self.momentum) + step if self.nesterov else v
        p += step

    def fused_update(
        self, p: Arrays, g: Arrays, slots: Mapping[str, Arrays], preparation: Preparation, rate: float
    ) -> None:
        """Do the same for all parameters in one kernel."""
        v, nesterov = slots.get("momentum"), self.nesterov
        sgd_update(p, g, v, preparation, rate=rate, momentum=self.momentum, nesterov=nesterov)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "momentum": self.momentum, "nesterov": self.nesterov}
