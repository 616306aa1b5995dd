r"""The confusion matrix, and the measures of a segmentation that follow from it.

cm[t, p] counts the positions of class t that were predicted as p. For class k, with the row sum R_k (truth), the column
sum C_k (prediction) and the diagonal D_k (both):

    IoU_k = D_k / (R_k + C_k - D_k)        Dice_k = 2 D_k / (R_k + C_k)        pixel accuracy = sum of D / sum of cm

A class that occurs neither in truth nor in prediction has no IoU (0 / 0): it is NaN per class, and `empty` says what it
counts in a mean: 'skip' (not at all), 'zero' or 'one'. All counts are pooled over the images first; a mean of per-image
values is something else.
"""

from __future__ import annotations

import numpy as np
from tinyseg_kernels.confusion_matrix import confusion_counts
from tinyseg_kernels.device import is_device_array, like, to_backend, to_host
from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.types import Array

from tinyseg.losses.labels import as_numbers, whole_numbers
from tinyseg.utils.types import ArrayLike, Weights

from .metric import as_array, spread

EMPTY_POLICIES = ("skip", "zero", "one")


def confusion_matrix(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    num_classes: int,
    ignore_class: int | None = None,
    sample_weight: Weights = None,
) -> Array:
    """Count (truth, prediction) pairs.

    Args:
        y_true: Class ids of any shape.
        y_pred: Class ids of the same shape, on the host or on a device; or scores (..., K) of a float dtype, whose
            largest is the prediction.
        num_classes: K.
        ignore_class: Positions with this label are left out; it need not be below K.
        sample_weight: Count positions with weights that broadcast from the left; the result is then float64.

    Returns:
        (K, K), rows truth, columns prediction; int64 without weights; where y_pred is.

    Raises:
        InvalidInput: Shapes that differ, or ids that are no whole numbers or out of range.

    Example:
        >>> from tinyseg.metrics import confusion_matrix
        >>> confusion_matrix([0, 0, 1, 1], [0, 1, 1, 1], num_classes=2)
        array([[1, 1],
               [0, 2]])
    """
    t, p = whole_numbers("confusion matrix", "truth", as_numbers("confusion matrix", to_host(y_true))), as_array(y_pred)
    scores = p.dtype.kind == "f" and p.ndim == t.ndim + 1
    if not scores and not is_device_array(p):
        p = whole_numbers("confusion matrix", "prediction, or scores with an axis of classes", p)
    if t.shape != (p.shape[:-1] if scores else p.shape):
        raise InvalidInput(
            f"confusion matrix: expected class ids of one shape, got truth {t.shape} and prediction {p.shape}"
        )
    weight = None
    if sample_weight is not None:
        weight = spread("confusion matrix", sample_weight, t.shape)
    valid = None if ignore_class is None else t != ignore_class
    _check_ids("truth", t if valid is None else t[valid], num_classes)
    if not scores:
        _check_ids("prediction", p if valid is None else p[like(p, valid)], num_classes)
    elif p.shape[-1] > num_classes:
        _check_ids("prediction", p.argmax(axis=-1), num_classes)
    there = to_backend(p)
    counts = confusion_counts(
        like(there, t),
        there if scores or there.dtype.kind in "iub" else there.astype(np.int64),
        num_classes=num_classes,
        ignore_class=ignore_class,
        weight=None if weight is None else like(there, weight),
    )
    return counts if is_device_array(p) else to_host(counts)


def _check_ids(name: str, ids: Array, num_classes: int) -> None:
    if ids.size and (ids.min() < 0 or ids.max() >= num_classes):
        raise InvalidInput(
            f"confusion matrix: expected class ids from 0 to {num_classes - 1} in the {name}, "
            f"got from {ids.min()} to {ids.max()}"
        )


def pixel_accuracy(cm: Array) -> float:
    """Return the share of positions predicted right; NaN without any.

    Example:
        >>> from tinyseg.metrics import confusion_matrix, pixel_accuracy
        >>> round(pixel_accuracy(confusion_matrix([0, 0, 1, 1], [0, 1, 1, 1], num_classes=2)), 4)
        0.75
    """
    total = cm.sum()
    return float(np.trace(cm) / total) if total else float("nan")


def iou_per_class(cm: Array) -> Array:
    """Return intersection over union of each class (K,); NaN for classes that do not occur.

    Example:
        >>> from tinyseg.metrics import confusion_matrix, iou_per_class
        >>> iou_per_class(confusion_matrix([0, 0, 1, 1], [0, 1, 1, 1], num_classes=2)).round(4)
        array([0.5   , 0.6667])
    """
    both, union = np.diag(cm), cm.sum(axis=1) + cm.sum(axis=0) - np.diag(cm)
    return _ratio(both, union)


def dice_per_class(cm: Array) -> Array:
    """Return the Dice coefficient (F1) of each class (K,); NaN for classes that do not occur.

    Example:
        >>> from tinyseg.metrics import confusion_matrix, dice_per_class
        >>> dice_per_class(confusion_matrix([0, 0, 1, 1], [0, 1, 1, 1], num_classes=2)).round(4)
        array([0.6667, 0.8   ])
    """
    return _ratio(2 * np.diag(cm), cm.sum(axis=1) + cm.sum(axis=0))


def mean_iou(cm: Array, empty: str = "skip") -> float:
    """Return the mean IoU over the classes.

    Example:
        >>> from tinyseg.metrics import confusion_matrix, mean_iou
        >>> round(mean_iou(confusion_matrix([0, 0, 1, 1], [0, 1, 1, 1], num_classes=2)), 4)
        0.5833
    """
    return mean_over_classes(iou_per_class(cm), empty)


def mean_dice(cm: Array, empty: str = "skip") -> float:
    """Return the mean Dice coefficient over the classes.

    Example:
        >>> from tinyseg.metrics import confusion_matrix, mean_dice
        >>> round(mean_dice(confusion_matrix([0, 0, 1, 1], [0, 1, 1, 1], num_classes=2)), 4)
        0.7333
    """
    return mean_over_classes(dice_per_class(cm), empty)


def mean_over_classes(values: Array, empty: str) -> float:
    """Average per-class values; NaN ones count as `empty` says. NaN when nothing is left."""
    if empty not in EMPTY_POLICIES:
        raise unknown_name("policy for empty classes", empty, EMPTY_POLICIES)
    if empty == "skip":
        values = values[~np.isnan(values)]
    else:
        values = np.where(np.isnan(values), 0.0 if empty == "zero" else 1.0, values)
    return float(values.mean()) if values.size else float("nan")


def _ratio(a: Array, b: Array) -> Array:
    return np.divide(a, b, out=np.full(len(a), np.nan), where=b != 0)
