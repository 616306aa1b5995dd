"""CategoricalCrossentropy."""

from __future__ import annotations

import numpy as np
from tinyseg_kernels.caches import Kept
from tinyseg_kernels.cross_entropy import cross_entropy_backward, cross_entropy_forward
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.softmax_cross_entropy import softmax_cross_entropy_backward, softmax_cross_entropy_forward
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.utils.types import ArrayLike, JsonObject

from .labels import as_same_shape
from .loss import ClassWeight, Loss


class CategoricalCrossentropy(Loss):
    r"""Cross-entropy between distributions: l = - sum over k of t_k * log(p_k / sum of p).

    Gradient: dp_j = (- t_j / p_j + sum of t / sum of p) * dl; for logits see `tinyseg_kernels.softmax_cross_entropy`.
    How p near 0 is treated: `tinyseg_kernels/probabilities.py`.

    Labels: one-hot or distributions of the predictions' shape (N, ..., K).

    Example:
        >>> from tinyseg.losses import CategoricalCrossentropy
        >>> round(float(CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)  # log 2
        0.6931
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str = "sum_over_batch_size",
        name: str = "categorical_crossentropy",
        class_weight: ClassWeight = None,
        ignore_class: int | None = None,
    ) -> None:
        """Make the loss.

        Args:
            from_logits: Whether predictions are logits instead of probabilities.
            label_smoothing: s turns labels t into t * (1 - s) + s / K.
            axis: -1, the classes.
            reduction: 'sum_over_batch_size' (mean), 'sum', or 'mean_with_sample_weight'.
            name: Name in texts.
            class_weight: Weight of each position by its label's class.
            ignore_class: Positions whose label has its maximum here count for nothing.
        """
        super().__init__(name, reduction, class_weight=class_weight, ignore_class=ignore_class)
        if axis != -1:
            raise InvalidInput(f"{name}: axis: expected -1, got {axis!r}")
        if not 0.0 <= label_smoothing <= 1.0:
            raise InvalidInput(f"{name}: label_smoothing: expected a number from 0 to 1, got {label_smoothing!r}")
        self.from_logits, self.label_smoothing = bool(from_logits), float(label_smoothing)

    def target(self, y_true: ArrayLike, y_pred: FloatArray) -> tuple[Array, Array | None, Array | None]:
        """Check one-hot labels and smooth them."""
        hint = ""
        if np.shape(y_true) in (y_pred.shape[:-1], (*y_pred.shape[:-1], 1)):
            hint = "; these look like class ids: use SparseCategoricalCrossentropy, or to_categorical(y, num_classes)"
        labels = as_same_shape(self.name, y_true, y_pred, hint)
        valid = None if self.ignore_class is None else labels.argmax(axis=-1) != self.ignore_class
        weight = None  # with weights not labels @ weights: some BLAS libraries warn of numbers beyond the end
        if self.class_weight is not None:
            weight = (labels * self.weights_of_classes(y_pred.shape[-1]).astype(labels.dtype)).sum(axis=-1)
        if self.label_smoothing:
            labels = labels * (1 - self.label_smoothing) + self.label_smoothing / y_pred.shape[-1]
        return labels, valid, weight

    def positions(self, target: Array, y_pred: FloatArray) -> tuple[FloatArray, Kept]:
        """Return the cross-entropy of each position."""
        if self.from_logits:
            return softmax_cross_entropy_forward(y_pred, target)
        return cross_entropy_forward(y_pred, target)

    def positions_backward(self, dl: FloatArray, cache: Kept) -> FloatArray:
        """Return dl * (sum of t / sum of p - t / p), or by logits dl * (p * sum of t - t)."""
        return softmax_cross_entropy_backward(dl, cache) if self.from_logits else cross_entropy_backward(dl, cache)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        smoothing = {"from_logits": self.from_logits, "label_smoothing": self.label_smoothing}
        return {**super().get_config(), **smoothing, **self.weight_config()}
