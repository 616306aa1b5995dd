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
    from tinyseg.losses.loss import Loss
    from tinyseg.metrics.metric import Metric
    from tinyseg.optimizers.optimizer import Optimizer
    from tinyseg.optimizers.schedules.schedule import LearningRateSchedule
    from tinyseg.regularizers import Regularizer

JsonObject: TypeAlias = dict[str, Any]
"""An object of JSON: names, and under each a number, a text, True, False, None, a list or another object."""

ArrayLike: TypeAlias = npt.ArrayLike
"""What `numpy.asarray` takes: an array, a number, lists of numbers. An array of a device will do as well."""

Weights: TypeAlias = ArrayLike | None
"""One weight for each sample, or for each position; None: all weigh 1."""

ActivationLike: TypeAlias = (
    "str | ActivationFunction | Callable[[Array], Array] | tuple[Callable[[Array], Array], Callable[[Array], Array]]"
    " | Mapping[str, object] | None"
)
"""A name, a function of x, a pair (function, derivative), an `ActivationFunction`, or what `serialize` returned."""

InitializerLike: TypeAlias = "str | Initializer | type[Initializer] | Callable[..., Array] | Mapping[str, object]"
"""A name, an `Initializer` or its class, a function of shape and dtype, or what `serialize` returned."""

RegularizerLike: TypeAlias = "str | Regularizer | type[Regularizer] | Mapping[str, object] | None"
"""A name, a `Regularizer` or its class, or what `serialize` returned; None: no penalty."""

LearningRate: TypeAlias = "float | LearningRateSchedule | Callable[[], float] | Mapping[str, object]"
"""A number, a schedule, a function without arguments, or a schedule as `serialize` returned it."""

OptimizerLike: TypeAlias = "str | Optimizer | type[Optimizer] | Mapping[str, object]"
"""A name, an `Optimizer` or its class, or what `serialize` returned."""

LossLike: TypeAlias = "str | Loss | type[Loss] | Callable[..., object] | Mapping[str, object] | None"
"""A name, a `Loss` or its class, a function of labels and predictions, or what `serialize` returned; None: no loss."""

MetricLike: TypeAlias = "str | Metric | type[Metric] | Callable[..., object] | Mapping[str, object]"
"""A name, a `Metric` or its class, a function of labels and predictions, or what `serialize` returned."""


class LayerOptions(TypedDict, total=False):
    """The arguments that all layers have; see `Layer`."""

    name: str | None
    trainable: bool
    dtype: str | None
    input_shape: Sequence[int | None] | None
