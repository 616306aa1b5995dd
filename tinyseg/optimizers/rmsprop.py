"""RMSprop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tinyseg_kernels.optimizer import Preparation, rmsprop_update
from tinyseg_kernels.types import Array

from .fused import FusedOptimizer


class RMSprop(FusedOptimizer):
    r"""Divide each step by the recent size of its gradient:

        v = rho * v + (1 - rho) * g^2       p -= rate * g / sqrt(v + epsilon)

    centered: the variance v - mean(g)^2 stands for v. With momentum m the steps add up: u = m * u + step, p -= u.

    Source: Tieleman and Hinton, Coursera lecture 6.5, 2012.
    """  # noqa: D415

    def __init__(
        self,
        learning_rate: Any = 0.001,
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

    def step(
        self,
        parameters: Sequence[Array],
        gradients: Sequence[Array],
        slots: Mapping[str, Sequence[Array]],
        preparation: Preparation,
        rate: float,
    ) -> None:
        """Take a step."""
        rmsprop_update(
            parameters,
            gradients,
            slots["velocity"],
            slots.get("momentum"),
            slots.get("average_gradient"),
            preparation,
            rate=rate,
            rho=self.rho,
            momentum=self.momentum,
            epsilon=self.epsilon,
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments as JSON types."""
        own = {"rho": self.rho, "momentum": self.momentum, "epsilon": self.epsilon, "centered": self.centered}
        return {**super().get_config(), **own}
