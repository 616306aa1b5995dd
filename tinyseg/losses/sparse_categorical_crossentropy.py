"""SparseCategoricalCrossentropy."""

from __future__ import annotations

from tinyseg_kernels.caches import Kept
from tinyseg_kernels.cross_entropy import cross_entropy_backward, cross_entropy_of_checked_ids
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.softmax_cross_entropy import softmax_cross_entropy_backward, softmax_cross_entropy_of_checked_ids
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.utils.types import ArrayLike, JsonObject

from .labels import as_class_ids
from .loss import ClassWeight, Loss


class SparseCategoricalCrossentropy(Loss):
    r"""Cross-entropy for class ids: l = - log(p_t / sum of p), with t the right class.

    Gradient: dp_j = (1 / sum of p - [j = t] / p_t) * dl; for logits see `tinyseg_kernels.softmax_cross_entropy`. How p
    near 0 is treated: `tinyseg_kernels/probabilities.py`.

    Labels: class ids (N, ...) for predictions (N, ..., K). This is the loss of segmentation masks.

    Example:
        >>> from tinyseg.losses import SparseCategoricalCrossentropy
        >>> round(float(SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])), 4)  # log 2
        0.6931
    """

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str = "sum_over_batch_size",
        axis: int = -1,
        name: str = "sparse_categorical_crossentropy",
        class_weight: ClassWeight = None,
    ) -> None:
        """Make the loss; `ignore_class` is a label (such as 255 for unlabelled pixels) whose positions count for nothing."""
        super().__init__(name, reduction, class_weight=class_weight, ignore_class=ignore_class)
        if axis != -1:
            raise InvalidInput(f"{name}: axis: expected -1, got {axis!r}")
        self.from_logits = bool(from_logits)

    def target(self, y_true: ArrayLike, y_pred: FloatArray) -> tuple[Array, Array | None, Array | None]:
        """Check class ids."""
        ids, valid = as_class_ids(self.name, y_true, y_pred, self.ignore_class)
        if self.class_weight is None:
            return ids, valid, None
        return ids, valid, self.weights_of_classes(y_pred.shape[-1]).astype(y_pred.dtype)[ids]

    def positions(self, target: Array, y_pred: FloatArray) -> tuple[FloatArray, Kept]:
        """Return the cross-entropy of each position."""
        # `target` has checked the ids, on the host: a second look would make a GPU wait.
        if self.from_logits:
            return softmax_cross_entropy_of_checked_ids(y_pred, target)
        return cross_entropy_of_checked_ids(y_pred, target)

    def positions_backward(self, dl: FloatArray, cache: Kept) -> FloatArray:
        """Return dl / sum of p everywhere, less dl / p_t at the right class; by logits (p - [j = t]) * dl."""
        return softmax_cross_entropy_backward(dl, cache) if self.from_logits else cross_entropy_backward(dl, cache)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "from_logits": self.from_logits, **self.weight_config()}
