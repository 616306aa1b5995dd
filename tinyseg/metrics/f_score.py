r"""F scores: one number of precision and recall, by class.

    F_beta = (1 + beta^2) * precision * recall / (beta^2 * precision + recall)

With beta = 1 this is 2 TP / (2 TP + FP + FN), the Dice coefficient of sets. beta says how many times as much as
precision recall counts.
"""

from __future__ import annotations

import numpy as np
from tinyseg_kernels.device import to_host
from tinyseg_kernels.errors import InvalidInput, unknown_name
from tinyseg_kernels.types import Array, FloatArray

from tinyseg.utils.types import ArrayLike, JsonObject, Weights

from .metric import Metric
from .positives import labels_scores_weights

EPSILON = 1e-7
"""Keras's, in every denominator."""

AVERAGES = ("micro", "macro", "weighted")


class FBetaScore(Metric):
    """F_beta of each class, or an average of them, for one-hot labels (N, ..., K) and scores of the same shape.

    `average`: None, an array with the score of each class; 'macro', their mean; 'weighted', their mean weighted by how
    often the labels hold each; 'micro', of all classes counted together. `threshold`: a number above it is a positive;
    None: the largest of the last axis is (all of them where several are), unless it is 0.

    In `compile`, which logs one number, give an average.

    Example:
        >>> from tinyseg.metrics import FBetaScore
        >>> metric = FBetaScore(beta=2.0, threshold=0.5)
        >>> metric.update_state([[1, 1], [1, 0]], [[0.2, 0.7], [0.8, 0.1]])
        >>> metric.result().round(4)
        array([0.5556, 1.    ])
    """

    direction = "max"

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str = "fbeta_score",
    ) -> None:
        """Choose what is averaged; see the class."""
        super().__init__(name)
        if average is not None and average not in AVERAGES:
            raise unknown_name("average", average, AVERAGES)
        if not beta > 0:
            raise InvalidInput(f"{self.name}: beta: expected a number above 0, got {beta!r}")
        if threshold is not None and not 0 < threshold <= 1:
            raise InvalidInput(f"{self.name}: threshold: expected a number above 0 and at most 1, got {threshold!r}")
        self.average, self.beta, self.threshold = average, float(beta), threshold
        self.several = average is None
        self.reset_state()

    def reset_state(self) -> None:
        """Forget everything."""
        self.counts: list[Array] = []

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: Weights = None) -> None:
        """Count a batch."""
        truth, scores, weight = labels_scores_weights(self.name, y_true, y_pred, sample_weight)
        if self.threshold is None:
            found = (scores >= scores.max(axis=-1, keepdims=True)) & (np.abs(scores) > 1e-9)
        else:
            found = scores > self.threshold
        axes = tuple(range(truth.ndim - 1))
        kinds = (truth & found, ~truth & found, truth & ~found, truth)
        counted = [(kind * weight).sum(axis=axes, dtype=np.float64) for kind in kinds]
        if self.counts and self.counts[0].shape != counted[0].shape:
            raise InvalidInput(
                f"{self.name}: expected {self.counts[0].shape[0]} classes in every batch, got {counted[0].shape[0]}"
            )
        self.counts = [a + b for a, b in zip(self.counts, counted, strict=True)] if self.counts else counted

    def result(self) -> float | FloatArray:  # type: ignore[override]
        """Return the average, or with average=None the score of each class (K,)."""
        tp, fp, fn, support = (to_host(count) for count in self.counts) if self.counts else [np.zeros(1)] * 4
        if self.average == "micro":
            tp, fp, fn = (count.sum(keepdims=True) for count in (tp, fp, fn))
        precision, recall = tp / (tp + fp + EPSILON), tp / (tp + fn + EPSILON)
        scores = (1 + self.beta**2) * precision * recall / (self.beta**2 * precision + recall + EPSILON)
        if self.average is None:
            return np.asarray(scores)
        if self.average == "weighted":
            return float((scores * support / (support.sum() + EPSILON)).sum())
        return float(scores.mean())

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"average": self.average, "beta": self.beta, "threshold": self.threshold, "name": self.name}


class F1Score(FBetaScore):
    """2 * precision * recall / (precision + recall) of each class, or an average of them; see `FBetaScore`.

    Example:
        >>> from tinyseg.metrics import F1Score
        >>> metric = F1Score(average="macro", threshold=0.5)
        >>> metric.update_state([[1, 1], [1, 0]], [[0.2, 0.7], [0.8, 0.1]])
        >>> round(metric.result(), 4)
        0.8333
    """

    def __init__(self, average: str | None = None, threshold: float | None = None, name: str = "f1_score") -> None:
        """Choose what is averaged; see `FBetaScore`."""
        super().__init__(average, 1.0, threshold, name)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        config = super().get_config()
        del config["beta"]
        return config
