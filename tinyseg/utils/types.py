"""Types of what is given to layers, losses, metrics and models, where more than one will do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinyseg_kernels.types import Array

    from tinyseg.activations import ActivationFunction
    from tinyseg.initializers.initializer import Initializer
    from tinyseg.optimizers.schedules.schedule import LearningRateSchedule

JsonObject: TypeAlias = dict[str, Any]
"""An object of JSON: names, and under each a number, a text, True, False, None, a list or another object."""

ArrayLike: TypeAlias = npt.ArrayLike
"""What `numpy.asarray` takes: an array, a number, lists of numbers. An array of a device will do as well."""

ActivationLike: TypeAlias = (
    "str | ActivationFunction | Callable[[Array], Array] | tuple[Callable[[Array], Array], Callable[[Array], Array]]"
    " | Mapping[str, object] | None"
)
"""A name, a function of x, a pair (function, derivative), an `ActivationFunction`, what `serialize` returned; None: linear."""

InitializerLike: TypeAlias = "str | Initializer | type[Initializer] | Callable[..., Array] | Mapping[str, object]"
"""A name, an `Initializer` or its class, a function of shape and dtype, or what `serialize` returned."""

LearningRate: TypeAlias = "float | LearningRateSchedule | Callable[[], float] | Mapping[str, object]"
"""A number, a schedule, a function without arguments, or a schedule as `serialize` returned it."""


class LayerOptions(TypedDict, total=False):
    """The arguments that all layers have; see `Layer`."""

    name: str | None
    trainable: bool
    dtype: str | None
    input_shape: Sequence[int | None] | None
