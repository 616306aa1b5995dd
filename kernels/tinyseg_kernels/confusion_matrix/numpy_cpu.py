"""confusion_counts in NumPy."""

from __future__ import annotations

import numpy as np

from ..types import Array, FloatArray


def confusion_counts(
    truth: Array, prediction: Array, *, num_classes: int, ignore_class: int | None = None,
    weight: FloatArray | None = None,
) -> Array:  # fmt: skip
    """Count the pairs as numbers t * K + p."""
    t, p = truth, prediction if prediction.dtype.kind != "f" else predicted_classes(prediction)
    valid = (t >= 0) & (t < num_classes) & (p >= 0) & (p < num_classes)
    if ignore_class is not None:
        valid &= t != ignore_class
    if not valid.all():
        t, p = t[valid], p[valid]
        weight = None if weight is None else weight[valid]
    pairs = t.astype(np.intp).ravel() * num_classes + p.astype(np.intp).ravel()
    counts = np.bincount(pairs, None if weight is None else weight.ravel(), minlength=num_classes**2)
    # Where an index has 32 bits, so has a count.
    return counts.astype(np.int64 if weight is None else np.float64, copy=False).reshape(num_classes, num_classes)


def predicted_classes(scores: FloatArray) -> Array:
    """Return the class of each position from its scores."""
    return scores.argmax(axis=-1) if scores.shape[-1] > 1 else scores[..., 0] > 0.5
