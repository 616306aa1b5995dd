"""RMSprop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from tinyseg_kernels.optimizer import Preparation, rmsprop_update
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.utils.types import JsonObject, LearningRate

from .optimizer import Arrays, Optimizer


class RMSprop(Optimizer):
    r"""Divide each step by the recent size of its gradient:

        v = rho * v + (1 - rho) * g^2       p -= rate * g / sqrt(v + epsilon)

    centered: the variance v - mean(g)^2 stands for v. With momentum m the steps add up: u = m * u + step, p -= u.

    Source: Tieleman and Hinton, Coursera lecture 6.5, 2012.

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential
        >>> from tinyseg.optimizers import RMSprop
        >>> model = Sequential([Input((1,)), Dense(1, kernel_initializer="zeros")])
        >>> model.compile(RMSprop(learning_rate=0.02), loss="mse")
        >>> x = np.array([[1.0], [2.0]], "float32")
        >>> losses = model.fit(x, 3 * x, epochs=200, verbose=0).history["loss"]
        >>> losses[-1] < losses[0] / 100
        True
    """  # noqa: D415

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **common: Any,
    ) -> None:
        """Set rate, decay of the mean square, and momentum; `common` are the arguments of `Optimizer`."""
        super().__init__(learning_rate, **common)
        self.rho, self.momentum, self.epsilon, self.centered = (
            float(rho),
            float(momentum),
            float(epsilon),
            bool(centered),
        )
        used = {"velocity": True, "momentum": self.momentum > 0, "average_gradient": self.centered}
        self.slots = tuple(slot for slot, use in used.items() if use)

    def update_chunk(self, p: Array, g: Array, slots: dict[str, FloatArray], rate: float) -> None:
        """Move the averages towards g^2 and g, and take the step."""
        v, number = slots["velocity"], p.dtype.type
        v *= number(self.rho)
        v += np.square(g) * number(1 - self.rho)
        variance = v + number(self.epsilon)
        if self.centered:
            mean = slots["average_gradient"]
            mean *= number(self.rho)
            mean += g * number(1 - self.rho)
            variance -= np.square(mean)
        step = g * number(rate)
        step /= np.sqrt(variance)
        if self.momentum > 0:
            u = slots["momentum"]
            u *= number(self.momentum)
            u += step
            step = u
        p -= step

    def fused_update(
        self, p: Arrays, g: Arrays, slots: Mapping[str, Arrays], preparation: Preparation, rate: float
    ) -> None:
        """Do the same for all parameters in one kernel."""
        v, u, mean = slots["velocity"], slots.get("momentum"), slots.get("average_gradient")
        options = {"rho": self.rho, "momentum": self.momentum, "epsilon": self.epsilon}
        rmsprop_update(p, g, v, u, mean, preparation, rate=rate, **options)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        own = {"rho": self.rho, "momentum": self.momentum, "epsilon": self.epsilon, "centered": self.centered}
        return {**super().get_config(), **own}
