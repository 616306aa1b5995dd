r"""What is above a threshold, counted: true and false positives and negatives, and Precision and Recall from them.

A number of y_pred above the threshold is a positive. With labels of 0 and 1:

    precision = TP / (TP + FP)        recall = TP / (TP + FN)        and 0 where nothing is divided by nothing

All is counted over every number of the batch, whatever its axes are; `class_id` takes one place of the last axis. The
counts stay where the predictions are until `result` is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeAlias

import numpy as np
from tinyseg_kernels.device import array_module, like, to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.losses.labels import as_numbers, as_shares
from tinyseg.utils.types import ArrayLike, JsonObject, Weights

from .metric import Metric, as_array, spread

Thresholds: TypeAlias = float | Sequence[float] | None
"""One threshold or several; None: 0.5."""


def as_thresholds(name: str, thresholds: Thresholds, default: float = 0.5) -> list[float]:
    """Return thresholds from 0 to 1 as a list."""
    given = [default] if thresholds is None else thresholds
    array = (
        np.atleast_1d(np.asarray(given)) if isinstance(given, (int, float, list, tuple, np.ndarray)) else np.empty(0)
    )
    fits = array.ndim == 1 and array.size > 0 and array.dtype.kind in "fiu"
    if not fits or (thresholds is not None and not ((array >= 0) & (array <= 1)).all()):
        raise InvalidInput(f"{name}: thresholds: expected numbers from 0 to 1, got {thresholds!r}")
    return [float(value) for value in array]


def as_class_id(name: str, class_id: int | None, classes: int) -> int | None:
    """Check that a class is one of the last axis."""
    if class_id is not None and not 0 <= class_id < classes:
        raise InvalidInput(f"{name}: class_id: expected 0 to {classes - 1}, got {class_id}")
    return class_id


def labels_scores_weights(
    name: str, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: Weights
) -> tuple[Array, Array, Array | float]:
    """Return which labels are 1, the scores, and the weight of each, of one shape, where the predictions are.

    Weights are per sample (N,) or per position.
    """
    scores = as_array(y_pred)
    scores = scores.astype(np.float64) if scores.dtype.kind in "iub" else scores
    truth = as_numbers(name, to_host(y_true))
    scores = scores[:, None] if scores.ndim == 1 else scores
    hint = "" if truth.shape not in (scores.shape[:-1], (*scores.shape[:-1], 1)) else "; use to_categorical(y, classes)"
    truth = as_shares(name, truth, scores, hint)
    weight: Array | float = 1.0
    if sample_weight is not None:
        weight = like(scores, spread(name, sample_weight, truth.shape))
    # Keras casts labels to bool: what is not 0 is 1.
    return like(scores, truth != 0), scores, weight


class _Positives(Metric):
    """What the six have in common: TP, FP, TN and FN at each threshold, as far as they are asked for."""

    direction = "max"
    counted: ClassVar[tuple[str, ...]] = ()
    """Of 'tp', 'fp', 'tn', 'fn', which are needed."""

    default_threshold = 0.5
    top_k: int | None = None
    class_id: int | None = None

    def __init__(self, thresholds: Thresholds = None, name: str | None = None) -> None:
        super().__init__(name)
        self.given = thresholds
        self.thresholds = as_thresholds(self.name, thresholds, self.default_threshold)
        self.several = len(self.thresholds) > 1
        self.reset_state()

    def reset_state(self) -> None:
        """Forget everything."""
        self.counts: dict[str, list[Array | float]] = {kind: [0.0] * len(self.thresholds) for kind in self.counted}

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: Weights = None) -> None:
        """Count a batch."""
        truth, scores, weight = labels_scores_weights(self.name, y_true, y_pred, sample_weight)
        if self.top_k is not None:
            scores = among_the_top(scores, self.top_k)
        if as_class_id(self.name, self.class_id, scores.shape[-1]) is not None:
            place = slice(self.class_id, self.class_id + 1)  # type: ignore[operator]
            truth, scores = truth[..., place], scores[..., place]
            weight = weight if isinstance(weight, float) else weight[..., place]
        for k, threshold in enumerate(self.thresholds):
            above = scores > threshold
            for kind in self.counted:
                is_it = (truth if kind in ("tp", "fn") else ~truth) & (above if kind in ("tp", "fp") else ~above)
                counted = is_it if isinstance(weight, float) else is_it * weight
                self.counts[kind][k] = self.counts[kind][k] + counted.sum(dtype=np.float64)

    def count(self, kind: str) -> FloatArray:
        """Return a count at each threshold."""
        return np.array([float(value) for value in self.counts[kind]])

    def result(self) -> float | FloatArray:  # type: ignore[override]
        """Return the number, or with several thresholds an array of one for each."""
        values = self.of_counts()
        return values if self.several else float(values[0])

    def of_counts(self) -> FloatArray:
        """Return the metric at each threshold."""
        return self.count(self.counted[0])

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        given = self.given if self.given is None or isinstance(self.given, (int, float)) else self.thresholds
        return {"thresholds": given, "name": self.name}


def among_the_top(scores: Array, k: int) -> Array:
    """Return scores with - infinity at all but the k largest of the last axis; of equal ones the first count."""
    xp = array_module(scores)
    order = (-scores).argsort(axis=-1, kind="stable")
    return xp.where(order.argsort(axis=-1) < k, scores, -np.inf)


class TruePositives(_Positives):
    """How many numbers are above the threshold and labelled 1.

    Example:
        >>> from tinyseg.metrics import TruePositives
        >>> metric = TruePositives()
        >>> metric.update_state([0, 1, 1, 1], [0.9, 0.2, 0.8, 0.7])
        >>> metric.result()
        2.0
    """

    counted = ("tp",)


class TrueNegatives(_Positives):
    """How many numbers are not above the threshold and labelled 0.

    Example:
        >>> from tinyseg.metrics import TrueNegatives
        >>> metric = TrueNegatives()
        >>> metric.update_state([0, 1, 1, 0], [0.9, 0.2, 0.8, 0.3])
        >>> metric.result()
        1.0
    """

    counted = ("tn",)


class FalsePositives(_Positives):
    """How many numbers are above the threshold and labelled 0.

    Example:
        >>> from tinyseg.metrics import FalsePositives
        >>> metric = FalsePositives()
        >>> metric.update_state([0, 1, 1, 0], [0.9, 0.2, 0.8, 0.3])
        >>> metric.result()
        1.0
    """

    counted, direction = ("fp",), "min"


class FalseNegatives(_Positives):
    """How many numbers are not above the threshold and labelled 1.

    Example:
        >>> from tinyseg.metrics import FalseNegatives
        >>> metric = FalseNegatives()
        >>> metric.update_state([0, 1, 1, 0], [0.9, 0.2, 0.8, 0.3])
        >>> metric.result()
        1.0
    """

    counted, direction = ("fn",), "min"


class _OfPositives(_Positives):
    """Precision and Recall: a ratio of two counts."""

    def __init__(
        self,
        thresholds: Thresholds = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
    ) -> None:
        """Set thresholds, and which numbers count.

        Args:
            thresholds: One from 0 to 1, or several, for each of which `result` then holds a number; 0.5 when None, and
                none with `top_k`.
            top_k: Only the k largest numbers of the last axis can be positives.
            class_id: Only this place of the last axis counts.
            name: Name in the logs.
        """
        if top_k is not None and thresholds is None:
            self.default_threshold = -1e10  # Keras's: every number that is among the largest
        super().__init__(thresholds, name)
        if top_k is not None and top_k < 1:
            raise InvalidInput(f"{self.name}: top_k: expected an integer of at least 1, got {top_k!r}")
        if class_id is not None and class_id < 0:
            raise InvalidInput(f"{self.name}: class_id: expected an integer of at least 0, got {class_id!r}")
        self.top_k, self.class_id = top_k, class_id

    def of_counts(self) -> FloatArray:
        """Return TP / (TP + the other count), 0 where both are 0."""
        hits, others = self.count("tp"), self.count(self.counted[1])
        return np.divide(hits, hits + others, out=np.zeros_like(hits), where=hits + others > 0)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "top_k": self.top_k, "class_id": self.class_id}


class Precision(_OfPositives):
    """The share of what is above the threshold that is labelled 1: TP / (TP + FP); 0 when nothing is above.

    Example:
        >>> from tinyseg.metrics import Precision
        >>> metric = Precision()
        >>> metric.update_state([0, 1, 1, 1], [0.9, 0.2, 0.8, 0.7])
        >>> round(metric.result(), 4)
        0.6667
    """

    counted = ("tp", "fp")


class Recall(_OfPositives):
    """The share of what is labelled 1 that is above the threshold: TP / (TP + FN); 0 when nothing is labelled 1.

    Example:
        >>> from tinyseg.metrics import Recall
        >>> metric = Recall()
        >>> metric.update_state([0, 1, 1, 1], [0.9, 0.2, 0.8, 0.7])
        >>> round(metric.result(), 4)
        0.6667
    """

    counted = ("tp", "fn")
