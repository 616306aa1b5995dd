"""Losses as metrics: the mean of a loss over all positions seen, without a gradient."""

from __future__ import annotations

import numpy as np
from tinyseg_kernels.device import array_module, like, to_backend, to_host
from tinyseg_kernels.errors import InvalidInput

from tinyseg import losses
from tinyseg.utils.types import ArrayLike, JsonObject, Weights

from .metric import Mean, as_array, spread


class _MeanOfLoss(Mean):
    """The mean of a loss; labels and predictions are those of the loss."""

    direction = "min"

    def __init__(self, loss: losses.Loss, name: str | None = None) -> None:
        super().__init__(name)
        self.loss = loss
        loss.name = self.name  # as errors call it

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike | None = None, sample_weight: Weights = None) -> None:
        """Take a batch in."""
        p = as_array(y_pred)
        p = to_backend(p.astype(np.float64) if p.dtype.kind in "iub" else p)
        target, valid, _ = self.loss.target(to_host(y_true), p)
        if target.dtype.kind == "f" and np.isnan(target.sum()):
            raise InvalidInput(f"{self.name}: expected labels that are numbers, got NaN")
        values = self.loss.positions(like(p, target), p)[0]
        if valid is not None:  # what is not may hold anything
            values = array_module(values).where(like(values, valid), values, values.dtype.type(0))
            sample_weight = valid * (1.0 if sample_weight is None else spread(self.name, sample_weight, valid.shape))
        self.add(values, sample_weight)


class BinaryCrossentropy(_MeanOfLoss):
    """The mean cross-entropy of yes or no; see `tinyseg.losses.BinaryCrossentropy`.

    Example:
        >>> from tinyseg.metrics import BinaryCrossentropy
        >>> metric = BinaryCrossentropy()
        >>> metric.update_state([[1.0], [0.0]], [[0.5], [0.5]])
        >>> round(metric.result(), 4)  # log 2
        0.6931
    """

    def __init__(self, name: str | None = None, from_logits: bool = False, label_smoothing: float = 0.0) -> None:
        """Set the arguments of the loss."""
        super().__init__(losses.BinaryCrossentropy(from_logits, label_smoothing), name)
        self.from_logits, self.label_smoothing = bool(from_logits), float(label_smoothing)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"name": self.name, "from_logits": self.from_logits, "label_smoothing": self.label_smoothing}


class CategoricalCrossentropy(_MeanOfLoss):
    """The mean cross-entropy between distributions; see `tinyseg.losses.CategoricalCrossentropy`.

    Example:
        >>> from tinyseg.metrics import CategoricalCrossentropy
        >>> metric = CategoricalCrossentropy()
        >>> metric.update_state([[0.0, 1.0]], [[0.5, 0.5]])
        >>> round(metric.result(), 4)  # log 2
        0.6931
    """

    def __init__(
        self, name: str | None = None, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
    ) -> None:
        """Set the arguments of the loss."""
        super().__init__(losses.CategoricalCrossentropy(from_logits, label_smoothing, axis), name)
        self.from_logits, self.label_smoothing = bool(from_logits), float(label_smoothing)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"name": self.name, "from_logits": self.from_logits, "label_smoothing": self.label_smoothing}


class SparseCategoricalCrossentropy(_MeanOfLoss):
    """The mean cross-entropy for class ids; see `tinyseg.losses.SparseCategoricalCrossentropy`.

    Example:
        >>> from tinyseg.metrics import SparseCategoricalCrossentropy
        >>> metric = SparseCategoricalCrossentropy()
        >>> metric.update_state([1], [[0.5, 0.5]])
        >>> round(metric.result(), 4)  # log 2
        0.6931
    """

    def __init__(
        self,
        name: str | None = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        """Set the arguments of the loss; positions labelled `ignore_class` are not counted."""
        super().__init__(losses.SparseCategoricalCrossentropy(from_logits, ignore_class, axis=axis), name)
        self.from_logits, self.ignore_class = bool(from_logits), ignore_class

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"name": self.name, "from_logits": self.from_logits, "ignore_class": self.ignore_class}


class KLDivergence(_MeanOfLoss):
    """The mean of the Kullback-Leibler divergence of predictions from labels; see `tinyseg.losses.KLDivergence`.

    Example:
        >>> from tinyseg.metrics import KLDivergence
        >>> metric = KLDivergence()
        >>> metric.update_state([[0.5, 0.5]], [[0.25, 0.75]])
        >>> round(metric.result(), 4)
        0.1438
    """

    def __init__(self, name: str | None = None) -> None:
        """Set the name in the logs."""
        super().__init__(losses.KLDivergence(), name)


class Poisson(_MeanOfLoss):
    """The mean of p - t * log p; see `tinyseg.losses.Poisson`.

    Example:
        >>> from tinyseg.metrics import Poisson
        >>> metric = Poisson()
        >>> metric.update_state([[2.0]], [[1.0]])
        >>> round(metric.result(), 4)
        1.0
    """

    def __init__(self, name: str | None = None) -> None:
        """Set the name in the logs."""
        super().__init__(losses.Poisson(), name)


class LogCoshError(_MeanOfLoss):
    """The mean of log(cosh(p - t)); see `tinyseg.losses.LogCosh`.

    Example:
        >>> from tinyseg.metrics import LogCoshError
        >>> metric = LogCoshError()
        >>> metric.update_state([[0.0]], [[100.0]])
        >>> round(metric.result(), 4)
        99.3069
    """

    def __init__(self, name: str | None = "logcosh") -> None:
        """Set the name in the logs."""
        super().__init__(losses.LogCosh(), name)


class Hinge(_MeanOfLoss):
    """The mean of max(1 - t * p, 0); see `tinyseg.losses.Hinge`.

    Example:
        >>> from tinyseg.metrics import Hinge
        >>> metric = Hinge()
        >>> metric.update_state([[1.0], [0.0]], [[0.5], [-2.0]])
        >>> round(metric.result(), 4)
        0.25
    """

    def __init__(self, name: str | None = None) -> None:
        """Set the name in the logs."""
        super().__init__(losses.Hinge(), name)


class SquaredHinge(_MeanOfLoss):
    """The mean of max(1 - t * p, 0)^2; see `tinyseg.losses.SquaredHinge`.

    Example:
        >>> from tinyseg.metrics import SquaredHinge
        >>> metric = SquaredHinge()
        >>> metric.update_state([[1.0], [0.0]], [[0.5], [-2.0]])
        >>> round(metric.result(), 4)
        0.125
    """

    def __init__(self, name: str | None = None) -> None:
        """Set the name in the logs."""
        super().__init__(losses.SquaredHinge(), name)


class CategoricalHinge(_MeanOfLoss):
    """The mean of the margin that the right class lacks; see `tinyseg.losses.CategoricalHinge`.

    Example:
        >>> from tinyseg.metrics import CategoricalHinge
        >>> metric = CategoricalHinge()
        >>> metric.update_state([[0.0, 1.0, 0.0]], [[0.25, 0.5, 0.75]])
        >>> round(metric.result(), 4)
        1.25
    """

    def __init__(self, name: str | None = None) -> None:
        """Set the name in the logs."""
        super().__init__(losses.CategoricalHinge(), name)


class MeanAbsolutePercentageError(_MeanOfLoss):
    """The mean of the distance in percent of the label; see `tinyseg.losses.MeanAbsolutePercentageError`.

    Example:
        >>> from tinyseg.metrics import MeanAbsolutePercentageError
        >>> metric = MeanAbsolutePercentageError()
        >>> metric.update_state([[2.0, 4.0]], [[1.0, 5.0]])
        >>> round(metric.result(), 4)
        37.5
    """

    def __init__(self, name: str | None = None) -> None:
        """Set the name in the logs."""
        super().__init__(losses.MeanAbsolutePercentageError(), name)


class MeanSquaredLogarithmicError(_MeanOfLoss):
    """The mean of the squared difference of the logarithms; see `tinyseg.losses.MeanSquaredLogarithmicError`.

    Example:
        >>> from tinyseg.metrics import MeanSquaredLogarithmicError
        >>> metric = MeanSquaredLogarithmicError()
        >>> metric.update_state([[0.0]], [[1.0]])
        >>> round(metric.result(), 4)
        0.4805
    """

    def __init__(self, name: str | None = None) -> None:
        """Set the name in the logs."""
        super().__init__(losses.MeanSquaredLogarithmicError(), name)
