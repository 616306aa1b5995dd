"""The metrics of one output, updated together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tinyseg_kernels.errors import InvalidInput

from tinyseg.utils.types import ArrayLike, Weights

from .accuracy import accuracy_for
from .metric import Metric, as_array
from .registry import get, serialize
from .segmentation import ConfusionMatrix, Counts


def _named(metric: Metric, given: object) -> Metric:
    """Give a metric that came as a text this text as its name, as Keras does: 'mae' is `history.history["mae"]`."""
    if isinstance(given, str):
        metric.name = given
    return metric


def check_apart(collections: Sequence[MetricCollection]) -> None:
    """Refuse one object for two outputs: it would mix what the two count."""
    found: set[int] = set()
    for collection in collections:
        own = {id(metric): metric for metric in collection.metrics if isinstance(metric, Metric)}
        for key in found & own.keys():
            raise InvalidInput(f"metrics: the same object {own[key].name!r} stands at two outputs; make one for each")
        found |= own.keys()


class MetricCollection:
    """Metrics from names and objects.

    Those that need the same confusion matrix share one, so labels and predictions are counted once a batch.

    Sample weights enter the metrics that were given as `weighted_metrics`, and only these.

    Example:
        >>> import numpy as np
        >>> from tinyseg.metrics import MetricCollection
        >>> metrics = MetricCollection(["mae", "mse"])
        >>> metrics.update(np.zeros((1, 2)), np.array([[1.0, 3.0]]))
        >>> metrics.results()
        {'mae': 2.0, 'mse': 5.0}
    """

    def __init__(self, metrics: Sequence[Any], weighted_metrics: Sequence[Any] = (), loss: object = None) -> None:
        """Resolve names; 'accuracy' waits for the first batch, whose shapes say which kind it is, and asks the loss what it ignores."""
        self.ignore_class = getattr(loss, "ignore_class", None)
        self.metrics: list[Metric | str] = []
        self.first_weighted = len(metrics)
        for metric in [*metrics, *weighted_metrics]:
            pending = isinstance(metric, str) and metric.lower() in ("accuracy", "acc")
            self.metrics.append(str(metric) if pending else _named(get(metric), metric))
        for metric in self.metrics:
            if getattr(metric, "several", False):
                raise InvalidInput(
                    f"metrics: {getattr(metric, 'name', metric)} gives several numbers, and the logs have one for each "
                    "name; give it one threshold, or an average such as F1Score(average='macro')"
                )
        if len({id(metric) for metric in self.metrics if isinstance(metric, Metric)}) < sum(
            isinstance(metric, Metric) for metric in self.metrics
        ):
            raise InvalidInput("metrics: the same object stands there twice; make one for each place")
        self.names = [metric if isinstance(metric, str) else metric.name for metric in self.metrics]
        for k in range(self.first_weighted, len(self.names)):
            if self.names[k] in self.names[: self.first_weighted]:
                self.names[k] = f"weighted_{self.names[k]}"  # as in Keras
        for name in self.names:
            if self.names.count(name) > 1:
                raise InvalidInput(f"metrics: two have the name {name!r}; give one another name")
        self.shared: list[tuple[Counts, bool]] = []
        for k, metric in enumerate(self.metrics):
            if isinstance(metric, ConfusionMatrix) and metric.shares:
                self._share(metric, k >= self.first_weighted)

    def _share(self, metric: ConfusionMatrix, weighted: bool) -> None:
        own = metric.counts
        for counts, with_weights in self.shared:
            if (counts.num_classes, counts.ignore_class, with_weights) == (own.num_classes, own.ignore_class, weighted):
                metric.counts = counts
                return
        self.shared.append((own, weighted))

    def update(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: Weights = None) -> None:
        """Take a batch in."""
        t, p = as_array(y_true), as_array(y_pred)
        for k, metric in enumerate(self.metrics):
            if isinstance(metric, str):
                self.metrics[k] = metric = accuracy_for(t, p, metric, self.ignore_class)
            if not metric.shares:
                weight = sample_weight if k >= self.first_weighted else None
                metric.update_state(t, p) if weight is None else metric.update_state(t, p, weight)
        for counts, weighted in self.shared:
            counts.update(t, p, sample_weight if weighted else None)

    def results(self) -> dict[str, float]:
        """Return every metric by its name in the logs."""
        return {
            name: 0.0 if isinstance(metric, str) else metric.result()
            for name, metric in zip(self.names, self.metrics, strict=True)
        }

    def directions(self) -> dict[str, str | None]:
        """Return for each name in the logs what is better: 'max', 'min', or None when the metric does not say."""
        return {
            name: "max" if isinstance(metric, str) else metric.direction
            for name, metric in zip(self.names, self.metrics, strict=True)
        }

    def reset(self) -> None:
        """Forget everything."""
        for metric in self.metrics:
            if isinstance(metric, Metric):
                metric.reset_state()

    def serialize(self, weighted: bool = False) -> list[Any]:
        """Return the metrics, or the weighted ones, as JSON types that this class takes back."""
        group = self.metrics[self.first_weighted :] if weighted else self.metrics[: self.first_weighted]
        return [metric if isinstance(metric, str) else serialize(metric) for metric in group]
