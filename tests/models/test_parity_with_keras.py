"""Training a network here and in Keras, from the same weights on the same batches."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import pytest

import tinyseg
from tests.support.errors import ErrorLog
from tests.utils.comparing import assert_agrees
from tests.utils.keras_precision import keras_floatx
from tinyseg.models import Sequential
from tinyseg.utils import to_categorical

from .networks import CLASSES, IMAGE, images, masks

LIMIT = 1e-4
"""In float32, where differences grow from step to step."""


def chain(package: Any, classifier: bool, frozen_norm: bool = False) -> list[Any]:
    """Return the layers of a network, from tinyseg or from Keras: only the package differs."""
    layers = package.layers
    norm = layers.BatchNormalization(momentum=0.7)
    norm.trainable = not frozen_norm
    start = [
        package.Input(shape=IMAGE),
        layers.Conv2D(6, (3, 3), padding="same", activation="relu"),
        norm,
        layers.MaxPooling2D((2, 2)),
        layers.Conv2D(4, (3, 2), strides=(1, 2), padding="same", use_bias=False),
        layers.LeakyReLU(),
    ]
    if classifier:
        return [
            *start,
            layers.Flatten(),
            layers.Dense(8, activation="tanh"),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    return [
        *start,
        layers.UpSampling2D((1, 2), interpolation="bilinear"),
        layers.Conv2DTranspose(4, 2, strides=2, activation="relu"),
        layers.SeparableConv2D(CLASSES, 3, padding="same", activation="softmax"),
    ]


def pair(classifier: bool, **options: Any) -> tuple[tinyseg.Model, keras.Model]:
    """Return the same network twice, with the same weights."""
    tinyseg.utils.set_random_seed(3)
    ours, theirs = (
        Sequential(chain(tinyseg, classifier, **options)),
        keras.Sequential(chain(keras, classifier, **options)),
    )
    theirs.set_weights(ours.get_weights())
    return ours, theirs


def compile_both(
    ours: tinyseg.Model, theirs: keras.Model, optimizer: str, arguments: dict[str, Any], **more: Any
) -> None:
    """Compile both with the same set-up."""
    ours.compile(optimizer=getattr(tinyseg.optimizers, optimizer)(**arguments), **more)
    theirs.compile(optimizer=getattr(keras.optimizers, optimizer)(**arguments), **more)


def same_weights(log: ErrorLog, ours: tinyseg.Model, theirs: keras.Model) -> None:
    """Compare all weights and moving averages."""
    for actual, expected in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert_agrees(log, "Keras training float32", actual, expected, 10 * LIMIT)


@contextmanager
def tinyseg_floatx(dtype: str) -> Iterator[None]:
    """Make new networks of this dtype."""
    before = tinyseg.utils.floatx()
    tinyseg.utils.set_floatx(dtype)
    try:
        yield
    finally:
        tinyseg.utils.set_floatx(before)


@pytest.fixture(autouse=True)
def _keras_forgets() -> Iterator[None]:
    yield
    keras.utils.clear_session()


@pytest.mark.parametrize(
    ("classifier", "optimizer", "arguments"),
    [
        (True, "Adam", {"learning_rate": 0.003}),
        (True, "SGD", {"learning_rate": 0.02, "momentum": 0.9}),
        (False, "Adam", {"learning_rate": 0.01}),
    ],
)
def test_fifty_steps(classifier: bool, optimizer: str, arguments: dict[str, Any], record_error: ErrorLog) -> None:
    """In float64, in which 50 steps leave no room for doubt.

    Were anything else computed, the losses would part at once.

    In a process of its own: after other tests, Keras on JAX may compute parts of float64 in float32.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        losses, expected, weights, expected_weights = pool.apply(fifty_steps, (classifier, optimizer, arguments))
    for step, (actual, reference) in enumerate(zip(losses, expected, strict=True)):
        assert_agrees(record_error, "Keras training float64", actual, reference, 1e-9, f"loss of step {step}")
    for actual, reference in zip(weights, expected_weights, strict=True):
        assert_agrees(record_error, "Keras training float64", actual, reference, 1e-9)
    assert np.mean(losses[-10:]) < 0.95 * np.mean(losses[:10])


def fifty_steps(classifier: bool, optimizer: str, arguments: dict[str, Any]) -> tuple[list[Any], ...]:
    """Return the losses of 50 steps and the weights after them, ours and Keras's."""
    x, y = images(160) if classifier else masks(40)
    x, size = x.astype("float64"), len(x) // 10
    losses, expected = [], []
    with keras_floatx("float64"), tinyseg_floatx("float64"):
        ours, theirs = pair(classifier)
        compile_both(ours, theirs, optimizer, arguments, loss="sparse_categorical_crossentropy")
        for step in range(50):
            rows = slice(step % 10 * size, (step % 10 + 1) * size)
            losses.append(ours.train_on_batch(x[rows], y[rows]))
            expected.append(float(theirs.train_on_batch(x[rows], y[rows])))
        return losses, expected, ours.get_weights(), [np.asarray(weight) for weight in theirs.get_weights()]


@pytest.mark.parametrize(
    ("weights", "frozen_norm"), [("none", True), ("class weights", False), ("sample weights", False)]
)
def test_fit(weights: str, frozen_norm: bool, record_error: ErrorLog) -> None:
    """Several epochs with validation and a last batch that is smaller.

    A frozen normalisation infers in training too.
    """
    ours, theirs = pair(True, frozen_norm=frozen_norm)
    one_hot = weights == "sample weights"
    loss = "categorical_crossentropy" if one_hot else "sparse_categorical_crossentropy"
    compile_both(ours, theirs, "Adam", {"learning_rate": 0.01}, loss=loss, metrics=["accuracy"])
    x, y = images(70)
    options: dict[str, Any] = {"batch_size": 16, "epochs": 3, "shuffle": False, "verbose": 0, "validation_split": 0.3}
    if weights == "class weights":
        options["class_weight"] = {0: 2.0, 1: 0.5, 2: 1.0}
    if one_hot:
        options["sample_weight"] = np.random.default_rng(1).uniform(0, 2, len(x)).astype(np.float32)
    labels = to_categorical(y, CLASSES) if one_hot else y
    mine, reference = ours.fit(x, labels, **options).history, theirs.fit(x, labels, **options).history
    assert set(mine) == set(reference) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    for name, values in reference.items():
        assert_agrees(record_error, "Keras training float32", mine[name], values, LIMIT, name)
    same_weights(record_error, ours, theirs)
    assert_agrees(
        record_error,
        "Keras training float32",
        ours.evaluate(x, labels, 16),
        theirs.evaluate(x, labels, 16, verbose=0),
        LIMIT,
    )
    norm, reference_norm = ours.layers[1], theirs.layers[1]
    for actual, expected in zip(norm.state.values(), reference_norm.get_weights()[-2:], strict=True):
        assert_agrees(record_error, "Keras training float32", actual, expected, LIMIT, "moving average")
        assert (np.isin(actual, (0, 1)).all()) == frozen_norm


def test_several_outputs(record_error: ErrorLog) -> None:
    """Losses and metrics by output name, weighed and added up."""

    def build(package: Any) -> Any:
        inputs = package.Input(shape=IMAGE, name="image")
        seen = package.layers.Conv2D(3, 3, activation="relu", name="seen")(inputs)
        kind = package.layers.Dense(CLASSES, activation="softmax", name="kind")(
            package.layers.Flatten(name="flat")(seen)
        )
        size = package.layers.Dense(1, name="size")(package.layers.GlobalAveragePooling2D(name="mean")(seen))
        return package.Model(inputs, [kind, size])

    ours, theirs = build(tinyseg), build(keras)
    theirs.set_weights(ours.get_weights())
    compile_both(
        ours,
        theirs,
        "SGD",
        {"learning_rate": 0.05},
        loss=["sparse_categorical_crossentropy", "mse"],
        loss_weights=[0.5, 2.0],
    )
    x, y = images(48)
    targets = [y, x.mean(axis=(1, 2, 3))[:, None]]
    options: dict[str, Any] = {"batch_size": 16, "epochs": 3, "shuffle": False, "verbose": 0}
    mine = ours.fit(x, targets, **options).history
    reference = theirs.fit(x, targets, **options).history
    assert set(mine) == set(reference) == {"loss", "kind_loss", "size_loss"}
    for name, values in reference.items():
        assert_agrees(record_error, "Keras training float32", mine[name], values, LIMIT, name)
    same_weights(record_error, ours, theirs)
