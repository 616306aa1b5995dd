"""The base of optimizers: parameters and gradients in, parameters changed in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

import numpy as np
from tinyseg_kernels.backend import rung
from tinyseg_kernels.device import array_module, is_device_array, like, to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.optimizer import Preparation, clip_scales
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.utils.arguments import KerasArguments
from tinyseg.utils.types import JsonObject, LearningRate

from .rate import Rate
from .schedules import LearningRateSchedule
from .schedules import get as get_schedule
from .schedules import serialize as serialize_schedule
from .schedules.checks import checked_rate

Arrays: TypeAlias = Sequence[FloatArray]

CHUNK = 1 << 16
"""Numbers updated at a time on a CPU: the parameter, its gradient, its slots and two temporaries of a chunk stay in the
cache, and no temporary has the size of a parameter (99 million numbers in the article's network)."""


class Optimizer(KerasArguments):
    """Changes parameters so that the loss gets smaller, in place.

    A subclass names its `slots` (arrays like the parameter, such as moving averages of the gradient) and overrides
    `update_chunk`, which is the rule. Parameters, gradients and slots are where the backend in use computes; NumPy's
    arithmetic and ufuncs work on the arrays of a GPU too.

    Attributes:
        iterations: Number of updates so far.

    Example:
        >>> from tinyseg.optimizers import SGD, Optimizer
        >>> optimizer = SGD(learning_rate=0.1, clipnorm=1.0)
        >>> isinstance(optimizer, Optimizer), optimizer.learning_rate
        (True, 0.1)
    """

    slots: tuple[str, ...] = ()

    fused_update: ClassVar[Callable[..., None] | None] = None
    """The rule for all parameters at once, by one kernel of `tinyseg_kernels.optimizer`, where the backend has one."""

    def __init_subclass__(cls, **options: object) -> None:
        """Let no kernel stand for a rule that it does not know: who brings a rule brings a kernel, too, or has none."""
        super().__init_subclass__(**options)
        if "update_chunk" in vars(cls):
            cls.fused_update = vars(cls).get("fused_update")

    def __init__(
        self,
        learning_rate: LearningRate,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        global_clipnorm: float | None = None,
        clipvalue: float | None = None,
        name: str | None = None,
    ) -> None:
        """Set what all optimizers have.

        Args:
            learning_rate: A number or a schedule.
            weight_decay: w subtracts w * learning rate * parameter before each update (decoupled; Loshchilov and
                Hutter, ICLR 2019).
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
        self.slot_arrays: dict[str, FloatArray] = {}
        self.learning_rate = learning_rate

    def next_rate(self) -> float:
        """Return the rate of the next update as a plain number."""
        rate = self._rate
        return rate if isinstance(rate, float) else checked_rate(f"{self.name}: rate of {rate}", rate(self.iterations))

    @property
    def learning_rate(self) -> float:
        """The rate of the next update; set it to a number or a schedule, or call `learning_rate.assign`."""
        return Rate.of(self, self.next_rate())

    @learning_rate.setter
    def learning_rate(self, value: object) -> None:
        if isinstance(value, (LearningRateSchedule, Mapping)):
            try:
                self._rate: LearningRateSchedule | float = get_schedule(value)
            except InvalidInput as error:
                raise InvalidInput(f"{self.name}: learning_rate: {error}") from None
        else:
            self._rate = checked_rate(f"{self.name}: learning_rate", value, "a number or a schedule")

    @property
    def schedule(self) -> LearningRateSchedule | None:
        """The schedule that gives the learning rate, if one does."""
        return self._rate if isinstance(self._rate, LearningRateSchedule) else None

    def apply(self, parameters: Mapping[str, Array], gradients: Mapping[str, Array]) -> None:
        """Update parameters in place.

        Args:
            parameters: Arrays by name; each must be contiguous.
            gradients: For each parameter the gradient of the loss, of its shape and dtype; they are not changed.

        Raises:
            InvalidInput: A gradient is missing or does not fit.
        """
        p, g = list(parameters.values()), []
        for name, parameter in parameters.items():
            if name not in gradients:
                raise InvalidInput(f"{self.name}: no gradient for parameter {name!r}")
            gradient = gradients[name]
            if gradient.shape != parameter.shape or gradient.dtype != parameter.dtype:
                raise _unfit(f"{self.name}: gradient of {name!r}", parameter, gradient)
            if not (parameter.flags.c_contiguous and getattr(parameter.flags, "writeable", True)):
                raise InvalidInput(f"{self.name}: parameter {name!r} must be contiguous and may not be read-only")
            # NumPy makes a number of a sum, such as the gradient of a parameter without axes.
            g.append(np.asarray(gradient) if isinstance(gradient, np.generic) else gradient)
        rate = self.next_rate()
        slots = {slot: [self._slot(slot, name, array) for name, array in parameters.items()] for slot in self.slots}
        clips = self.clipnorm is not None or self.global_clipnorm is not None
        scales = clip_scales(g, clipnorm=self.clipnorm, global_clipnorm=self.global_clipnorm) if clips else None
        preparation = Preparation(scales, self.clipvalue, rate * (self.weight_decay or 0.0))
        if self.fused_update and p and p[0].dtype.name in rung("optimizer").FUSED:
            self.fused_update(p, g, slots, preparation, rate)
        else:
            for p_part, g_part, parts in _prepared_chunks(p, g, list(slots.values()), preparation):
                self.update_chunk(p_part, g_part, dict(zip(slots, parts, strict=True)), rate)
        self.iterations += 1

    def update_chunk(self, p: Array, g: Array, slots: dict[str, FloatArray], rate: float) -> None:
        """Change p (a flat part of a parameter) and its slots in place, for the gradient g, which must stay as it is."""
        raise InvalidInput(
            f"{self.name}: write update_chunk(self, p, g, slots, rate), which changes p in place: p -= rate * g"
        )

    def _slot(self, slot: str, name: str, parameter: Array) -> Array:
        """Return a slot of a parameter, where the parameter is; zeros at first."""
        key = f"{slot}/{name}"
        array = self.slot_arrays.get(key)
        if array is None or array.shape != parameter.shape:
            array = array_module(parameter).zeros(parameter.shape, parameter.dtype)
        elif type(array) is not type(parameter):
            array = like(parameter, array)
        self.slot_arrays[key] = array
        return array

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy is made from, also in a process without a GPU: arrays on the host."""
        return {**self.__dict__, "slot_arrays": {key: to_host(array) for key, array in self.slot_arrays.items()}}

    def state(self) -> dict[str, FloatArray]:
        """Return what the optimizer remembers, as NumPy arrays by name: the number of updates and the slots."""
        slots = {key: to_host(array) for key, array in self.slot_arrays.items()}
        return {"iterations": np.array(self.iterations, np.int64), **slots}

    def set_state(self, state: Mapping[str, Array]) -> None:
        """Take back what `state` returned; the arrays are copied, and moved to the parameters by the next update."""
        self.iterations = int(state.get("iterations", 0))
        self.slot_arrays = {key: array.copy() for key, array in state.items() if key != "iterations"}

    def get_config(self) -> JsonObject:
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


def _prepared_chunks(
    parameters: Arrays, gradients: Arrays, slots: Sequence[Arrays], preparation: Preparation
) -> Iterator[tuple[Array, Array, list[Array]]]:
    """Yield (p, g, slots) as flat parts: p has decayed and may be changed; g is scaled and cut, and must stay as it is.

    On a device a part is a whole tensor.
    """
    scales, clipvalue, decay = preparation
    for k, (parameter, *others) in enumerate(zip(parameters, gradients, *slots, strict=True)):
        number, on_device = parameter.dtype.type, is_device_array(parameter)
        flat = [array.reshape(-1) for array in (parameter, *others)]
        step = max(parameter.size, 1) if on_device else CHUNK
        for start in range(0, parameter.size, step):
            p, g, *parts = (array[start : start + step] for array in flat)
            if scales is not None:
                g = g * (scales[k] if on_device else number(scales[k]))
            if clipvalue is not None:
                g = np.clip(g, number(-clipvalue), number(clipvalue))
            if decay:
                p -= p * number(decay)
            yield p, g, parts


def _unfit(what: str, parameter: Array, gradient: Array) -> InvalidInput:
    return InvalidInput(
        f"{what}: expected shape {parameter.shape} and {parameter.dtype}, got {gradient.shape} and {gradient.dtype}"
    )
