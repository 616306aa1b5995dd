"""Another learning rate for some layers."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import ClassVar

from tinyseg_kernels.device import is_device_array
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.optimizer import clip_scales
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.utils.registry import Registry
from tinyseg.utils.types import JsonObject, OptimizerLike

from .optimizer import Optimizer
from .rate import Rate
from .schedules import LearningRateSchedule
from .schedules.checks import checked_rate


class LayerRates(Optimizer):
    """An optimizer whose learning rate is multiplied by a number for some layers.

    What was learnt on a million images should change little for a few, what is new may learn fast: multipliers such as
    {'block_*': 0.1}. They multiply whatever rate the optimizer or its schedule gives at the time, its weight decay
    with it. Gradients are clipped by their norm over all layers together.

    Source: Howard and Ruder, "Universal Language Model Fine-tuning", ACL 2018 (arXiv:1801.06146): discriminative
    fine-tuning.

    Example:
        >>> import numpy as np
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential
        >>> from tinyseg.optimizers import LayerRates
        >>> model = Sequential([Input((1,)), Dense(1, name="body"), Dense(1, name="head")])
        >>> model.compile(LayerRates("sgd", {"body": 0.0}), loss="mse")
        >>> before = model.get_weights()
        >>> _ = model.fit(np.ones((4, 1)), np.zeros((4, 1)), verbose=0)
        >>> [bool(np.array_equal(a, b)) for a, b in zip(before, model.get_weights())]
        [True, True, False, False]
    """

    registry: ClassVar[Registry[Optimizer]]
    """Where optimizers are found by their names; it names this class, too, and gives itself."""

    def __init__(
        self,
        optimizer: OptimizerLike = "rmsprop",
        multipliers: Mapping[str, float] | None = None,
        name: str | None = None,
    ) -> None:
        """Set the optimizer and what its rate is multiplied by.

        Args:
            optimizer: Name or object.
            multipliers: Layer -> number of at least 0. A layer's name may be a pattern, such as 'block_*'; the first
                that fits counts. For layers that none fits it is 1.
            name: Name in texts.

        Raises:
            InvalidInput: An unknown optimizer, or a number that is not one.
        """
        self.optimizer: Optimizer = self.registry.get(optimizer)
        if isinstance(self.optimizer, LayerRates):
            raise InvalidInput("LayerRates: expected another optimizer than LayerRates; give all multipliers to one")
        if multipliers is not None and not isinstance(multipliers, Mapping):
            raise InvalidInput(f"LayerRates: multipliers: expected a dict of layers and numbers, got {multipliers!r}")
        self.multipliers = {
            str(layer): checked_rate(f"LayerRates: multiplier of {layer!r}", value)
            for layer, value in dict(multipliers or {}).items()
        }
        self.name = name or self.optimizer.name

    def check_layers(self, layers: Mapping[str, object]) -> None:
        """Raise InvalidInput for a name or pattern that fits no layer with parameters, given by 'layer/parameter'."""
        for pattern in self.multipliers:
            if not any(_fits(key, pattern) for key in layers):
                names = list(dict.fromkeys(key.rpartition("/")[0] for key in layers))
                shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
                raise InvalidInput(
                    f"LayerRates: {pattern!r}: no layer with parameters has such a name; there are {shown}"
                )

    def multiplier(self, key: str) -> float:
        """Return what the rate of a parameter 'layer/parameter' is multiplied by."""
        return next((value for pattern, value in self.multipliers.items() if _fits(key, pattern)), 1.0)

    def apply(self, parameters: Mapping[str, Array], gradients: Mapping[str, Array]) -> None:
        """Update parameters in place: those of each multiplier together, with the rate times it."""
        inner, groups = self.optimizer, dict[float, list[str]]()
        for key in parameters:
            groups.setdefault(self.multiplier(key), []).append(key)
        given = {key: gradients[key] for key in parameters if key in gradients}
        whole, schedule, updates = inner.global_clipnorm, inner._rate, inner.iterations
        rate = inner.next_rate()
        if whole is not None:
            scales = clip_scales(list(given.values()), global_clipnorm=whole)
            assert scales is not None
            given = {
                key: g * (scales[k] if is_device_array(g) else g.dtype.type(scales[k]))
                for k, (key, g) in enumerate(given.items())
            }
        try:
            inner.global_clipnorm = None
            for multiplier, keys in groups.items():
                inner.iterations, inner._rate = updates, float(rate * multiplier)
                inner.apply({key: parameters[key] for key in keys}, given)
        finally:
            inner.global_clipnorm, inner._rate = whole, schedule
            inner.iterations = updates
        inner.iterations = updates + 1

    # What an optimizer has is that of the one inside ---------------------------------------------------------------

    @property
    def iterations(self) -> int:  # type: ignore[override]
        """Number of updates so far."""
        return int(self.optimizer.iterations)

    @property
    def learning_rate(self) -> float:
        """The rate of the next update, before it is multiplied; set it to a number or a schedule."""
        return Rate.of(self, self.optimizer.next_rate())

    @learning_rate.setter
    def learning_rate(self, value: object) -> None:
        self.optimizer.learning_rate = value

    def next_rate(self) -> float:
        """Return the rate of the next update as a plain number."""
        return float(self.optimizer.next_rate())

    @property
    def schedule(self) -> LearningRateSchedule | None:
        """The schedule that gives the learning rate, if one does."""
        found: LearningRateSchedule | None = self.optimizer.schedule
        return found

    @property
    def slot_arrays(self) -> dict[str, FloatArray]:
        """What the optimizer remembers of each parameter."""
        found: dict[str, FloatArray] = self.optimizer.slot_arrays
        return found

    @slot_arrays.setter
    def slot_arrays(self, value: dict[str, FloatArray]) -> None:
        self.optimizer.slot_arrays = value

    def __getstate__(self) -> dict[str, object]:
        """Return what a copy is made from."""
        return dict(self.__dict__)

    def state(self) -> dict[str, FloatArray]:
        """Return what the optimizer remembers, as NumPy arrays by name."""
        found: dict[str, FloatArray] = self.optimizer.state()
        return found

    def set_state(self, state: Mapping[str, Array]) -> None:
        """Take back what `state` returned."""
        self.optimizer.set_state(state)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        inside = self.registry.serialize(self.optimizer)
        return {"optimizer": inside, "multipliers": dict(self.multipliers), "name": self.name}


def _fits(key: str, pattern: str) -> bool:
    """Return whether a parameter 'layer/parameter' is of a layer of this name, or of one within it."""
    layer = key.rpartition("/")[0]
    parts = layer.split("/")
    return any(fnmatchcase("/".join(parts[: k + 1]), pattern) for k in range(len(parts)))
