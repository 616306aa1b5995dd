r"""Losses that are a mean (or a sum) over the last axis of a function of each label and prediction: value and slope.

Each names its function once, beside its derivative by p; the mean, its gradient, weights and reductions are shared.
They are written in NumPy's arithmetic, which arrays of a device follow as well.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.utils.types import ArrayLike, JsonObject

from .categorical_crossentropy import CategoricalCrossentropy
from .focal import bounded
from .labels import as_exact
from .loss import ClassWeight, Loss

EPSILON = 1e-7
"""Keras's: what numbers are kept above before they are divided by or a logarithm is taken."""

PairCache: TypeAlias = tuple[FloatArray, FloatArray]
"""Labels and predictions."""


class Elementwise(Loss):
    """l = mean over the last axis of value(t, p); the gradient is slope(t, p) / C * dl.

    The base of the losses below; to write your own, derive from it, or from `Loss`.
    """

    def __init__(self, reduction: str = "sum_over_batch_size", name: str | None = None) -> None:
        """Make the loss."""
        super().__init__(name, reduction)

    def value(self, t: FloatArray, p: FloatArray) -> FloatArray:
        """Return the loss of each number."""
        raise NotImplementedError

    def slope(self, t: FloatArray, p: FloatArray) -> FloatArray:
        """Return its derivative by p."""
        raise NotImplementedError

    def target(self, y_true: ArrayLike, y_pred: FloatArray) -> tuple[Array, Array | None, Array | None]:
        """Check labels."""
        return as_exact(self.name, y_true, y_pred), None, None

    def positions(self, target: Array, y_pred: FloatArray) -> tuple[FloatArray, PairCache]:
        """Return the mean over the last axis."""
        return self.value(target, y_pred).mean(axis=-1), (target, y_pred)

    def positions_backward(self, dl: FloatArray, cache: PairCache) -> FloatArray:
        """Return slope / C * dl."""
        gradient = self.slope(*cache)
        return gradient * (dl / gradient.shape[-1])[..., None]


class Huber(Elementwise):
    """Squares near 0, distances beyond: with d = p - t, 0.5 * d^2 where |d| <= delta, else delta * |d| - 0.5 * delta^2.

    The slope is d, cut off at - delta and delta, so that an outlier pulls no more than a point at the distance delta.

    Source: Huber, "Robust Estimation of a Location Parameter", Annals of Mathematical Statistics 35, 1964.

    Example:
        >>> from tinyseg.losses import Huber
        >>> float(Huber(delta=1.0)([[0.0, 0.0]], [[0.5, 3.0]]))  # (0.125 + 2.5) / 2
        1.3125
    """

    def __init__(self, delta: float = 1.0, reduction: str = "sum_over_batch_size", name: str = "huber_loss") -> None:
        """Make the loss; `delta` is where squares end, above 0."""
        super().__init__(reduction, name)
        if not delta > 0:
            raise InvalidInput(f"{name}: delta: expected a number above 0, got {delta!r}")
        self.delta = float(delta)

    def value(self, t: FloatArray, p: FloatArray) -> FloatArray:
        """Return min(|d|, delta) * (|d| - min(|d|, delta) / 2), which is both cases in one; no square overflows."""
        distance = np.abs(p - t)
        near = np.minimum(distance, self.delta)
        return near * (distance - near / 2)

    def slope(self, t: FloatArray, p: FloatArray) -> FloatArray:
        """Return d between - delta and delta."""
        return (p - t).clip(-self.delta, self.delta)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"delta": self.delta, **super().get_config()}


class LogCosh(Elementwise):
    """log(cosh(p - t)): about d^2 / 2 near 0 and |d| - log 2 far away, smooth throughout; the slope is tanh(d).

    Computed as |d| + log(1 + exp(- 2 |d|)) - log 2, which does not overflow.

    Example:
        >>> from tinyseg.losses import LogCosh
        >>> round(float(LogCosh()([[0.0]], [[100.0]])), 4)  # 100 - log 2
        99.3069
    """

    def __init__(self, reduction: str = "sum_over_batch_size", name: str = "log_cosh") -> None:
        """Make the loss."""
        super().__init__(reduction, name)

    def value(self, t: FloatArray, p: FloatArray) -> FloatArray:
        """Return log(cosh(d))."""
        distance = np.abs(p - t)
        return distance + np.log1p(np.exp(-2 * distance)) - float(np.log(2.0))

    def slope(self, t: FloatArray, p: FloatArray) -> FloatArray:
        """Return tanh(d)."""
        return np.tanh(p - t)


class MeanAbsolutePercentageError(Elementwise):
    """100 * |p - t| / max(|t|, 1e-7); the slope is 100 * sign(p - t) / max(|t|, 1e-7).

    Example:
        >>> from tinyseg.losses import MeanAbsolutePercentageError
        >>> float(MeanAbsolutePercentageError()([[2.0, 4.0]], [[1.0, 5.0]]))  # (50 + 25) / 2
        37.5
    """

    def __init__(self, reduction: str = "sum_over_batch_size", name: str = "mean_absolute_percentage_error") -> None:
        """Make the loss."""
        super().__init__(reduction, name)

    def value(self, t: FloatArray, p: FloatArray) -> FloatArray:
        """Return the distance in percent of the label."""
        return np.abs(p - t) * (100 / np.maximum(np.abs(t), EPSILON))

    def slope(self, t: FloatArray, p: FloatArray) -> FloatArray:
        """Return its sign in percent of the label."""
        return np.sign(p - t) * (100 / np.maximum(np.abs(t), EPSILON))


class MeanSquaredLogarithmicError(Elementwise):
    """(log(1 + p) - log(1 + t))^2, with p and t at least 1e-7.

    The slope is 2 * (log(1 + p) - log(1 + t)) / (1 + p), and 0 where p < 1e-7, as in Keras: end in a ReLU or softplus.

    Example:
        >>> from tinyseg.losses import MeanSquaredLogarithmicError
        >>> round(float(MeanSquaredLogarithmicError()([[0.0]], [[1.0]])), 4)  # log(2)^2
        0.4805
    """

    def __init__(self, reduction: str = "sum_over_batch_size", name: str = "mean_squared_logarithmic_error") -> None:
        """Make the loss."""
        super().__init__(reduction, name)

    def value(self, t: FloatArray, p: FloatArray) -> FloatArray:
        """Return the squared difference of the logarithms."""
        difference = np.log1p(np.maximum(p, EPSILON)) - np.log1p(np.maximum(t, EPSILON))
        return difference * difference

    def slope(self, t: FloatArray, p: FloatArray) -> FloatArray:
        """Return 2 * (log(1 + p) - log(1 + t)) / (1 + p) where p is not below 1e-7."""
        above = np.maximum(p, EPSILON)
        difference = np.log1p(above) - np.log1p(np.maximum(t, EPSILON))
        return 2 * difference / (1 + above) * (p >= EPSILON)


class Poisson(Elementwise):
    """p - t * log(p + 1e-7), for counts t; the slope is 1 - t / (p + 1e-7).

    Example:
        >>> from tinyseg.losses import Poisson
        >>> round(float(Poisson()([[2.0]], [[1.0]])), 4)
        1.0
    """

    def __init__(self, reduction: str = "sum_over_batch_size", name: str = "poisson") -> None:
        """Make the loss."""
        super().__init__(reduction, name)

    def value(self, t: FloatArray, p: FloatArray) -> FloatArray:
        """Return p - t * log(p + 1e-7)."""
        return p - t * np.log(p + EPSILON)

    def slope(self, t: FloatArray, p: FloatArray) -> FloatArray:
        """Return 1 - t / (p + 1e-7)."""
        return 1 - t / (p + EPSILON)


class KLDivergence(CategoricalCrossentropy):
    """Kullback-Leibler divergence of predictions from labels: l = sum over k of t_k * log(t_k / p_k).

    t and p are clipped to 1e-7 .. 1, as in Keras, and p is not divided by its sum. It differs from cross-entropy by the
    entropy of the labels, which no prediction changes. Gradient: dp_k = - t_k / p_k * dl, also below 1e-7, where
    Keras's is 0; see `tinyseg_kernels/probabilities.py`.

    Labels: distributions of the predictions' shape (N, ..., K).

    Source: Kullback and Leibler, "On Information and Sufficiency", Annals of Mathematical Statistics 22, 1951.

    Example:
        >>> from tinyseg.losses import KLDivergence
        >>> round(float(KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]])), 4)
        0.1438
    """

    def __init__(
        self,
        reduction: str = "sum_over_batch_size",
        name: str = "kl_divergence",
        class_weight: ClassWeight = None,
        ignore_class: int | None = None,
    ) -> None:
        """Make the loss; class weights and the ignored class as for `CategoricalCrossentropy`."""
        super().__init__(reduction=reduction, name=name, class_weight=class_weight, ignore_class=ignore_class)

    def positions(  # type: ignore[override]  # another cache
        self, target: Array, y_pred: FloatArray
    ) -> tuple[FloatArray, PairCache]:
        """Return the divergence of each position."""
        t = target.clip(EPSILON, 1)
        return (t * np.log(t / y_pred.clip(EPSILON, 1))).sum(axis=-1), (t, y_pred)

    def positions_backward(self, dl: FloatArray, cache: PairCache) -> FloatArray:  # type: ignore[override]
        """Return - t / p * dl."""
        t, p = cache
        return -(t / bounded(p)) * dl[..., None]

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        config = super().get_config()
        return {key: config[key] for key in ("reduction", "name", "class_weight", "ignore_class")}
