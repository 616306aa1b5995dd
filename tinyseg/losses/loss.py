r"""The base of losses: one number per position, weighted, then one number for the batch.

A subclass computes l, the loss of each *position* (all axes of y_pred but the last, so each pixel of a segmentation).
The base combines them:

    loss = sum over positions of w * l / D

w is the product of sample weight, class weight, and 0 or 1 for ignored or valid positions; D is the number of
positions, of the valid ones if some are ignored (as Keras's mask does), or 1 with reduction 'sum'. Weights do not enter
D, but with reduction 'mean_with_sample_weight', where it is their sum. The gradient by l is therefore w / D.

On a GPU backend labels and weights come from the host, are checked there, and are copied to the device of the
predictions; from then on everything runs on the device, the loss itself included, so that a training step does not wait
for it.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any, ClassVar, TypeAlias

import numpy as np
from tinyseg_kernels.caches import Kept
from tinyseg_kernels.checks import check_float
from tinyseg_kernels.device import is_array, like, to_backend, to_host
from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.types import Array, FloatArray
from tinyseg_kernels.weighted_sum import weighted_sum_backward, weighted_sum_forward, without_ignored

from tinyseg.utils.arguments import KerasArguments
from tinyseg.utils.brought import as_values, shown
from tinyseg.utils.custom_objects import is_brought
from tinyseg.utils.types import ArrayLike, JsonObject, Weights

from . import by_call
from .arithmetic import Arithmetic
from .labels import LARGEST_WEIGHT, as_position_weights, as_same_shape
from .reduction import REDUCTIONS, sum_of_weights

ClassWeight: TypeAlias = Sequence[float] | Mapping[int, float] | None
"""One weight per class, in order or by class id; classes not named weigh 1."""

LossCache: TypeAlias = tuple[Kept, Array | None, Any]
"""Of the sum over positions, which positions are valid (None: all), and of the positions' losses."""


class Loss(Arithmetic, KerasArguments):
    """A function of labels and predictions to be made small, and its gradient.

    To write your own, override `positions` and `positions_backward`, and `target` unless the labels are numbers of the
    predictions' shape; weights, means and sums are then the base's. Or override `call(y_true, y_pred)`, which returns
    (value, gradient); see `by_call.py`; so do plain functions.

    Example:
        >>> import numpy as np
        >>> from tinyseg.losses import Loss
        >>> class Distance(Loss):
        ...     def call(self, y_true, y_pred):
        ...         return np.abs(y_pred - y_true).mean(axis=-1)
        ...
        >>> float(Distance()([[0.0, 0.0]], [[1.0, 3.0]]))
        2.0
    """

    reduction: str = "sum_over_batch_size"
    class_weight: dict[int, float] | None = None
    ignore_class: int | None = None
    name: str = "loss"

    checked: ClassVar[bool] = False
    """Whether what it returns is looked at: so it is for classes that are not tinyseg's."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Prepare somebody's own class."""
        super().__init_subclass__(**options)
        cls.checked = is_brought(cls)
        cls.name = cls.__name__  # also for who does not call super().__init__()
        if cls.checked and "call" in vars(cls) and not {"forward", "positions"} & set(vars(cls)):
            cls.forward, cls.backward = by_call.forward, by_call.backward  # type: ignore[method-assign]

    def __init__(
        self,
        name: str | None = None,
        reduction: str = "sum_over_batch_size",
        class_weight: ClassWeight = None,
        ignore_class: int | None = None,
    ) -> None:
        """Set what all losses have."""
        if reduction not in REDUCTIONS:
            raise unknown_name("reduction", reduction, REDUCTIONS)
        self.reduction = reduction
        self.name = name or type(self).__name__
        self.class_weight = as_class_weights(class_weight)
        self.ignore_class = None if ignore_class is None else int(ignore_class)

    # What a loss is ------------------------------------------------------------------------------------------------

    def target(self, y_true: ArrayLike, y_pred: FloatArray) -> tuple[Array, Array | None, Array | None]:
        """Check labels against predictions, of which only the shape and dtype are needed here.

        Args:
            y_true: Labels on the host.
            y_pred: Predictions, on the host or on a device.

        Returns:
            The labels in the form that `positions` takes, which positions are valid (None: all), and the class weight
            of each (None: 1); NumPy arrays.
        """
        return (
            as_same_shape(self.name, y_true, y_pred, "; override target(y_true, y_pred) for labels of another kind"),
            None,
            None,
        )

    def positions(self, target: Array, y_pred: FloatArray) -> tuple[FloatArray, Any]:
        """Return the loss of each position, of shape y_pred.shape[:-1], and the cache.

        `target` is where the predictions are.
        """
        raise InvalidInput(
            f"{self.name}: write positions(self, target, y_pred) -> (loss of each position, cache), or call(self, y_true, y_pred)"
        )

    def positions_backward(self, dl: FloatArray, cache: Any) -> FloatArray:
        """Return the gradient by y_pred for the gradient dl by each position's loss: a new array."""
        raise InvalidInput(
            f"{self.name}: there is no positions_backward, so the loss can evaluate but not train; write positions_backward(self, dl, cache) -> gradient by y_pred"
        )

    def parts(self) -> list[Loss]:
        """Return the losses that this one is made of: itself, or those of a sum."""
        return [self]

    # Using a loss --------------------------------------------------------------------------------------------------

    def forward(self, y_true: ArrayLike, y_pred: FloatArray, sample_weight: Weights = None) -> tuple[Any, Any]:
        """Compute the loss.

        Args:
            y_true: Labels; each loss says of what shape.
            y_pred: Predictions (N, ..., C), float32 or float64, where the backend in use computes.
            sample_weight: None, one weight per sample (N,), or one per position (N, ...).

        Returns:
            The batch's loss (a number; on a GPU backend an array without axes, there) and the cache for `backward`.

        Raises:
            InvalidInput: Labels or weights that do not fit the predictions.
        """
        check_float(self.name, y_pred=y_pred)
        if y_pred.ndim < 2:
            raise InvalidInput(f"{self.name}: expected predictions (N, ..., C), got shape {y_pred.shape}")
        target, valid, weight = self.target(to_host(y_true), y_pred)
        losses, cache = (positions_of if self.checked else type(self).positions)(self, like(y_pred, target), y_pred)
        divisor = 1.0 if self.reduction == "sum" else float(max(losses.size if valid is None else int(valid.sum()), 1))
        if not (weight is valid is sample_weight is None):
            weight, valid = self._weights(weight, sample_weight, valid, losses, y_pred)
        if self.reduction == "mean_with_sample_weight" and weight is not None:
            divisor = sum_of_weights(weight, losses.shape)
        value, sum_cache = weighted_sum_forward(losses, weight, valid, divisor=divisor, dtype=y_pred.dtype)
        return value, (sum_cache, valid, cache)

    def _weights(
        self, weight: Array | None, sample_weight: Weights, valid: Array | None, losses: FloatArray, y_pred: FloatArray
    ) -> tuple[Array, Array | None]:
        """Return the product of class weight, sample weight, and 0 or 1, and what is valid, where y_pred is."""
        weights = [weight, as_position_weights(self.name, to_host(sample_weight), losses.shape), valid]
        product = reduce(operator.mul, [w.astype(y_pred.dtype, copy=False) for w in weights if w is not None])
        return like(y_pred, product), None if valid is None else like(y_pred, valid)

    def backward(self, dloss: float, cache: Any) -> FloatArray:
        """Return the gradient by y_pred, times dloss."""
        sum_cache, valid, inner = cache
        gradient = self.positions_backward(weighted_sum_backward(dloss, sum_cache), inner)
        return gradient if valid is None else without_ignored(gradient, valid)

    def __call__(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: Weights = None) -> float:
        """Return the loss alone, as a number.

        Predictions may also be on the host when the backend computes on a device.
        """
        y_pred = y_pred if is_array(y_pred) else np.asarray(y_pred)
        if y_pred.dtype.kind in "iub":
            y_pred = y_pred.astype(np.float32)
        return float(self.forward(y_true, to_backend(y_pred), sample_weight)[0])

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"reduction": self.reduction, "name": self.name}

    def weight_config(self) -> JsonObject:
        """Return class_weight and ignore_class as JSON types, for the losses that have them."""
        # A list of pairs: JSON would turn the keys of a dict into text.
        weights = None if self.class_weight is None else [[k, w] for k, w in self.class_weight.items()]
        return {"class_weight": weights, "ignore_class": self.ignore_class}

    def weights_of_classes(self, classes: int) -> Array:
        """Return one weight per class (classes,); 1 for those not named."""
        weights = np.ones(classes)
        for label, weight in (self.class_weight or {}).items():
            if not 0 <= label < classes:
                raise InvalidInput(
                    f"{self.name}: class_weight: expected class ids from 0 to {classes - 1}, got {label}"
                )
            weights[label] = weight
        return weights


def positions_of(loss: Loss, target: Array, y_pred: FloatArray) -> tuple[Array, Any]:
    """Return the losses of somebody's own `positions`, and its cache; raises InvalidInput for anything else."""
    results: Any = loss.positions(target, y_pred)
    name, what = f"{loss.name}: positions", "an array with the loss of each position"
    if not isinstance(results, tuple) or len(results) != 2:
        raise InvalidInput(f"{name}: expected (losses, cache), got {shown(results)}")
    losses = as_values(name, results[0], y_pred, what)
    if not is_array(losses):
        raise InvalidInput(f"{name}: expected {what}, got {shown(results[0])}")
    return losses.astype(y_pred.dtype, copy=False), results[1]


def check_gradient(loss: Loss, gradient: object, y_pred: FloatArray) -> None:
    """Refuse a gradient of somebody's own loss that is not one by y_pred."""
    if not is_array(gradient) or gradient.shape != y_pred.shape or gradient.dtype != y_pred.dtype:
        raise InvalidInput(
            f"{loss.name}: gradient by y_pred: expected y_pred's shape {y_pred.shape} and {y_pred.dtype}, got {shown(gradient)}"
        )


def as_class_weights(class_weight: Any) -> dict[int, float] | None:
    """Return one weight per class id from a dict, a list, or a list of pairs; each at least 0 and finite in float32."""
    if class_weight is None:
        return None
    try:
        if isinstance(class_weight, Mapping):
            pairs = list(class_weight.items())
        else:
            items = list(class_weight)
            in_pairs = len(items) > 0 and all(isinstance(item, (list, tuple)) for item in items)
            pairs = [tuple(item) for item in items] if in_pairs else list(enumerate(items))
        weights = {operator.index(label): float(+weight) for label, weight in pairs}
    except (TypeError, ValueError, OverflowError):
        raise InvalidInput(f"class_weight: expected one number per class, got {class_weight!r}") from None
    if any(not 0 <= weight <= LARGEST_WEIGHT for weight in weights.values()):
        raise InvalidInput(
            f"class_weight: expected numbers of at least 0 that are finite in float32, got {class_weight!r}"
        )
    return weights
