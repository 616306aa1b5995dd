"""confusion_counts compiled for the CPU.

The largest score of a position and its count in one pass, in a matrix of each thread. Scores in float64 take the NumPy
rung.
"""

from __future__ import annotations

import numpy as np

from ..cpu.compiled import inlined, kernel
from ..cpu.sizes import SIZES
from ..cpu.threading.threads import get_num_threads, parallel_parts
from ..types import Array, FloatArray, IntArray, Real
from . import numpy_cpu

LEAST_POSITIONS = SIZES.confusion_least_positions

NOBODY = np.iinfo(np.int64).min
"""A class that no position can have among those counted."""


def confusion_counts(
    truth: Array, prediction: Array, *, num_classes: int, ignore_class: int | None = None,
    weight: FloatArray | None = None,
) -> Array:  # fmt: skip
    """Count, or add up weights, in each thread; then add up the threads' matrices in order."""
    scores = prediction.dtype.kind == "f"
    if scores and prediction.dtype != np.float32:
        return numpy_cpu.confusion_counts(
            truth, prediction, num_classes=num_classes, ignore_class=ignore_class, weight=weight
        )
    kind = np.int64 if weight is None else np.float64
    parts = max(1, min(get_num_threads(), truth.size // LEAST_POSITIONS))
    partial = np.zeros((parts, num_classes, num_classes), kind)
    ids = np.ascontiguousarray(truth, np.int64).reshape(-1)
    weights = np.ones(1, kind) if weight is None else np.ascontiguousarray(weight).reshape(-1)
    # A truth that is ignored and one that is out of range are the same: neither counts.
    ignored = NOBODY if ignore_class is None or not 0 <= ignore_class < num_classes else ignore_class
    numbers = (partial, ids, weights, weight is not None, ignored)
    if scores:
        rows = np.ascontiguousarray(prediction).reshape(-1, prediction.shape[-1])
        parallel_parts(_count_scores, truth.size, parts, *numbers, rows)
    else:
        parallel_parts(_count_ids, truth.size, parts, *numbers, np.ascontiguousarray(prediction, np.int64).reshape(-1))
    return partial.sum(axis=0)


@inlined
def _add(counts: Array, truth: int, found: int, weight: Real | int, ignored: int) -> None:
    if truth != ignored and 0 <= truth < counts.shape[0] and 0 <= found < counts.shape[0]:
        counts[truth, found] += weight


@kernel
def _count_ids(
    part: int, start: int, stop: int, partial: Array, truth: IntArray, weight: Array, weighted: bool, ignored: int,
    found: IntArray,
) -> None:  # fmt: skip
    for r in range(start, stop):
        _add(partial[part], truth[r], found[r], weight[r if weighted else 0], ignored)


@kernel
def _count_scores(
    part: int, start: int, stop: int, partial: Array, truth: IntArray, weight: Array, weighted: bool, ignored: int,
    scores: FloatArray,
) -> None:  # fmt: skip
    classes = scores.shape[1]
    for r in range(start, stop):
        found = 0
        if classes == 1:
            found = 1 if scores[r, 0] > 0.5 else 0
        else:
            best = scores[r, 0]
            for k in range(1, classes):
                score = scores[r, k]
                better = (score > best) | ((score != score) & (best == best))  # NaN counts as largest
                best = score if better else best
                found = k if better else found
        _add(partial[part], truth[r], found, weight[r if weighted else 0], ignored)
