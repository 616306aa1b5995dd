"""Small networks that several tests use, and data for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinyseg import layers
from tinyseg.models import Model, Sequential

CLASSES = 3
IMAGE = (6, 8, 2)


def classifier(dtype: str = "float32", dropout: float = 0.0, name: str | None = None) -> Model:
    """A network with everything that has a state: convolution, batch normalisation, pooling, dropout, dense."""
    inputs = layers.Input(IMAGE, dtype=dtype, name="image")
    x = layers.Conv2D(4, 3, padding="same", name="conv")(inputs)
    x = layers.BatchNormalization(name="norm", momentum=0.8)(x)
    x = layers.ReLU(name="relu")(x)
    x = layers.MaxPooling2D(name="pool")(x)
    x = layers.Flatten(name="flat")(x)
    x = layers.Dropout(dropout, seed=4, name="drop")(x)
    return Model(inputs, layers.Dense(CLASSES, activation="softmax", name="top")(x), name=name or "classifier")


def segmenter(dtype: str = "float32") -> Model:
    """A network from images to one class per pixel."""
    inputs = layers.Input((None, None, 2), dtype=dtype, name="image")
    x = layers.Conv2D(5, 3, padding="same", activation="relu", name="first")(inputs)
    return Model(inputs, layers.Conv2D(CLASSES, 1, activation="softmax", name="top")(x), name="segmenter")


def deferred() -> Sequential:
    """A chain whose input shape is not known yet."""
    return Sequential(
        [layers.Flatten(), layers.Dense(5, activation="tanh"), layers.Dense(CLASSES, activation="softmax")]
    )


def images(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw images, and class ids that can be learnt from them: classes 1 and 2 are brighter in one channel."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, CLASSES, count)
    x = rng.standard_normal((count, *IMAGE))
    for label in (1, 2):
        x[labels == label, ..., label - 1] += 1.0
    return x.astype(np.float32), labels


def masks(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw images, and a class per pixel that can be learnt from them."""
    x, _ = images(count, seed)
    return x, np.where(x[..., 0] > 0.5, 2, np.where(x[..., 1] > 0, 1, 0))


def weights_of(model: Any) -> dict[str, np.ndarray]:
    """Return copies of all parameters and states of a model by name."""
    return {name: array.copy() for name, array in [*model.parameters.items(), *model.state.items()]}


def assert_same_arrays(actual: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    """Compare two sets of arrays bit by bit."""
    assert set(actual) == set(expected)
    for name, array in expected.items():
        np.testing.assert_array_equal(actual[name], array, err_msg=name)
