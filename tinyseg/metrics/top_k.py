"""How often the right class is among the k largest scores: TopKCategoricalAccuracy and its sparse kind."""

from __future__ import annotations

import numpy as np
from tinyseg_kernels.device import array_module, like, to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.losses.labels import as_class_ids, as_numbers
from tinyseg.utils.types import ArrayLike, JsonObject, Weights

from .accuracy import same_shape
from .metric import Mean, as_array


class TopKCategoricalAccuracy(Mean):
    """How often fewer than k scores are larger than that of the one of a one-hot label.

    So equal scores are all in or all out, as in Keras.

    Example:
        >>> from tinyseg.metrics import TopKCategoricalAccuracy
        >>> metric = TopKCategoricalAccuracy(k=2)
        >>> metric.update_state([[0, 0, 1], [1, 0, 0]], [[0.1, 0.5, 0.4], [0.1, 0.5, 0.4]])
        >>> metric.result()
        0.5
    """

    direction = "max"

    def __init__(self, k: int = 5, name: str | None = None) -> None:
        """Set k, at least 1."""
        super().__init__(name)
        if k < 1:
            raise InvalidInput(f"{self.name}: k: expected an integer of at least 1, got {k!r}")
        self.k = k

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike | None = None, sample_weight: Weights = None) -> None:
        """Look at a batch."""
        t, p = same_shape(self.name, y_true, y_pred)
        self.add(self.among_the_top(t.argmax(axis=-1), p), sample_weight)

    def among_the_top(self, ids: Array, scores: Array) -> Array:
        """Return whether fewer than k scores are larger than that of the id."""
        own = array_module(scores).take_along_axis(scores, ids[..., None].astype(np.intp), -1)
        return ((scores > own).sum(axis=-1) < self.k) & (own == own)[..., 0]  # NaN is never right

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {"k": self.k, "name": self.name}


class SparseTopKCategoricalAccuracy(TopKCategoricalAccuracy):
    """How often fewer than k scores are larger than that of the class id.

    With `from_sorted_ids`, predictions are class ids instead, the likeliest first, of which the first k count.

    Example:
        >>> from tinyseg.metrics import SparseTopKCategoricalAccuracy
        >>> metric = SparseTopKCategoricalAccuracy(k=2)
        >>> metric.update_state([2, 0], [[0.1, 0.5, 0.4], [0.1, 0.5, 0.4]])
        >>> metric.result()
        0.5
    """

    def __init__(self, k: int = 5, name: str | None = None, from_sorted_ids: bool = False) -> None:
        """Set k, at least 1, and what predictions are."""
        super().__init__(k, name)
        self.from_sorted_ids = bool(from_sorted_ids)

    def update_state(self, y_true: ArrayLike, y_pred: ArrayLike | None = None, sample_weight: Weights = None) -> None:
        """Look at a batch."""
        p = as_array(y_pred)
        if self.from_sorted_ids:
            labels = as_numbers(self.name, to_host(y_true))
            labels = labels[..., 0] if labels.shape == (*p.shape[:-1], 1) else labels
            if labels.shape != p.shape[:-1]:
                raise InvalidInput(f"{self.name}: expected class ids of shape {p.shape[:-1]}, got {labels.shape}")
            self.add((p[..., : self.k] == like(p, labels)[..., None]).any(axis=-1), sample_weight)
            return
        ids, _ = as_class_ids(self.name, to_host(y_true), p)
        self.add(self.among_the_top(like(p, ids), p), sample_weight)

    def get_config(self) -> JsonObject:
        """Return the arguments as JSON types."""
        return {**super().get_config(), "from_sorted_ids": self.from_sorted_ids}
