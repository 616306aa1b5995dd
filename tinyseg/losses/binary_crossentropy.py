"""BinaryCrossentropy."""

from __future__ import annotations

import numpy as np
from tinyseg_kernels.binary_cross_entropy import binary_cross_entropy_backward, binary_cross_entropy_forward
from tinyseg_kernels.caches import Kept
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.utils.types import ArrayLike, JsonObject

from .labels import as_same_shape, as_shares
from .loss import ClassWeight, Loss


class BinaryCrossentropy(Loss):
    r"""Cross-entropy of yes or no: l = mean over the last axis of - t * log p - (1 - t) * log(1 - p).

    Gradient: dp = (- t / p + (1 - t) / (1 - p)) * dl / C; for logits z, dz = (sigmoid(z) - t) * dl / C. Derivation, and
    how p near 0 and 1 is treated: `tinyseg_kernels.binary_cross_entropy`.

    Labels: 0 or 1 (or in between) of the predictions' shape; a missing last axis of length 1 is added.

    Example:
        >>> from tinyseg.losses import BinaryCrossentropy
        >>> round(float(BinaryCrossentropy()([[1.0], [0.0]], [[0.5], [0.5]])), 4)  # log 2
        0.6931
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str = "sum_over_batch_size",
        name: str = "binary_crossentropy",
        class_weight: ClassWeight = None,
        ignore_class: int | None = None,
    ) -> None:
        """Make the loss.

        Args:
            from_logits: Whether predictions are logits instead of probabilities.
            label_smoothing: s turns labels t into t * (1 - s) + s / 2.
            axis: -1.
            reduction: 'sum_over_batch_size' (mean), 'sum', or 'mean_with_sample_weight'.
            name: Name in texts.
            class_weight: Weights of the labels 0 and 1.
            ignore_class: A label (such as 255) whose positions count for nothing.
        """
        super().__init__(name, reduction, class_weight=class_weight, ignore_class=ignore_class)
        if axis != -1:
            raise InvalidInput(f"{name}: axis: expected -1, got {axis!r}")
        if not 0.0 <= label_smoothing <= 1.0:
            raise InvalidInput(f"{name}: label_smoothing: expected a number from 0 to 1, got {label_smoothing!r}")
        self.from_logits, self.label_smoothing = bool(from_logits), float(label_smoothing)

    def target(self, y_true: ArrayLike, y_pred: FloatArray) -> tuple[Array, Array | None, Array | None]:
        """Check labels and smooth them."""
        labels, valid = as_same_shape(self.name, y_true, y_pred), None
        if self.ignore_class is not None:
            ignored = labels == self.ignore_class
            valid = ~ignored.any(axis=-1)
            labels = np.where(ignored, 0, labels)
        labels = as_shares(self.name, labels, y_pred)
        weight = None
        if self.class_weight is not None:
            weights = self.weights_of_classes(2)
            if y_pred.shape[-1] != 1:
                raise InvalidInput(
                    f"{self.name}: class_weight needs predictions with a last axis of 1, got {y_pred.shape}"
                )
            weight = weights[0] + labels[..., 0] * (weights[1] - weights[0])
        if self.label_smoothing:
            labels = labels * (1 - self.label_smoothing) + 0.5 * self.label_smoothing
        return labels, valid, weight

    def positions(self, target: Array, y_pred: FloatArray) -> tuple[FloatArray, Kept]:
        """Return the mean cross-entropy over the last axis."""
        return binary_cross_entropy_forward(y_pred, target, from_logits=self.from_logits)

    def positions_backward(self, dl: FloatArray, cache: Kept) -> FloatArray:
        """Return the gradient by each probability or logit."""
        return binary_cross_entropy_backward(dl, cache)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        smoothing = {"from_logits": self.from_logits, "label_smoothing": self.label_smoothing}
        return {**super().get_config(), **smoothing, **self.weight_config()}
