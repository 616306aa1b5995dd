r"""Counts of (truth, prediction): counts[t, p] is the number of positions of class t that were predicted as p.

A prediction given as scores is turned into classes on the way: the class with the largest score (the first one of
equals; NaN counts as largest, as in np.argmax), or for a single score 1 where it is above 0.5. On a GPU this is fused
with the counting, and the counts stay there.

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.confusion_matrix import confusion_counts
    >>> confusion_counts(np.array([0, 0, 1]), np.array([0, 1, 1]), num_classes=2)
    array([[1, 1],
           [0, 1]])
"""

from __future__ import annotations

import numpy as np

from ..backend import rung
from ..checks import as_integer
from ..device import check_array
from ..errors import InvalidInput
from ..types import FLOATS, Array

MOST_CLASSES = 2**24
"""A table of more has no place in any memory."""


def confusion_counts(
    truth: Array,
    prediction: Array,
    *,
    num_classes: int,
    ignore_class: int | None = None,
    weight: Array | None = None,
) -> Array:
    """Count positions by truth and prediction.

    Args:
        truth: Class ids (...) of an integer dtype or bool.
        prediction: Class ids (...) of an integer dtype or bool, or scores (..., C), float32 or float64.
        num_classes: K; positions with an id that is not in 0 .. K - 1 are left out.
        ignore_class: Positions with this truth are left out.
        weight: Weights (...), float64: positions count with their weight.

    Returns:
        (K, K), rows truth, columns prediction: int64, or float64 with weights.

    Raises:
        InvalidInput: Shapes or dtypes that do not fit.
    """
    name = "confusion_counts"
    for what, array in (("truth", truth), ("prediction", prediction), ("weight", weight)):
        if array is not None or what != "weight":
            check_array(name, what, array)
    if truth.dtype.kind not in "iub":
        raise InvalidInput(f"{name}: expected truth of an integer dtype, got {truth.dtype}")
    scores = prediction.dtype in FLOATS
    if not scores and prediction.dtype.kind not in "iub":
        raise InvalidInput(f"{name}: expected prediction of an integer dtype, or scores, got {prediction.dtype}")
    if (prediction.shape[:-1] if scores else prediction.shape) != truth.shape or (scores and not prediction.ndim):
        expected = f"{truth.shape}, or scores with one more axis," if not scores else f"(*{truth.shape}, C)"
        raise InvalidInput(f"{name}: expected prediction of shape {expected} got {prediction.shape}")
    if scores and prediction.shape[-1] == 0:
        raise InvalidInput(f"{name}: expected scores of at least one class, got shape {prediction.shape}")
    if weight is not None and (weight.shape != truth.shape or weight.dtype != np.float64):
        raise InvalidInput(
            f"{name}: expected weight of shape {truth.shape} and float64, got {weight.shape} and {weight.dtype}"
        )
    num_classes = as_integer(f"{name}: num_classes", num_classes, 0, MOST_CLASSES)
    if ignore_class is not None:
        ignore_class = as_integer(f"{name}: ignore_class", ignore_class, -(2**63), 2**63 - 1)
    counts: Array = rung("confusion_matrix").confusion_counts(
        truth, prediction, num_classes=num_classes, ignore_class=ignore_class, weight=weight
    )
    return counts
