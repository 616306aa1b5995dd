r"""Focal losses: cross-entropy that weighs easy positions less.

With q the probability given to the truth, a position's cross-entropy - log q is multiplied by (1 - q)^gamma: what is
right by far (q near 1) counts next to nothing, so millions of easy background pixels do not drown the few hard ones.
gamma = 0 is cross-entropy.

Source: Lin, Goyal, Girshick, He and Dollar, "Focal Loss for Dense Object Detection", ICCV 2017 (arXiv:1708.02002).

Both losses are written in NumPy's arithmetic, which arrays of a device follow as well. How probabilities near 0 are
treated: `tinyseg_kernels/probabilities.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from tinyseg_kernels.device import array_module
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.probabilities import EPSILON, SMALLEST
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.utils.types import ArrayLike, JsonObject

from .binary_crossentropy import BinaryCrossentropy
from .categorical_crossentropy import CategoricalCrossentropy
from .labels import LARGEST_WEIGHT, as_class_ids
from .loss import ClassWeight

FocalCache: TypeAlias = tuple[FloatArray, ...]
"""What the gradient is made of: each loss says what."""


def clipped_log(p: FloatArray) -> FloatArray:
    """Return log of p clipped to 1e-7 .. 1 - 1e-7."""
    return np.log(p.clip(EPSILON, 1 - EPSILON))


def bounded(p: FloatArray) -> FloatArray:
    """Return p, but at least the smallest number of its dtype whose reciprocal is finite."""
    return np.maximum(p, SMALLEST[p.dtype.type])


def _as_gamma(name: str, gamma: float) -> float:
    if not 0 <= gamma <= LARGEST_WEIGHT:
        raise InvalidInput(f"{name}: gamma: expected a number of at least 0, got {gamma!r}")
    return float(gamma)


class BinaryFocalCrossentropy(BinaryCrossentropy):
    r"""Focal cross-entropy of yes or no: l = mean over the last axis of w * m^gamma * b.

    b = - t * log p - (1 - t) * log(1 - p) is the cross-entropy, m = t * (1 - p) + (1 - t) * p how far p is from the
    truth, and w = t * alpha + (1 - t) * (1 - alpha) with `apply_class_balancing`, else 1.

    Gradient: dm / dp = 1 - 2 t and db / dp = (1 - t) / (1 - p) - t / p, so by the product rule

        dl / dp = w * (gamma * m^(gamma - 1) * (1 - 2 t) * b + m^gamma * db / dp) / C

    and by logits z, with p = sigmoid(z), dp / dz = p (1 - p) and db / dz = p - t. From logits, b is computed without p,
    so no z overflows and the gradient of a confident mistake is not 0 (Keras clips p there).

    Labels: 0 or 1 (or in between) of the predictions' shape; a missing last axis of length 1 is added.

    Example:
        >>> from tinyseg.losses import BinaryFocalCrossentropy
        >>> round(float(BinaryFocalCrossentropy(gamma=2.0)([[1.0]], [[0.9]])), 6)  # 0.1^2 * 0.105361
        0.001054
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str = "sum_over_batch_size",
        name: str = "binary_focal_crossentropy",
        class_weight: ClassWeight = None,
        ignore_class: int | None = None,
    ) -> None:
        """Make the loss.

        Args:
            apply_class_balancing: Whether to weigh label 1 by alpha and label 0 by 1 - alpha.
            alpha: From 0 to 1.
            gamma: At least 0; the larger, the less easy positions count.
            from_logits: Whether predictions are logits instead of probabilities.
            label_smoothing: s turns labels t into t * (1 - s) + s / 2.
            axis: -1.
            reduction: 'sum_over_batch_size' (mean), 'sum', or 'mean_with_sample_weight'.
            name: Name in texts.
            class_weight: Weights of the labels 0 and 1.
            ignore_class: A label (such as 255) whose positions count for nothing.
        """
        super().__init__(
            from_logits, label_smoothing, axis, reduction, name, class_weight=class_weight, ignore_class=ignore_class
        )
        if not 0 <= alpha <= 1:
            raise InvalidInput(f"{name}: alpha: expected a number from 0 to 1, got {alpha!r}")
        self.apply_class_balancing, self.alpha = bool(apply_class_balancing), float(alpha)
        self.gamma = _as_gamma(name, gamma)

    def positions(  # type: ignore[override]  # another cache
        self, target: Array, y_pred: FloatArray
    ) -> tuple[FloatArray, FocalCache]:
        """Return the mean over the last axis of w * m^gamma * b; kept is the slope of each."""
        t = target
        weight: float | FloatArray = 1.0
        if self.apply_class_balancing:
            weight = t * self.alpha + (1 - t) * (1 - self.alpha)
        if self.from_logits:
            z, small = y_pred, np.exp(-np.abs(y_pred))
            larger, smaller = 1 / (1 + small), small / (1 + small)
            where = array_module(z).where
            p, rest = where(z >= 0, larger, smaller), where(z >= 0, smaller, larger)  # rest is 1 - p, to all its digits
            entropy, slope = np.maximum(z, 0) - z * t + np.log1p(small), p - t
            moves = p * rest
        else:
            p, rest, moves = y_pred, 1 - y_pred, 1.0
            entropy = -(t * clipped_log(p) + (1 - t) * clipped_log(rest))
            slope = (1 - t) / bounded(rest) - t / bounded(p)
        miss = bounded(t * rest + (1 - t) * p)
        factor = weight * miss**self.gamma
        rise = weight * self.gamma * miss ** (self.gamma - 1) * (1 - 2 * t) * moves
        return (factor * entropy).mean(axis=-1), (rise * entropy + factor * slope,)

    def positions_backward(self, dl: FloatArray, cache: FocalCache) -> FloatArray:  # type: ignore[override]
        """Return w * (gamma * m^(gamma - 1) * dm * b + m^gamma * db) / C * dl."""
        return cache[0] * (dl / cache[0].shape[-1])[..., None]

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        own = {"apply_class_balancing": self.apply_class_balancing, "alpha": self.alpha, "gamma": self.gamma}
        return {**own, **super().get_config()}


class CategoricalFocalCrossentropy(CategoricalCrossentropy):
    r"""Focal cross-entropy between distributions: l = - sum over k of alpha_k * t_k * (1 - q_k)^gamma * log q_k.

    q = p / sum of p, or the softmax of logits z.

    Gradient: with h_k = dl / dlog q_k

        h_k = alpha_k * t_k * (gamma * (1 - q_k)^(gamma - 1) * q_k * log q_k - (1 - q_k)^gamma)

    and dlog q_k / dp_j = [k = j] / p_j - 1 / S, dlog q_k / dz_j = [k = j] - q_j,

        dp_j = (h_j / p_j - sum of h / S) * dl        dz_j = (h_j - q_j * sum of h) * dl

    From logits, log q is computed as in `tinyseg_kernels.softmax_cross_entropy`, so the gradient of a confident mistake
    is not 0 (Keras clips q there).

    Labels: one-hot or distributions of the predictions' shape (N, ..., K).

    Example:
        >>> from tinyseg.losses import CategoricalFocalCrossentropy
        >>> loss = CategoricalFocalCrossentropy(alpha=0.25, gamma=2.0)
        >>> round(float(loss([[0.0, 1.0]], [[0.1, 0.9]])), 7)  # 0.25 * 0.1^2 * 0.105361
        0.0002634
    """

    def __init__(
        self,
        alpha: float | Sequence[float] = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str = "sum_over_batch_size",
        name: str = "categorical_focal_crossentropy",
        class_weight: ClassWeight = None,
        ignore_class: int | None = None,
    ) -> None:
        """Make the loss.

        Args:
            alpha: Weight of all classes, or a list with one for each.
            gamma: At least 0; the larger, the less easy positions count.
            from_logits: Whether predictions are logits instead of probabilities.
            label_smoothing: s turns labels t into t * (1 - s) + s / K.
            axis: -1, the classes.
            reduction: 'sum_over_batch_size' (mean), 'sum', or 'mean_with_sample_weight'.
            name: Name in texts.
            class_weight: Weight of each position by its label's class.
            ignore_class: Positions whose label has its maximum here count for nothing.
        """
        super().__init__(
            from_logits, label_smoothing, axis, reduction, name, class_weight=class_weight, ignore_class=ignore_class
        )
        self.alpha, self.gamma = _as_alpha(name, alpha), _as_gamma(name, gamma)

    def positions(  # type: ignore[override]  # another cache
        self, target: Array, y_pred: FloatArray
    ) -> tuple[FloatArray, FocalCache]:
        """Return the loss of each position; kept are h, and what the gradient is made of beside it."""
        if isinstance(self.alpha, list) and len(self.alpha) != y_pred.shape[-1]:
            raise InvalidInput(
                f"{self.name}: alpha: expected one weight for each of {y_pred.shape[-1]} classes, got {self.alpha}"
            )
        if self.from_logits:
            z = y_pred - y_pred.max(axis=-1, keepdims=True)
            log_q = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
            q, rest = np.exp(log_q), bounded(-np.expm1(log_q))
        else:
            total = y_pred.sum(axis=-1, keepdims=True)
            q = y_pred / total
            log_q, rest = clipped_log(q), bounded(1 - q)
        weighted = target * self._alpha_like(y_pred)
        factor = rest**self.gamma
        losses = -(weighted * factor * log_q).sum(axis=-1)
        h = weighted * (self.gamma * rest ** (self.gamma - 1) * q * log_q - factor)
        return losses, (h, q) if self.from_logits else (h, bounded(y_pred), total)

    def positions_backward(self, dl: FloatArray, cache: FocalCache) -> FloatArray:  # type: ignore[override]
        """Return (h / p - sum of h / S) * dl, or by logits (h - q * sum of h) * dl."""
        h, sum_of_h = cache[0], cache[0].sum(axis=-1, keepdims=True)
        dp: FloatArray = h - cache[1] * sum_of_h if len(cache) == 2 else h / cache[1] - sum_of_h / cache[2]
        dp *= dl[..., None]
        return dp

    def _alpha_like(self, y_pred: FloatArray) -> float | FloatArray:
        if not isinstance(self.alpha, list):
            return self.alpha
        alpha: FloatArray = array_module(y_pred).asarray(np.array(self.alpha, y_pred.dtype))
        return alpha

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"alpha": self.alpha, "gamma": self.gamma, **super().get_config()}


class SparseCategoricalFocalCrossentropy(CategoricalFocalCrossentropy):
    r"""Focal cross-entropy for class ids: l = - alpha_t * (1 - q_t)^gamma * log q_t, with t the right class.

    `CategoricalFocalCrossentropy` of the one-hot labels, with its gradient. tinyseg's own; Keras has that one only.

    Labels: class ids (N, ...) for predictions (N, ..., K).

    Example:
        >>> from tinyseg.losses import SparseCategoricalFocalCrossentropy
        >>> round(float(SparseCategoricalFocalCrossentropy()([1], [[0.1, 0.9]])), 7)  # 0.25 * 0.1^2 * 0.105361
        0.0002634
    """

    def __init__(
        self,
        alpha: float | Sequence[float] = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str = "sum_over_batch_size",
        name: str = "sparse_categorical_focal_crossentropy",
        class_weight: ClassWeight = None,
    ) -> None:
        """Make the loss; `ignore_class` is a label (such as 255) whose positions count for nothing."""
        super().__init__(
            alpha, gamma, from_logits, reduction=reduction, name=name, class_weight=class_weight,
            ignore_class=ignore_class,
        )  # fmt: skip

    def target(self, y_true: ArrayLike, y_pred: FloatArray) -> tuple[Array, Array | None, Array | None]:
        """Check class ids."""
        ids, valid = as_class_ids(self.name, y_true, y_pred, self.ignore_class)
        if self.class_weight is None:
            return ids, valid, None
        return ids, valid, self.weights_of_classes(y_pred.shape[-1]).astype(y_pred.dtype)[ids]

    def positions(  # type: ignore[override]  # another cache
        self, target: Array, y_pred: FloatArray
    ) -> tuple[FloatArray, FocalCache]:
        """Return the loss of each position."""
        classes = array_module(y_pred).arange(y_pred.shape[-1])
        return super().positions((target[..., None] == classes).astype(y_pred.dtype), y_pred)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        config = super().get_config()
        del config["label_smoothing"]
        return config


def _as_alpha(name: str, alpha: object) -> float | list[float]:
    """Return one weight, or one for each class."""
    values = np.asarray(alpha) if isinstance(alpha, (int, float, list, tuple, np.ndarray, np.number)) else None
    fits = values is not None and values.dtype.kind in "iuf" and values.ndim <= 1 and values.size > 0
    if values is None or not fits or not ((values >= 0) & (values <= LARGEST_WEIGHT)).all():
        raise InvalidInput(f"{name}: alpha: expected a number of at least 0, or one for each class, got {alpha!r}")
    numbers = values.astype(float).tolist()
    return list(numbers) if values.ndim else float(values)
