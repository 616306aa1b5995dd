"""Dice, Tversky and Jaccard: one minus the overlap of regions, with weights for what is found beside them or missed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tinyseg_kernels.caches import Kept
from tinyseg_kernels.dice import dice_backward, dice_forward
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.utils.types import ArrayLike, JsonObject, Weights

from .labels import as_numbers, as_shares
from .loss import Loss


class Dice(Loss):
    r"""One minus the overlap of labels and predictions.

    l = 1 - 2 I / S, with I = sum of t * p and S = sum of t + sum of p + 1e-7.

    For sets (t and p are 0 or 1), 2 I / S is the Dice coefficient 2 |A and B| / (|A| + |B|): a small region counts as
    much as a large one, since each is measured by its own size.

    Gradient: dl / dp_j = (2 I / S - 2 t_j) / S, derived in `tinyseg_kernels.dice`. 2 I / S lies between 0 and 1, so
    every p is pushed up where t = 1 and down where t = 0.

    The sums run over `axis`, which so decides what one region is, and how many losses there are to reduce. For images
    (N, H, W, C):

        None         the whole batch, all classes together (Keras's default)
        (1, 2, 3)    each image, all classes together: losses (N,)
        (1, 2)       each class of each image: (N, C)
        (0, 1, 2)    each class of the batch: (C,)

    A loss of each sample, so an `axis` without 0, can have sample weights. A region has no class weights and no ignored
    pixels.

    Labels: 0 or 1 (or in between) of the predictions' shape, such as one-hot masks; a missing last axis of length 1 is
    added. Predictions: probabilities.

    Source: Milletari, Navab and Ahmadi, "V-Net", 3DV 2016 (arXiv:1606.04797), which squares t and p in the denominator;
    Keras does not.

    Example:
        >>> from tinyseg.losses import Dice
        >>> round(float(Dice()([[1.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]])), 4)  # 1 - 2 * 1 / (2 + 1)
        0.3333
    """

    def __init__(
        self,
        reduction: str = "sum_over_batch_size",
        name: str = "dice",
        axis: int | Sequence[int] | None = None,
    ) -> None:
        """Make the loss.

        Args:
            reduction: 'sum_over_batch_size' (mean over the regions), 'sum', ...
            name: Name in texts.
            axis: The axes to sum over, the batch being 0; None sums over all.
        """
        super().__init__(name, reduction)
        axes = [axis] if isinstance(axis, int) else axis
        if axes is not None and not (isinstance(axes, (list, tuple)) and axes and all(type(a) is int for a in axes)):
            raise InvalidInput(f"{name}: axis: expected None, an integer or a tuple of integers, got {axis!r}")
        self.axis = None if axes is None else tuple(axes)

    def axes(self, y_pred: FloatArray) -> tuple[int, ...]:
        """Return the axes to sum over, counted from 0."""
        rank = y_pred.ndim
        if self.axis is None:
            return tuple(range(rank))
        axes = tuple(a + rank if a < 0 else a for a in self.axis)
        if len(set(axes)) < len(axes) or not all(0 <= a < rank for a in axes):
            raise InvalidInput(
                f"{self.name}: axis: expected different axes of predictions of shape {y_pred.shape}, got {self.axis}"
            )
        return axes

    def forward(self, y_true: ArrayLike, y_pred: FloatArray, sample_weight: Weights = None) -> tuple[Any, Any]:
        """Compute the loss; sample weights (also those that `fit` makes of class weights) must fit the regions."""
        if sample_weight is not None and 0 in self.axes(y_pred):
            raise InvalidInput(
                f"{self.name}: expected no sample_weight or class_weight, since axis={self.axis} takes the samples of a batch "
                f"together; give one loss per sample with axis={tuple(range(1, y_pred.ndim))}"
            )
        return super().forward(y_true, y_pred, sample_weight)

    def target(self, y_true: ArrayLike, y_pred: FloatArray) -> tuple[Array, Array | None, Array | None]:
        """Check labels."""
        labels, hint = as_numbers(self.name, y_true), ""
        if labels.shape in (y_pred.shape[:-1], (*y_pred.shape[:-1], 1)):
            hint = "; these look like class ids: use to_categorical(y, num_classes)"
        return as_shares(self.name, labels, y_pred, hint), None, None

    def positions(self, target: Array, y_pred: FloatArray) -> tuple[FloatArray, Kept]:
        """Return the loss of each region: of the predictions' shape without the axes summed over."""
        return dice_forward(y_pred, target, axes=self.axes(y_pred), **self.family())

    def family(self) -> dict[str, float]:
        """Return which loss of the family this is: the arguments of `tinyseg_kernels.dice`."""
        return {}

    def positions_backward(self, dl: FloatArray, cache: Kept) -> FloatArray:
        """Return the gradient by each probability: of Dice (2 I / S - 2 t) / S * dl."""
        return dice_backward(dl, cache)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "axis": None if self.axis is None else list(self.axis)}


class Tversky(Dice):
    r"""One minus the overlap, with weights for its two mistakes: l = 1 - I / D.

    D = I + alpha * (T - I) + beta * (P - I) + 1e-7, with I = sum of t * p, T = sum of t and P = sum of p.

    T - I = sum of t * (1 - p) is what was missed (false negatives), P - I = sum of p * (1 - t) what was found beside
    the truth (false positives). **alpha weighs what was missed, beta what was found too much.** So it is in Keras
    3.15.1 too, whose docstring says the opposite, as the paper does: there alpha weighs false positives. To miss less
    of a small class, use alpha=0.7, beta=0.3. alpha = beta = 0.5 is `Dice`, alpha = beta = 1 `Jaccard`.

    Gradient: dl / dp_j = (s beta - (1 - (1 - alpha - beta) s) t_j) / D with s = I / D; see `tinyseg_kernels.dice`.
    Regions, labels and weights are those of `Dice`.

    Source: Salehi, Erdogmus and Gholipour, "Tversky loss function for image segmentation using 3D fully convolutional
    deep networks", MLMI 2017 (arXiv:1706.05721).

    Example:
        >>> from tinyseg.losses import Tversky
        >>> truth, found = [[1.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]]  # one hit, one missed
        >>> [round(float(Tversky(alpha, 1 - alpha)(truth, found)), 4) for alpha in (1.0, 0.0)]
        [0.5, 0.0]
    """

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str = "sum_over_batch_size",
        name: str = "tversky",
        axis: int | Sequence[int] | None = None,
    ) -> None:
        """Make the loss.

        Args:
            alpha: Weight of what was missed (false negatives), at least 0.
            beta: Weight of what was found beside the truth (false positives), at least 0.
            reduction: 'sum_over_batch_size' (mean over the regions), 'sum', ...
            name: Name in texts.
            axis: The axes to sum over, as for `Dice`.
        """
        super().__init__(reduction, name, axis)
        for what, weight in (("alpha", alpha), ("beta", beta)):
            if not weight >= 0:
                raise InvalidInput(f"{name}: {what}: expected a number of at least 0, got {weight!r}")
        self.alpha, self.beta = float(alpha), float(beta)

    def family(self) -> dict[str, float]:
        """Return the weights of both mistakes, and Keras's epsilon."""
        return {"missed": self.alpha, "extra": self.beta, "epsilon": 1e-7}

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"alpha": self.alpha, "beta": self.beta, **super().get_config()}


class Jaccard(Dice):
    r"""One minus intersection over union: l = 1 - I / (T + P - I + 1e-7).

    I = sum of t * p, T = sum of t and P = sum of p. For sets, I / (T + P - I) is the IoU; for probabilities it is one
    of its smooth forms, and `Tversky` with alpha = beta = 1. With d the `Dice` loss of the same region, it is
    2 d / (1 + d): the two order predictions alike, and this one asks more of good ones. tinyseg's own; Keras has none.

    Gradient: dl / dp_j = (s - (1 + s) t_j) / D with s = I / D; see `tinyseg_kernels.dice`. Regions, labels and weights
    are those of `Dice`.

    Source: Rahman and Wang, "Optimizing intersection-over-union in deep neural networks for image segmentation",
    ISVC 2016.

    Example:
        >>> from tinyseg.losses import Jaccard
        >>> round(float(Jaccard()([[1.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]])), 4)  # 1 - 1 / 2
        0.5
    """

    def __init__(
        self,
        reduction: str = "sum_over_batch_size",
        name: str = "jaccard",
        axis: int | Sequence[int] | None = None,
    ) -> None:
        """Make the loss; arguments as for `Dice`."""
        super().__init__(reduction, name, axis)

    def family(self) -> dict[str, float]:
        """Return that both mistakes count as much as a hit."""
        return {"missed": 1.0, "extra": 1.0, "epsilon": 1e-7}
