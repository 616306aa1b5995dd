"""Losses with their arguments, optimizers' updates and metrics: what a training computes outside of its layers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from tinyseg_kernels.device import to_backend
from tinyseg_kernels.types import Array

from tinyseg import losses, metrics, optimizers
from tinyseg.utils.types import JsonObject

from .gradients import gradients
from .report import GradientReport
from .subject import Draw, Results, Subject, called, on_host


@dataclass(frozen=True, eq=False)
class LossCase(Subject):
    """One configuration of a loss: labels as ids, as shares (one-hot), as zeros and ones, or as numbers."""

    loss: type[losses.Loss]
    labels: str
    arguments: JsonObject = field(default_factory=dict)
    shape: tuple[int, ...] = (2, 4, 5, 3)
    weighted: bool = False

    @property
    def names(self) -> tuple[str, ...]:  # type: ignore[override]
        """The loss's name."""
        return (self.loss.__name__,)

    @property
    def label(self) -> str:
        """Return 'Dice(axis=(1, 2)) on (2, 4, 5, 3)'."""
        return f"{called(self.loss.__name__, self.arguments)} on {self.shape}{' with weights' if self.weighted else ''}"

    def _drawn(self, dtype: str, seed: int) -> tuple[Array, Any, Array | None]:
        draw, positions = Draw(dtype, seed, 6), self.shape[:-1]
        raw = self.arguments.get("from_logits") or self.labels == "numbers"
        p = draw.host(*self.shape) if raw else draw.exact(0.5 + 0.45 * np.tanh(draw.host(*self.shape)))
        ids = draw.rng.integers(0, self.shape[-1], positions)
        made = {
            "ids": ids,
            "shares": np.eye(self.shape[-1], dtype=np.float32)[ids],
            "zeros and ones": draw.rng.integers(0, 2, self.shape),
            "numbers": draw.host(*self.shape),
            _SCORES: draw.exact(draw.rng.uniform(0.5, 1.5, self.shape)),
        }
        weight = draw.exact(draw.rng.uniform(0.5, 2.0, positions)) if self.weighted else None
        return p, made[self.labels], weight

    def run(self, dtype: str, seed: int) -> Results:
        """Compute the loss and its gradient."""
        p, y_true, weight = self._drawn(dtype, seed)
        loss = self.loss(**self.arguments)
        value, cache = loss.forward(y_true, to_backend(p), weight)
        return on_host(loss=value, dp=loss.backward(1.375, cache))

    def differences(
        self, backend: str | None, limit: int, seed: int, *, emulate: bool = False
    ) -> GradientReport | None:
        """Check the gradient by the predictions; weights are left to `run`."""
        p, y_true, _ = self._drawn("float64", seed)
        options: dict[str, Any] = {"limit": limit, "seed": seed, "backend": backend, "emulate": emulate}
        return gradients(self.loss(**self.arguments), p, y_true=y_true, names=["p"], float32_tolerance=None, **options)


_IDS, _SHARES, _BINARY, _NUMBERS, _SCORES = "ids", "shares", "zeros and ones", "numbers", "numbers from 0.5 to 1.5"

LOSS_CASES: tuple[LossCase, ...] = (
    LossCase(losses.BinaryCrossentropy, _BINARY),
    LossCase(losses.BinaryCrossentropy, _BINARY, {"from_logits": True, "label_smoothing": 0.1}, weighted=True),
    LossCase(losses.CategoricalCrossentropy, _SHARES, {"label_smoothing": 0.1}),
    LossCase(losses.CategoricalCrossentropy, _SHARES, {"from_logits": True, "class_weight": (1.0, 2.0, 0.5)}),
    LossCase(losses.CategoricalCrossentropy, _SHARES, {"reduction": "sum"}, weighted=True),
    LossCase(losses.SparseCategoricalCrossentropy, _IDS, {"class_weight": (1.0, 2.0, 0.5)}, weighted=True),
    LossCase(losses.SparseCategoricalCrossentropy, _IDS, {"from_logits": True, "ignore_class": 1}),
    LossCase(losses.Dice, _SHARES),
    LossCase(losses.Dice, _SHARES, {"axis": (1, 2)}),
    LossCase(losses.SparseDice, _IDS),
    LossCase(losses.SparseTversky, _IDS, {"alpha": 0.75, "beta": 0.25}),
    LossCase(losses.SparseJaccard, _IDS),
    LossCase(losses.Tversky, _SHARES, {"alpha": 0.75, "beta": 0.25, "axis": (1, 2)}),
    LossCase(losses.Jaccard, _SHARES),
    LossCase(losses.LovaszSoftmax, _IDS, {"per_image": True}),
    LossCase(losses.LovaszHinge, _BINARY, shape=(2, 4, 5, 1)),
    LossCase(losses.BinaryFocalCrossentropy, _BINARY, {"from_logits": True}, weighted=True),
    LossCase(losses.CategoricalFocalCrossentropy, _SHARES),
    LossCase(losses.SparseCategoricalFocalCrossentropy, _IDS, {"from_logits": True, "gamma": 1.0}),
    LossCase(losses.KLDivergence, _SHARES, weighted=True),
    LossCase(losses.CategoricalHinge, _SHARES),
    LossCase(losses.Hinge, _BINARY),
    LossCase(losses.SquaredHinge, _BINARY),
    LossCase(losses.Huber, _NUMBERS, {"delta": 0.5}, weighted=True),
    LossCase(losses.LogCosh, _NUMBERS),
    LossCase(losses.MeanAbsolutePercentageError, _SCORES),
    LossCase(losses.MeanSquaredLogarithmicError, _SCORES),
    LossCase(losses.Poisson, _SCORES),
    LossCase(losses.WeightedSum, _SHARES, {"losses": ["dice", "categorical_crossentropy"], "weights": [0.5, 1.0]}),
    LossCase(losses.MeanAbsoluteError, _NUMBERS, weighted=True),
    LossCase(losses.MeanSquaredError, _NUMBERS, {"reduction": "sum"}),
)
"""At least one for every loss."""


@dataclass(frozen=True, eq=False)
class OptimizerCase(Subject):
    """One configuration of an optimizer.

    Three updates of some tensors, one of them large enough for several threads.
    """

    optimizer: type[optimizers.Optimizer]
    arguments: JsonObject
    shapes: tuple[tuple[int, ...], ...] = ((3, 5), (7,), (1, 1, 2, 9))

    @property
    def names(self) -> tuple[str, ...]:  # type: ignore[override]
        """The optimizer's name, and its operation's."""
        return (self.optimizer.__name__, "optimizer")

    @property
    def large(self) -> bool:  # type: ignore[override]
        """Whether there are more numbers than one thread updates."""
        return sum(int(np.prod(shape)) for shape in self.shapes) > 1000

    @property
    def label(self) -> str:
        """Return 'Adam(clipnorm=1.0) on (3, 5), (7,)'."""
        return f"{called(self.optimizer.__name__, self.arguments)} on {', '.join(map(str, self.shapes))}"

    def run(self, dtype: str, seed: int) -> Results:
        """Return parameters and slots after the updates.

        Steps are as large as the parameters, so that their factors show.
        """
        draw = Draw(dtype, seed, 7)
        optimizer = self.optimizer(**self.arguments)
        parameters = {f"p{k}": draw(*shape) for k, shape in enumerate(self.shapes)}
        for _ in range(3):
            optimizer.apply(parameters, {name: draw(*array.shape) for name, array in parameters.items()})
        slots = {name: array for name, array in optimizer.state().items() if name != "iterations"}
        return on_host(**parameters, **slots)


_LARGE = ((70, 300), (5,))
_CLIPPED = {"learning_rate": 0.5, "weight_decay": 0.25, "clipvalue": 0.75}

OPTIMIZER_CASES: tuple[OptimizerCase, ...] = tuple(
    OptimizerCase(optimizer, arguments, shapes)
    for shapes in (OptimizerCase.shapes, _LARGE)
    for optimizer, arguments in (
        (optimizers.Adam, {"learning_rate": 0.5, "beta_1": 0.75, "beta_2": 0.5, "epsilon": 0.25}),
        (optimizers.Adam, {**_CLIPPED, "epsilon": 0.25}),
        (optimizers.AdamW, {"learning_rate": 0.5, "weight_decay": 0.25, "clipnorm": 0.5, "epsilon": 0.25}),
        (optimizers.SGD, {"learning_rate": 0.5, "global_clipnorm": 0.5}),
        (optimizers.SGD, _CLIPPED),
        (optimizers.SGD, {"learning_rate": 0.5, "momentum": 0.75}),
        (optimizers.SGD, {**_CLIPPED, "momentum": 0.75, "nesterov": True}),
        (optimizers.RMSprop, {"learning_rate": 0.5, "rho": 0.75, "epsilon": 0.25}),
        (optimizers.RMSprop, {**_CLIPPED, "rho": 0.75, "momentum": 0.5, "epsilon": 0.25, "centered": True}),
    )
)
"""At least one for every optimizer."""


_SOME_EQUAL = "some equal to the prediction"


@dataclass(frozen=True, eq=False)
class MetricCase(Subject):
    """One configuration of a metric: two batches with weights. A metric has no gradient."""

    metric: type[metrics.Metric]
    labels: str
    arguments: JsonObject = field(default_factory=dict)
    shape: tuple[int, ...] = (2, 4, 5, 3)

    @property
    def names(self) -> tuple[str, ...]:  # type: ignore[override]
        """The metric's name."""
        return (self.metric.__name__,)

    @property
    def label(self) -> str:
        """Return 'MeanIoU(num_classes=3) on (2, 4, 5, 3)'."""
        return f"metric {called(self.metric.__name__, self.arguments)} on {self.shape}"

    def run(self, dtype: str, seed: int) -> Results:
        """Return the metric over both batches."""
        draw, metric, positions = Draw(dtype, seed, 8), self.metric(**self.arguments), self.shape[:-1]
        for _ in range(2):
            p = draw.exact(0.5 + 0.45 * np.tanh(draw.host(*self.shape)))
            ids = draw.rng.integers(0, self.shape[-1], positions)
            made = {
                _IDS: ids,
                _SHARES: np.eye(self.shape[-1])[ids],
                _BINARY: draw.rng.integers(0, 2, self.shape),
                _NUMBERS: draw.host(*self.shape),
                _SOME_EQUAL: np.where(draw.rng.random(self.shape) < 0.5, p, 0.0),
            }
            weight = draw.rng.integers(1, 9, positions) / 4.0
            weight = weight[..., None] if self.metric is metrics.Accuracy else weight
            if self.metric is metrics.Mean:
                metric.update_state(made[_NUMBERS][..., 0], None, weight)
            else:
                metric.update_state(made[self.labels], to_backend(p), weight)
        return on_host(result=metric.result(), **({"matrix": metric.matrix} if hasattr(metric, "matrix") else {}))


METRIC_CASES: tuple[MetricCase, ...] = (
    MetricCase(metrics.Accuracy, _SOME_EQUAL),
    MetricCase(metrics.BinaryAccuracy, _BINARY),
    MetricCase(metrics.CategoricalAccuracy, _SHARES),
    MetricCase(metrics.ConfusionMatrix, _IDS, {"num_classes": 3}),
    MetricCase(metrics.Dice, _IDS, {"num_classes": 3}),
    MetricCase(metrics.Mean, _NUMBERS),
    MetricCase(metrics.MeanAbsoluteError, _NUMBERS),
    MetricCase(metrics.MeanIoU, _IDS, {"num_classes": 3, "ignore_class": 1}),
    MetricCase(metrics.MeanSquaredError, _NUMBERS),
    MetricCase(metrics.PixelAccuracy, _IDS, {"num_classes": 3}),
    MetricCase(metrics.SparseCategoricalAccuracy, _IDS, {"ignore_class": 1}),
    MetricCase(metrics.AUC, _BINARY, {"curve": "PR"}),
    MetricCase(metrics.BinaryIoU, _BINARY),
    MetricCase(metrics.F1Score, _SHARES, {"average": "macro"}),
    MetricCase(metrics.FBetaScore, _SHARES, {"average": "weighted", "beta": 2.0, "threshold": 0.5}),
    MetricCase(metrics.IoU, _IDS, {"num_classes": 3, "target_class_ids": [0, 2]}),
    MetricCase(metrics.OneHotIoU, _SHARES, {"num_classes": 3, "target_class_ids": [1]}),
    MetricCase(metrics.OneHotMeanIoU, _SHARES, {"num_classes": 3}),
    MetricCase(metrics.SparseCategoricalCrossentropy, _IDS, {"ignore_class": 1}),
    MetricCase(metrics.SparseTopKCategoricalAccuracy, _IDS, {"k": 2}),
    MetricCase(metrics.TopKCategoricalAccuracy, _SHARES, {"k": 2}),
    *(MetricCase(metric, _BINARY) for metric in (metrics.BinaryCrossentropy, metrics.Hinge, metrics.SquaredHinge)),
    *(
        MetricCase(metric, _BINARY)
        for metric in (
            metrics.FalseNegatives,
            metrics.FalsePositives,
            metrics.Precision,
            metrics.Recall,
            metrics.TrueNegatives,
            metrics.TruePositives,
        )
    ),
    *(
        MetricCase(metric, _SHARES)
        for metric in (metrics.CategoricalCrossentropy, metrics.CategoricalHinge, metrics.KLDivergence)
    ),
    *(
        MetricCase(metric, _NUMBERS)
        for metric in (
            metrics.LogCoshError,
            metrics.MeanAbsolutePercentageError,
            metrics.MeanSquaredLogarithmicError,
            metrics.Poisson,
            metrics.RootMeanSquaredError,
        )
    ),
)
"""At least one for every metric."""
