"""confusion_counts in loops."""

from __future__ import annotations

import numpy as np

from ..types import Array, FloatArray


def confusion_counts(
    truth: Array, prediction: Array, *, num_classes: int, ignore_class: int | None = None,
    weight: FloatArray | None = None,
) -> Array:  # fmt: skip
    """Add each position to its pair."""
    counts = np.zeros((num_classes, num_classes), np.int64 if weight is None else np.float64)
    for place in np.ndindex(truth.shape):
        t = int(truth[place])
        p = _class_of(prediction[place]) if prediction.dtype.kind == "f" else int(prediction[place])
        if t != ignore_class and 0 <= t < num_classes and 0 <= p < num_classes:
            counts[t, p] += 1 if weight is None else weight[place]
    return counts


def _class_of(scores: FloatArray) -> int:
    """Return the first of the largest scores, or of the NaN ones; a single score is cut at one half."""
    if len(scores) == 1:
        return int(scores[0] > 0.5)
    best = 0
    for k, score in enumerate(scores):
        if not np.isnan(scores[best]) and (score > scores[best] or np.isnan(score)):
            best = k
    return best
