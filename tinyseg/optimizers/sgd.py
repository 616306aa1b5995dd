"""SGD."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.optimizer import Preparation, sgd_update
from tinyseg_kernels.types import Array

from .fused import FusedOptimizer


class SGD(FusedOptimizer):
    r"""Gradient descent: p -= rate * g. With momentum m the steps are remembered:

        v = m * v - rate * g          p += v              (Nesterov: p += m * v - rate * g)

    Source: Polyak, 1964; Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013.
    """  # noqa: D415

    def __init__(self, learning_rate: Any = 0.01, momentum: float = 0.0, nesterov: bool = False, **common: Any) -> None:
        """Set rate and momentum; `common` are the arguments of `Optimizer`."""
        super().__init__(learning_rate, **common)
        if not 0.0 <= momentum <= 1.0:
            raise InvalidInput(f"{self.name}: momentum: expected a number from 0 to 1, got {momentum!r}")
        self.momentum, self.nesterov = float(momentum), bool(nesterov)
        self.slots = ("momentum",) if self.momentum else ()

    def step(
        self,
        parameters: Sequence[Array],
        gradients: Sequence[Array],
        slots: Mapping[str, Sequence[Array]],
        preparation: Preparation,
        rate: float,
    ) -> None:
        """Take a step."""
        sgd_update(
            parameters,
            gradients,
            slots.get("momentum"),
            preparation,
            rate=rate,
            momentum=self.momentum,
            nesterov=self.nesterov,
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "momentum": self.momentum, "nesterov": self.nesterov}
