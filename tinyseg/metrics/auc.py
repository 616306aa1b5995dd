r"""AUC: the area under the ROC or the precision-recall curve.

Of T thresholds, two lie just outside of 0 and 1, so that everything and nothing is a positive at the ends; the others
lie evenly between (or are given). At each, TP, FP, TN and FN are counted as in `positives.py`, all in one pass: a
number's place among the thresholds says at which of them it is a positive.

    ROC    recall TP / (TP + FN) over the false positive rate FP / (FP + TN), by trapezoids
    PR     precision TP / (TP + FP) over recall. Between two thresholds precision is not linear: TP is linear in the
           number of positives P = TP + FP, TP = a + s P with s = dTP / dP, so that by recall the area is

               integral of TP / P dTP / (TP + FN) = s * (dTP + a * log(P_0 / P_1)) / (TP + FN)

Source: Davis and Goadrich, "The Relationship Between Precision-Recall and ROC Curves", ICML 2006; so is Keras's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tinyseg_kernels.device import to_host
from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.utils.types import ArrayLike, JsonObject, Weights

from .metric import Metric
from .positives import as_thresholds, labels_scores_weights

CURVES, METHODS = ("ROC", "PR"), ("interpolation", "minoring", "majoring")
EPSILON = 1e-7
MOST_THRESHOLDS = 1_000_000
"""Of many more, float32 no longer tells neighbours apart."""


class AUC(Metric):
    """Area under the ROC curve (`curve='ROC'`) or the precision-recall curve ('PR'), approximated by thresholds.

    Scores lie between 0 and 1, or are logits with `from_logits`. See this file's head for the formulas.

    Example:
        >>> from tinyseg.metrics import AUC
        >>> metric = AUC(num_thresholds=3)
        >>> metric.update_state([0, 0, 1, 1], [0, 0.5, 0.3, 0.9])
        >>> metric.result()
        0.75
    """

    direction = "max"

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Sequence[float] | None = None,
        from_logits: bool = False,
    ) -> None:
        """Choose curve and thresholds.

        Args:
            num_thresholds: How many there are, at least 2; the more, the nearer to the exact area.
            curve: 'ROC' or 'PR'.
            summation_method: 'interpolation', or 'minoring' and 'majoring' for the lower and the upper sum.
            name: Name in the logs.
            thresholds: Numbers from 0 to 1 instead of evenly spaced ones.
            multi_label: Whether to take the area of each place of the last axis, and then their mean.
            num_labels: How many those are; found at the first batch when None.
            label_weights: Weights of the places in that mean; without `multi_label`, weights of their numbers.
            from_logits: Whether scores are logits; the thresholds are those of their sigmoid.
        """
        super().__init__(name)
        if not 2 <= num_thresholds <= MOST_THRESHOLDS:
            raise InvalidInput(
                f"{self.name}: num_thresholds: expected an integer from 2 to {MOST_THRESHOLDS}, got {num_thresholds}"
            )
        if str(curve).upper() not in CURVES:
            raise unknown_name("curve", curve, CURVES)
        if summation_method not in METHODS:
            raise unknown_name("summation_method", summation_method, METHODS)
        if num_labels is not None and (not multi_label or num_labels < 1):
            raise InvalidInput(f"{self.name}: num_labels: expected an integer with multi_label=True, got {num_labels}")
        self.given, self.num_labels = thresholds, num_labels
        inner = sorted(as_thresholds(self.name, thresholds)) if thresholds is not None else None
        if inner is None:
            inner = [(i + 1) / (num_thresholds - 1) for i in range(num_thresholds - 2)]
        self.num_thresholds = len(inner) + 2
        self.thresholds = [-EPSILON, *inner, 1 + EPSILON]
        self.curve, self.summation_method = str(curve).upper(), summation_method
        self.multi_label, self.from_logits = bool(multi_label), bool(from_logits)
        self.label_weights = None if label_weights is None else _as_label_weights(self.name, label_weights)
        self.reset_state()

    def reset_state(self) -> None:
        """Forget everything."""
        self._buckets: Array | None = None

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: Weights = None) -> None:
        """Count a batch: of each score, at how many thresholds it is a positive, apart for labels 0 and 1."""
        truth, scores, weight = labels_scores_weights(self.name, y_true, y_pred, sample_weight)
        labels = scores.shape[-1]
        if self.multi_label and self.num_labels not in (None, labels):
            raise InvalidInput(f"{self.name}: expected {self.num_labels} labels, got scores of shape {scores.shape}")
        if self.label_weights is not None and len(self.label_weights) != labels:
            raise InvalidInput(
                f"{self.name}: label_weights: expected one for each of {labels} labels, got {self.label_weights}"
            )
        if self.from_logits:
            scores = 1 / (1 + np.exp(-scores.clip(-80, 80)))
        # To the host: a histogram adds in an order of its own on a GPU, and these are whole batches, not single steps.
        truth, scores, weight = to_host(truth), to_host(scores), to_host(weight)
        if scores.size and not (scores.min() >= 0 and scores.max() <= 1):  # also catches NaN
            raise InvalidInput(
                f"{self.name}: expected scores from 0 to 1, got from {scores.min()} to {scores.max()}; "
                "from_logits=True takes logits"
            )
        below = np.searchsorted(np.array(self.thresholds, scores.dtype), scores, side="left")
        weight = np.broadcast_to(np.asarray(weight, np.float64), scores.shape)
        if self.label_weights is not None and not self.multi_label:
            weight = weight * np.array(self.label_weights)
        columns = labels if self.multi_label else 1
        column = np.broadcast_to(np.arange(labels) if self.multi_label else 0, scores.shape)
        place = (truth * columns + column) * (self.num_thresholds + 1) + below
        counted = np.bincount(place.ravel(), weight.ravel(), 2 * columns * (self.num_thresholds + 1))
        counted = counted.reshape(2, columns, self.num_thresholds + 1)
        if self._buckets is not None and self._buckets.shape != counted.shape:
            raise InvalidInput(f"{self.name}: expected {self._buckets.shape[1]} labels in every batch, got {columns}")
        self._buckets = counted if self._buckets is None else self._buckets + counted

    def counts(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return TP, FP, TN and FN, each (labels or 1, thresholds)."""
        buckets = self._buckets
        if buckets is None:
            buckets = np.zeros((2, 1, self.num_thresholds + 1))
        # A score above b thresholds is a positive at the first b of them.
        above = np.flip(np.cumsum(np.flip(buckets, -1), -1), -1)[..., 1:]
        total = buckets.sum(axis=-1, keepdims=True)
        return above[1], above[0], total[0] - above[0], total[1] - above[1]

    def result(self) -> float:
        """Return the area; with `multi_label` the mean over the labels."""
        tp, fp, tn, fn = self.counts()
        if self.curve == "PR" and self.summation_method == "interpolation":
            areas = _interpolated_pr(tp, fp, fn)
        else:
            recall = _ratio(tp, tp + fn)
            x, y = (_ratio(fp, fp + tn), recall) if self.curve == "ROC" else (recall, _ratio(tp, tp + fp))
            before, after = y[:, :-1], y[:, 1:]
            heights = {
                "interpolation": (before + after) / 2,
                "minoring": np.minimum(before, after),
                "majoring": np.maximum(before, after),
            }[self.summation_method]
            areas = ((x[:, :-1] - x[:, 1:]) * heights).sum(axis=-1)
        if self.multi_label and self.label_weights is not None:
            weights = np.array(self.label_weights)
            return float((areas * weights).sum() / weights.sum()) if weights.sum() else 0.0
        return float(areas.mean())

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        given = {} if self.given is None else {"thresholds": self.thresholds[1:-1]}
        return {
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "name": self.name,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": self.label_weights,
            "from_logits": self.from_logits,
            **given,
        }


def _interpolated_pr(tp: FloatArray, fp: FloatArray, fn: FloatArray) -> FloatArray:
    p = tp + fp
    hits, found = tp[:, :-1] - tp[:, 1:], p[:, :-1] - p[:, 1:]
    slope = _ratio(hits, found)
    intercept = tp[:, 1:] - slope * p[:, 1:]
    both = (p[:, :-1] > 0) & (p[:, 1:] > 0)
    ratio = np.where(both, _ratio(p[:, :-1], p[:, 1:]), 1.0)
    return _ratio(slope * (hits + intercept * np.log(ratio)), tp[:, 1:] + fn[:, 1:]).sum(axis=-1)


def _ratio(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return a / b, 0 where b is 0."""
    return np.divide(a, b, out=np.zeros(np.broadcast(a, b).shape), where=b > 0)


def _as_label_weights(name: str, weights: Sequence[float]) -> list[float]:
    array = np.asarray(weights) if isinstance(weights, (list, tuple, np.ndarray)) else np.empty(0)
    if array.ndim != 1 or not array.size or array.dtype.kind not in "fiu" or not (array >= 0).all():
        raise InvalidInput(f"{name}: label_weights: expected a list of numbers of at least 0, got {weights!r}")
    if not np.isfinite(array).all():
        raise InvalidInput(f"{name}: label_weights: expected finite numbers, got {weights!r}")
    return [float(value) for value in array]
