"""The base of optimizers whose whole update is one operation of tinyseg_kernels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tinyseg_kernels.optimizer import NOTHING, Preparation
from tinyseg_kernels.types import Array

from .optimizer import Optimizer


class FusedOptimizer(Optimizer):
    """Updates all parameters by `step`; a subclass that overrides `update_chunk` is updated by that instead."""

    def update_all(
        self,
        parameters: Sequence[Array],
        gradients: Sequence[Array],
        slots: Mapping[str, Sequence[Array]],
        preparation: Preparation,
        rate: float,
    ) -> None:
        """Update all at once."""
        if type(self).update_chunk is FusedOptimizer.update_chunk:
            self.step(parameters, gradients, slots, preparation, rate)
        else:
            super().update_all(parameters, gradients, slots, preparation, rate)

    def update_chunk(self, p: Array, g: Array, slots: dict[str, Array], rate: float) -> None:
        """Take a step with one array."""
        self.step([p], [g], {slot: [array] for slot, array in slots.items()}, NOTHING, rate)

    def step(
        self,
        parameters: Sequence[Array],
        gradients: Sequence[Array],
        slots: Mapping[str, Sequence[Array]],
        preparation: Preparation,
        rate: float,
    ) -> None:
        """Prepare and change the parameters and their slots in place; the gradients stay as they are."""
        raise NotImplementedError
