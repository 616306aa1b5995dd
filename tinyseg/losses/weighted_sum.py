"""WeightedSum."""

from __future__ import annotations

from collections.abc import Sequence

from tinyseg_kernels.arrange import add_forward
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import FloatArray

from tinyseg.utils.types import ArrayLike, JsonObject, LossLike, Weights

from .arithmetic import Arithmetic
from .labels import LARGEST_WEIGHT
from .loss import Loss, check_gradient
from .registry import get, register, serialize

SumCache = list[tuple[object, FloatArray]]
"""Of each loss, its cache, and the predictions that its gradient is by."""


class WeightedSum(Loss):
    """A sum of losses of the same labels and predictions: sum over k of w_k * l_k.

    What `0.5 * Dice() + CategoricalCrossentropy()` makes. The gradient is the sum of w_k times each one's gradient.
    Sample weights go to every loss of the sum, so each has to be one that takes them; class weights and ignored classes
    are those of each loss. A model with it saves and loads like any other.

    Args:
        losses: Objects or names.
        weights: One factor for each, at least 0; 1 when not given.
        name: Name in texts.

    Example:
        >>> from tinyseg.losses import MeanAbsoluteError, MeanSquaredError, WeightedSum
        >>> loss = WeightedSum([MeanSquaredError(), "mae"], weights=[0.5, 2.0])
        >>> float(loss([[0.0]], [[3.0]]))  # 0.5 * 9 + 2 * 3
        10.5
    """

    def __init__(
        self, losses: Sequence[LossLike], weights: Sequence[float] | None = None, name: str = "weighted_sum"
    ) -> None:
        """Make the sum."""
        super().__init__(name)
        if not isinstance(losses, (list, tuple)) or not losses or any(loss is None for loss in losses):
            raise InvalidInput(f"{name}: losses: expected a list of losses or their names, got {losses!r}")
        try:
            self.losses: list[Loss] = [get(loss) for loss in losses]
        except InvalidInput as error:
            raise InvalidInput(f"{name}: losses: {error}") from None
        self.weights = [1.0] * len(losses) if weights is None else _factors(name, weights, len(losses))
        ignored = {loss.ignore_class for loss in self.losses}
        self.ignore_class = ignored.pop() if len(ignored) == 1 else None  # what 'accuracy' leaves out

    def terms(self) -> list[tuple[Arithmetic, float]]:
        """Return the losses with their factors; a sum with a name of its own stays together."""
        if self.name != "weighted_sum":
            return [(self, 1.0)]
        return list(zip(self.losses, self.weights, strict=True))

    def parts(self) -> list[Loss]:
        """Return the losses of the sum, and of the sums in it."""
        return [part for loss in self.losses for part in loss.parts()]

    def forward(
        self, y_true: ArrayLike, y_pred: FloatArray, sample_weight: Weights = None
    ) -> tuple[float | FloatArray, SumCache]:
        """Compute each loss, and the sum of w_k * l_k."""
        results = [loss.forward(y_true, y_pred, sample_weight) for loss in self.losses]
        values = [weight * value for weight, (value, _) in zip(self.weights, results, strict=True)]
        return sum(values[1:], values[0]), [(cache, y_pred) for _, cache in results]

    def backward(self, dloss: float, cache: SumCache) -> FloatArray:
        """Return the sum of w_k times each gradient, times dloss."""
        gradients = []
        for loss, weight, (inner, y_pred) in zip(self.losses, self.weights, cache, strict=True):
            gradients.append(loss.backward(weight * dloss, inner))
            if loss.checked:
                check_gradient(loss, gradients[-1], y_pred)
        return add_forward(gradients)[0] if len(gradients) > 1 else gradients[0]

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"losses": [serialize(loss) for loss in self.losses], "weights": self.weights, "name": self.name}


def _factors(name: str, weights: Sequence[float], count: int) -> list[float]:
    expected = f"{name}: weights: expected {count} finite numbers of at least 0, one for each loss"
    if not isinstance(weights, (list, tuple)) or len(weights) != count:
        raise InvalidInput(f"{expected}, got {weights!r}")
    factors = []
    for weight in weights:
        known = isinstance(weight, (int, float)) or hasattr(weight, "dtype")
        if isinstance(weight, bool) or not known or not 0 <= weight <= LARGEST_WEIGHT:
            raise InvalidInput(f"{expected}, got {weight!r}")
        factors.append(float(weight))
    return factors


register(WeightedSum)
Arithmetic.combined = WeightedSum
