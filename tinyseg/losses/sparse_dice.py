"""SparseDice, SparseTversky and SparseJaccard: the overlap losses for class ids."""

from __future__ import annotations

import numpy as np
from tinyseg_kernels.device import array_module, like, to_host
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.losses.loss import LossCache
from tinyseg.utils.types import ArrayLike, JsonObject, Weights

from .dice import Dice, Jaccard, Tversky
from .labels import as_class_ids


class SparseDice(Dice):
    """One minus the overlap, for class ids.

    `Dice(axis=(0, 1, ..., rank - 2))` of the one-hot labels, so one loss for each class of the batch, of which the mean
    is taken.

    A small class counts as much as a large one. Of a class that the batch does not hold the loss is 1 and the gradient
    next to nothing. Ignored positions count neither among the labels nor among the predictions. tinyseg's own; Keras
    has `Dice` only.

    Labels: class ids (N, ...) for probabilities (N, ..., K).

    Example:
        >>> from tinyseg.losses import SparseDice
        >>> round(float(SparseDice()([[0, 1]], [[[1.0, 0.0], [0.0, 1.0]]])), 4)  # two pixels, both right
        0.0
    """

    def __init__(
        self, ignore_class: int | None = None, reduction: str = "sum_over_batch_size", name: str = "sparse_dice"
    ) -> None:
        """Make the loss; `ignore_class` is a label (such as 255 for unlabelled pixels) whose positions count for nothing."""
        super().__init__(reduction, name)
        self.ignore_class = None if ignore_class is None else int(ignore_class)

    def axes(self, y_pred: FloatArray) -> tuple[int, ...]:
        """Return all axes but the last."""
        return tuple(range(y_pred.ndim - 1))

    def forward(
        self, y_true: ArrayLike, y_pred: FloatArray, sample_weight: Weights = None
    ) -> tuple[float | FloatArray, tuple[LossCache, Array | None]]:
        """Compute the loss; it has no sample weights, since the samples of a batch are taken together."""
        valid = as_class_ids(self.name, to_host(y_true), y_pred, self.ignore_class)[1]
        kept = None if valid is None else like(y_pred, valid)[..., None]
        value, cache = super().forward(y_true, _where(kept, y_pred), sample_weight)
        return value, (cache, kept)

    def backward(self, dloss: float, cache: tuple[LossCache, Array | None]) -> FloatArray:
        """Return the gradient by y_pred, times dloss; 0 at ignored positions."""
        inner, kept = cache
        return _where(kept, super().backward(dloss, inner))

    def target(self, y_true: ArrayLike, y_pred: FloatArray) -> tuple[Array, Array | None, Array | None]:
        """Return one-hot labels, with nothing at ignored positions."""
        ids, valid = as_class_ids(self.name, y_true, y_pred, self.ignore_class)
        one_hot = np.zeros(y_pred.shape, y_pred.dtype)
        np.put_along_axis(one_hot, ids[..., None].astype(np.intp), 1 if valid is None else valid[..., None], axis=-1)
        return one_hot, None, None

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"reduction": self.reduction, "name": self.name, "ignore_class": self.ignore_class}


class SparseTversky(SparseDice):
    """`Tversky` for class ids: one loss for each class of the batch, of which the mean is taken, as `SparseDice` does.

    alpha weighs what was missed, beta what was found beside the truth; see `Tversky`. tinyseg's own.

    Labels: class ids (N, ...) for probabilities (N, ..., K).

    Example:
        >>> from tinyseg.losses import SparseTversky
        >>> round(float(SparseTversky(alpha=0.7, beta=0.3)([[0, 1]], [[[1.0, 0.0], [1.0, 0.0]]])), 4)
        0.6154
    """

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        ignore_class: int | None = None,
        reduction: str = "sum_over_batch_size",
        name: str = "sparse_tversky",
    ) -> None:
        """Make the loss; arguments as for `Tversky` and `SparseDice`."""
        super().__init__(ignore_class, reduction, name)
        self.alpha, self.beta = alpha, beta
        self.weights = Tversky(alpha, beta, name=name).family()  # checked there

    def family(self) -> dict[str, float]:
        """Return what `Tversky` returns."""
        return self.weights

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"alpha": self.alpha, "beta": self.beta, **super().get_config()}


class SparseJaccard(SparseDice):
    """`Jaccard` for class ids: one minus the IoU of each class of the batch, of which the mean is taken.

    tinyseg's own. Labels: class ids (N, ...) for probabilities (N, ..., K).

    Example:
        >>> from tinyseg.losses import SparseJaccard
        >>> round(float(SparseJaccard()([[0, 1]], [[[1.0, 0.0], [1.0, 0.0]]])), 4)  # IoU 1 / 2 and 0
        0.75
    """

    def __init__(
        self, ignore_class: int | None = None, reduction: str = "sum_over_batch_size", name: str = "sparse_jaccard"
    ) -> None:
        """Make the loss; arguments as for `SparseDice`."""
        super().__init__(ignore_class, reduction, name)

    def family(self) -> dict[str, float]:
        """Return what `Jaccard` returns."""
        return Jaccard().family()


def _where(kept: Array | None, array: Array) -> Array:
    """Return the array with 0 where it does not count, whatever stands there."""
    return array if kept is None else array_module(array).where(kept, array, array.dtype.type(0))
