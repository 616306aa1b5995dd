"""The losses under test, with labels and predictions that fit them."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinyseg import losses
from tinyseg.losses import Loss


@dataclass(frozen=True)
class Case:
    """One loss with arguments, for predictions of one shape."""

    name: str
    arguments: dict[str, Any]
    shape: tuple[int, ...]

    def __str__(self) -> str:
        """Name the case in the test's id."""
        told = "-".join(f"{key}={value}".replace(" ", "") for key, value in self.arguments.items())
        return f"{self.name}-{told}-{'x'.join(map(str, self.shape))}"

    def loss(self, **more: Any) -> Loss:
        """Make the loss."""
        made: Loss = getattr(losses, self.name)(**{**self.arguments, **more})
        return made

    @property
    def ignored(self) -> int | None:
        """The class that counts for nothing."""
        ignored: int | None = self.arguments.get("ignore_class")
        return ignored

    def generator(self, salt: int) -> np.random.Generator:
        """Return random numbers of this case's own."""
        return np.random.default_rng([zlib.crc32(str(self).encode()), salt])

    def predictions(self, dtype: str = "float64") -> np.ndarray:
        """Draw logits, probabilities (not normalised, since the losses divide by their sum), or numbers, as the loss
        asks.
        """
        rng = self.generator(0)
        if self.arguments.get("from_logits") or self.name in (*NUMBERS, *SIGNS):
            return (2 * rng.standard_normal(self.shape)).astype(dtype)
        return rng.uniform(0.05, 0.95, self.shape).astype(dtype)

    def labels(self) -> np.ndarray:
        """Draw labels in the form that the loss asks for."""
        rng, classes = self.generator(1), self.shape[-1]
        if self.name in NUMBERS:
            return rng.standard_normal(self.shape)
        if self.name in POSITIVE:
            return rng.uniform(0.1, 3, self.shape)
        if self.name in SIGNS:
            return 2 * rng.integers(0, 2, self.shape) - 1
        if self.name in YES_OR_NO:
            labels = rng.integers(0, 2, self.shape)
            if self.ignored is not None:
                labels[rng.random(self.shape) < 0.3] = self.ignored
            return labels
        ids = rng.integers(0, classes, self.shape[:-1])
        if self.name == "KLDivergence":
            return rng.dirichlet(np.ones(classes), self.shape[:-1])
        if self.name in ONE_HOT:
            return np.eye(classes)[ids]
        if self.ignored is not None:
            ids[rng.random(ids.shape) < 0.3] = self.ignored
        return ids

    def sample_weights(self) -> dict[str, np.ndarray]:
        """Draw one weight per sample and one per position."""
        rng = self.generator(2)
        return {
            "per sample": rng.uniform(0, 3, self.shape[:1]),
            "per position": rng.uniform(0, 3, self.shape[:-1]),
        }


NUMBERS = ("MeanSquaredError", "MeanAbsoluteError", "Huber", "LogCosh")
"""Losses of any numbers, and below of positive ones, of -1 and 1, of 0 and 1, and of one-hot labels."""

POSITIVE = ("MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "Poisson")
SIGNS = ("Hinge", "SquaredHinge")
YES_OR_NO = ("BinaryCrossentropy", "BinaryFocalCrossentropy")
ONE_HOT = ("CategoricalCrossentropy", "CategoricalFocalCrossentropy", "CategoricalHinge", "Dice", "Jaccard", "Tversky")
OVER_CLASSES = ("CategoricalCrossentropy", "CategoricalFocalCrossentropy", "KLDivergence")
"""Losses of distributions that ignore the class at their maximum."""

PIXELS = (2, 4, 3, 5)

KERAS_CASES = [
    Case("MeanSquaredError", {}, PIXELS),
    Case("MeanSquaredError", {"reduction": "sum"}, (6, 1)),
    Case("MeanAbsoluteError", {}, PIXELS),
    Case("BinaryCrossentropy", {}, (7, 1)),
    Case("BinaryCrossentropy", {"from_logits": True}, (2, 3, 4, 1)),
    Case("BinaryCrossentropy", {"label_smoothing": 0.2}, (3, 4)),
    Case("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1, "reduction": "sum"}, (3, 4)),
    Case("CategoricalCrossentropy", {}, (7, 4)),
    Case("CategoricalCrossentropy", {"from_logits": True}, PIXELS),
    Case("CategoricalCrossentropy", {"label_smoothing": 0.3}, PIXELS),
    Case("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.3, "reduction": "sum"}, (6, 3)),
    Case("SparseCategoricalCrossentropy", {}, PIXELS),
    Case("SparseCategoricalCrossentropy", {"from_logits": True}, (7, 4)),
    Case("SparseCategoricalCrossentropy", {"ignore_class": 3}, PIXELS),
    Case("SparseCategoricalCrossentropy", {"ignore_class": 255, "from_logits": True}, PIXELS),
    Case("SparseCategoricalCrossentropy", {"ignore_class": -1, "reduction": "sum"}, (9, 3)),
    Case("Huber", {"delta": 0.7}, PIXELS),
    Case("Huber", {}, (6, 1)),
    Case("LogCosh", {}, PIXELS),
    Case("MeanAbsolutePercentageError", {"reduction": "sum"}, (6, 3)),
    Case("MeanSquaredLogarithmicError", {}, PIXELS),
    Case("Poisson", {}, (6, 3)),
    Case("Hinge", {}, (7, 3)),
    Case("SquaredHinge", {}, (2, 3, 4, 1)),
    Case("CategoricalHinge", {}, PIXELS),
    Case("KLDivergence", {}, PIXELS),
    Case("BinaryFocalCrossentropy", {}, (7, 1)),
    Case("BinaryFocalCrossentropy", {"gamma": 0.5, "apply_class_balancing": True, "alpha": 0.8}, (2, 3, 4, 2)),
    Case("BinaryFocalCrossentropy", {"from_logits": True, "gamma": 1.5, "label_smoothing": 0.2}, (6, 3)),
    Case("BinaryFocalCrossentropy", {"gamma": 0.0, "label_smoothing": 0.1, "reduction": "sum"}, (6, 3)),
    Case("CategoricalFocalCrossentropy", {}, PIXELS),
    Case("CategoricalFocalCrossentropy", {"from_logits": True, "gamma": 0.5, "alpha": [0.2, 1.0, 0.5]}, (6, 3)),
    Case("CategoricalFocalCrossentropy", {"label_smoothing": 0.3, "gamma": 1.0, "reduction": "sum"}, (6, 4)),
    # A loss of each position, as the others are; `test_dice.py` has the other axes.
    Case("Dice", {"axis": -1}, PIXELS),
    Case("Dice", {"axis": [3], "reduction": "sum"}, PIXELS),
    Case("Tversky", {"alpha": 0.8, "beta": 0.1, "axis": -1}, PIXELS),
]
"""What Keras has too."""

OWN_CASES = [
    Case("BinaryCrossentropy", {"ignore_class": 255}, (3, 5, 4, 1)),
    Case("BinaryCrossentropy", {"ignore_class": 2, "from_logits": True, "class_weight": [0.5, 3.0]}, (8, 1)),
    Case("CategoricalCrossentropy", {"ignore_class": 2}, PIXELS),
    Case("CategoricalCrossentropy", {"class_weight": {1: 4.0, 0: 0.0}, "from_logits": True}, PIXELS),
    Case("SparseCategoricalCrossentropy", {"class_weight": [1.0, 0.2, 3.0, 0.0, 2.0], "ignore_class": 9}, PIXELS),
    Case("SparseCategoricalCrossentropy", {"class_weight": {2: 7.0}, "from_logits": True}, (9, 3)),
    Case("Jaccard", {"axis": -1}, PIXELS),
    Case("KLDivergence", {"ignore_class": 1, "class_weight": [1.0, 3.0, 0.5, 0.0, 2.0]}, PIXELS),
    Case("BinaryFocalCrossentropy", {"ignore_class": 255, "class_weight": [0.5, 2.0], "from_logits": True}, (8, 1)),
    Case("CategoricalFocalCrossentropy", {"ignore_class": 2, "class_weight": {1: 4.0}}, PIXELS),
    Case("SparseCategoricalFocalCrossentropy", {"ignore_class": 255, "alpha": 1.0}, PIXELS),
    Case("SparseCategoricalFocalCrossentropy", {"ignore_class": 2, "from_logits": True, "gamma": 3.0}, (9, 4)),
]
"""What only tinyseg has: class weights, and ignored classes for every cross-entropy."""

CASES = KERAS_CASES + OWN_CASES
