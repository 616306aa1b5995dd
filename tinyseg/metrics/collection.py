"""The metrics of one output, updated together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tinyseg_kernels.errors import InvalidInput

from .accuracy import accuracy_for
from .metric import Metric, as_array
from .segmentation import ConfusionMatrix, Counts


def _named(metric: Metric, given: Any) -> Metric:
    """Give a metric that came as a text this text as its name, as Keras does: 'mae' is `history.history["mae"]`."""
    if isinstance(given, str):
        metric.name = given
    return metric


class MetricCollection:
    """Metrics from names and objects. Those that need the same confusion matrix share one, so labels and predictions are counted once a batch."""

    def __init__(self, metrics: Sequence[Any]) -> None:
        """Resolve names; 'accuracy' waits for the first batch, whose shapes say which kind it is."""
        from . import get

        self.metrics: list[Metric | str] = []
        for metric in metrics:
            pending = isinstance(metric, str) and metric.lower() in ("accuracy", "acc")
            self.metrics.append(str(metric) if pending else _named(get(metric), metric))
        names = [metric if isinstance(metric, str) else metric.name for metric in self.metrics]
        for name in names:
            if names.count(name) > 1:
                raise InvalidInput(f"metrics: two have the name {name!r}; give one another name")
        self.shared: list[Counts] = []
        for metric in self.metrics:
            if isinstance(metric, ConfusionMatrix):
                self._share(metric)

    def _share(self, metric: ConfusionMatrix) -> None:
        own = metric.counts
        for counts in self.shared:
            if (counts.num_classes, counts.ignore_class) == (own.num_classes, own.ignore_class):
                metric.counts = counts
                return
        self.shared.append(own)

    def update(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch in."""
        t, p = as_array(y_true), as_array(y_pred)
        for k, metric in enumerate(self.metrics):
            if isinstance(metric, str):
                self.metrics[k] = metric = accuracy_for(t, p, metric)
            if not isinstance(metric, ConfusionMatrix):
                metric.update_state(t, p) if sample_weight is None else metric.update_state(t, p, sample_weight)
        for counts in self.shared:
            counts.update(t, p, sample_weight)

    def results(self) -> dict[str, float]:
        """Return every metric by its name."""
        return {m: 0.0 for m in self.metrics if isinstance(m, str)} | {
            metric.name: metric.result() for metric in self.metrics if isinstance(metric, Metric)
        }

    def reset(self) -> None:
        """Forget everything."""
        for metric in self.metrics:
            if isinstance(metric, Metric):
                metric.reset_state()

    def serialize(self) -> list[Any]:
        """Return the metrics as JSON types that this class takes back."""
        from . import serialize

        return [metric if isinstance(metric, str) else serialize(metric) for metric in self.metrics]
