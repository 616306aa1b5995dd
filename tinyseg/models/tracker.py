"""Loss and metrics over the batches of an epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tinyseg_kernels.types import Array

if TYPE_CHECKING:
    from .training import Trainer


class Tracker:
    """Loss and metrics over the batches seen so far: the loss is the mean over samples, as in Keras.

    Under a GPU backend the sums stay on the device until `results` is asked for.
    """

    def __init__(self, model: Trainer) -> None:
        """Start with nothing seen."""
        self.model = model
        self.sums: list[Any] = []
        self.samples = 0
        for collection in model.metrics:
            collection.reset()

    def update(self, losses_: list[Any], y: Any, outputs: list[Array], sample_weight: Any = None) -> None:
        """Take in a batch: its losses and outputs, one of each per output of the model, and its labels and weights."""
        count = len(outputs[0])
        self.sums = [a + b * count for a, b in zip(self.sums or [0.0] * len(losses_), losses_, strict=True)]
        self.samples += count
        targets, weights = self.model.per_output("y", y), self.model.per_output("sample_weight", sample_weight)
        for collection, target, output, weight in zip(self.model.metrics, targets, outputs, weights, strict=True):
            if target is not None:
                collection.update(target, output, weight)

    def results(self) -> dict[str, float]:
        """Return the loss, that of each output, and the metrics by their names in the logs, in Keras's order."""
        means, model = [float(total) / self.samples for total in self.sums], self.model
        prefixes = [""] if model.single_output else [f"{name}_" for name in model.output_names]
        names = ["loss", *(f"{prefix}loss" for prefix in prefixes)]
        results = {name: mean for name, mean, loss in zip(names, means, [True, *model.losses], strict=False) if loss}
        for prefix, collection in zip(prefixes, model.metrics, strict=True):
            results |= {f"{prefix}{key}": value for key, value in collection.results().items()}
        return results


class LogsSoFar(Mapping[str, float]):
    """The tracker's results, worked out when somebody looks.

    A step whose logs nobody reads need not wait for the device.
    """

    def __init__(self, tracker: Tracker) -> None:
        """Remember where to ask."""
        self._tracker = tracker

    @cached_property
    def _results(self) -> dict[str, float]:
        return self._tracker.results()

    def __getitem__(self, name: str) -> float:
        """Return one of them."""
        return self._results[name]

    def __iter__(self) -> Iterator[str]:
        """Go over the names."""
        return iter(self._results)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._results)

    def __repr__(self) -> str:
        """Show them."""
        return repr(self._results)
