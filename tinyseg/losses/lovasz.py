r"""Lovász losses: IoU itself, made continuous, so that it can be learnt.

The Jaccard loss of a class, 1 - IoU, is a function of the set of wrong pixels. Its Lovász extension is its tightest
convex one for any errors m >= 0, not only 0 and 1 (Lovász 1983): sort the errors, largest first, and let J_i be the
Jaccard loss if exactly the first i pixels were wrong. Then

    l = sum over i of m_(i) * (J_i - J_(i-1))

For a class with G pixels, of which F_i are among the first i, and B_i others: J_i = 1 - (G - F_i) / (G + B_i).

Gradient: the order does not change with a small change of m, so dl / dm_(i) = J_i - J_(i-1), brought back to the pixel.
At ties it is one of the subgradients; the value does not depend on their order.

Source: Berman, Rannen Triki and Blaschko, "The Lovász-Softmax loss", CVPR 2018 (arXiv:1705.08790).

Example:
    >>> from tinyseg.losses import LovaszSoftmax
    >>> round(float(LovaszSoftmax()([[0, 1]], [[[1.0, 0.0], [1.0, 0.0]]])), 4)  # IoU 1 / 2 and 0
    0.75
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from tinyseg_kernels.device import array_module
from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.utils.types import ArrayLike, JsonObject, Weights

from .labels import as_class_ids, as_numbers, as_same_shape
from .loss import ClassWeight, Loss

IGNORED = -1
"""The label of a position that counts for nothing, once labels are checked."""

CLASSES = ("present", "all")

LovaszCache: TypeAlias = FloatArray
"""The gradient of each image's loss by its predictions (images, positions, classes or 1), or of the batch's."""


def jaccard_steps(truth: Array, kept: Array) -> FloatArray:
    """Return J_i - J_(i-1) along the last axis, in float64: truth and kept are 0 or 1, sorted by error.

    In float64, since neighbouring J of a million pixels differ by less than float32 tells.
    """
    truth, others = truth.astype(np.float64), (kept & ~truth).astype(np.float64)
    total = truth.sum(axis=-1, keepdims=True)
    union = total + others.cumsum(axis=-1)
    jaccard = 1 - (total - truth.cumsum(axis=-1)) / np.maximum(union, 1)  # nothing is divided where nothing is
    jaccard = jaccard * (union > 0)
    steps: FloatArray = jaccard.copy()
    steps[..., 1:] -= jaccard[..., :-1]
    return steps


def extension(errors: FloatArray, truth: Array, kept: Array) -> tuple[FloatArray, FloatArray]:
    """Return the Lovász extension along the last axis, and its gradient by the errors, in float64.

    Errors below 0, and those that are not kept, count as 0.
    """
    xp = array_module(errors)
    errors = xp.where(kept, errors, errors.dtype.type(-np.inf))
    order = (-errors).argsort(axis=-1)
    steps = jaccard_steps(xp.take_along_axis(truth, order, -1), xp.take_along_axis(kept, order, -1))
    if isinstance(order, np.ndarray):
        slopes = np.empty_like(steps)
        np.put_along_axis(slopes, order, steps, -1)
    else:  # where in the order each position came
        slopes = xp.take_along_axis(steps, order.argsort(axis=-1), -1)
    slopes = slopes * (errors > 0)
    return (slopes * np.maximum(errors, 0)).sum(axis=-1), slopes


class _Lovasz(Loss):
    """What both have: one loss per image, or one for the batch."""

    def __init__(
        self, per_image: bool, reduction: str, name: str, class_weight: ClassWeight, ignore_class: int | None
    ) -> None:
        super().__init__(name, reduction, class_weight=class_weight, ignore_class=ignore_class)
        self.per_image = bool(per_image)

    def forward(
        self, y_true: ArrayLike, y_pred: FloatArray, sample_weight: Weights = None
    ) -> tuple[float | FloatArray, object]:
        """Compute the loss; sample weights need one loss per image."""
        if sample_weight is not None and not self.per_image:
            raise InvalidInput(
                f"{self.name}: expected no sample_weight or class_weight, since the samples of a batch are taken "
                "together; give one loss per sample with per_image=True"
            )
        return super().forward(y_true, y_pred, sample_weight)

    def by_image(self, array: Array, last: int) -> Array:
        """Return (images or 1, positions, last)."""
        images = array.shape[0] if self.per_image else 1
        return array.reshape(images, array.size // max(images * last, 1), last)

    def finished(self, losses: FloatArray, slopes: FloatArray, y_pred: FloatArray) -> tuple[FloatArray, LovaszCache]:
        """Return the losses (N,) or without axes, and their gradient in the predictions' shape."""
        gradient = slopes.astype(y_pred.dtype).reshape(y_pred.shape)
        return losses if self.per_image else losses.reshape(()), gradient

    def positions_backward(self, dl: FloatArray, cache: LovaszCache) -> FloatArray:
        """Return each image's gradient times its dl."""
        return cache * dl.astype(cache.dtype).reshape(dl.shape + (1,) * (cache.ndim - dl.ndim))


class LovaszSoftmax(_Lovasz):
    """The mean over the classes of the Lovász extension of 1 - IoU, for class ids and probabilities.

    The error of a pixel for class c is 1 - p_c where its label is c, else p_c. See this file's head for the extension
    and its gradient. tinyseg's own; Keras has none.

    Labels: class ids (N, ...), or one-hot (N, ..., K), for probabilities (N, ..., K). Where nothing is labelled, the
    loss is 0.

    Example:
        >>> from tinyseg.losses import LovaszSoftmax
        >>> round(float(LovaszSoftmax()([[0, 1]], [[[0.9, 0.1], [0.4, 0.6]]])), 4)
        0.325
    """

    def __init__(
        self,
        classes: str = "present",
        per_image: bool = False,
        ignore_class: int | None = None,
        reduction: str = "sum_over_batch_size",
        name: str = "lovasz_softmax",
        class_weight: ClassWeight = None,
    ) -> None:
        """Make the loss.

        Args:
            classes: 'present', the mean over the classes that the labels hold, or 'all'.
            per_image: Whether the IoU is of each image; then the mean over the images is taken.
            ignore_class: A label (such as 255 for unlabelled pixels) whose positions count for nothing.
            reduction: 'sum_over_batch_size' (mean over the images), 'sum', ...
            name: Name in texts.
            class_weight: Weight of each class in the mean; the divisor stays the number of classes.
        """
        super().__init__(per_image, reduction, name, class_weight, ignore_class)
        if classes not in CLASSES:
            raise unknown_name("classes", classes, CLASSES)
        self.classes = classes

    def target(self, y_true: ArrayLike, y_pred: FloatArray) -> tuple[Array, Array | None, Array | None]:
        """Return class ids, -1 where ignored."""
        labels = as_numbers(self.name, y_true)
        if labels.shape == y_pred.shape and y_pred.shape[-1] > 1:
            labels = labels.argmax(axis=-1)
        ids, valid = as_class_ids(self.name, labels, y_pred, self.ignore_class)
        return ids if valid is None else np.where(valid, ids.astype(np.int64), IGNORED), None, None

    def positions(self, target: Array, y_pred: FloatArray) -> tuple[FloatArray, LovaszCache]:
        """Return the loss of each image (N,), or of the batch ()."""
        classes, xp = y_pred.shape[-1], array_module(y_pred)
        p = self.by_image(y_pred, classes).transpose(0, 2, 1)  # (images, classes, positions)
        ids = self.by_image(target, 1).transpose(0, 2, 1)
        truth = ids == xp.arange(classes)[None, :, None]
        kept = xp.broadcast_to(ids != IGNORED, truth.shape)
        losses, slopes = extension(xp.where(truth, 1 - p, p), truth, kept)
        counts = truth.any(axis=-1) if self.classes == "present" else kept.any(axis=-1)
        weight = counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1)
        if self.class_weight is not None:
            weight = weight * xp.asarray(self.weights_of_classes(classes))
        slopes = xp.where(truth, -slopes, slopes) * weight[..., None]
        return self.finished((losses * weight).sum(axis=-1), slopes.transpose(0, 2, 1), y_pred)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        own = {"classes": self.classes, "per_image": self.per_image}
        return {**own, **super().get_config(), **self.weight_config()}


class LovaszHinge(_Lovasz):
    """The Lovász extension of 1 - IoU of the foreground, for masks of 0 and 1 and logits.

    The error of a pixel is max(1 - s * z, 0), with s = 1 where its label is 1, else -1: the margin of a hinge. See this
    file's head for the extension and its gradient. Before a network finds anything, its few wrong pixels hardly move
    the IoU: begin with cross-entropy, or add it. tinyseg's own; Keras has none.

    Labels: 0 or 1 (or `ignore_class`) of the shape of the logits (N, ..., 1).

    Example:
        >>> from tinyseg.losses import LovaszHinge
        >>> round(float(LovaszHinge()([[[1.0], [0.0]]], [[[2.0], [-0.5]]])), 4)  # 0.5 * (1 - 1 / 2)
        0.25
    """

    def __init__(
        self,
        per_image: bool = False,
        ignore_class: int | None = None,
        reduction: str = "sum_over_batch_size",
        name: str = "lovasz_hinge",
    ) -> None:
        """Make the loss; arguments as for `LovaszSoftmax`. Predictions are logits: end without an activation."""
        super().__init__(per_image, reduction, name, None, ignore_class)

    def target(self, y_true: ArrayLike, y_pred: FloatArray) -> tuple[Array, Array | None, Array | None]:
        """Return 0 and 1, and -1 where ignored."""
        if y_pred.shape[-1] != 1:
            raise InvalidInput(f"{self.name}: expected logits (N, ..., 1), got shape {y_pred.shape}")
        labels = as_same_shape(self.name, y_true, y_pred)
        ignored = np.zeros(labels.shape, bool) if self.ignore_class is None else labels == self.ignore_class
        strange = labels[~(ignored | np.isin(labels, (0, 1)))]
        if strange.size:
            raise InvalidInput(f"{self.name}: expected labels of 0 and 1, got {strange[0]}")
        return np.where(ignored, IGNORED, labels).astype(np.int64), None, None

    def positions(self, target: Array, y_pred: FloatArray) -> tuple[FloatArray, LovaszCache]:
        """Return the loss of each image (N,), or of the batch ()."""
        z, labels = self.by_image(y_pred, 1)[..., 0], self.by_image(target, 1)[..., 0]
        truth, kept = labels == 1, labels != IGNORED
        sign = array_module(y_pred).where(truth, y_pred.dtype.type(1), y_pred.dtype.type(-1))
        losses, slopes = extension(1 - z * sign, truth, kept)
        return self.finished(losses, -sign * slopes, y_pred)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"per_image": self.per_image, "ignore_class": self.ignore_class, **super().get_config()}
