"""Accuracies and errors against Keras's, batch by batch."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from tinyseg_emulator.host.hostcupy import TRANSFERS
from tinyseg_kernels.device import to_backend

import tinyseg
from tests.support.errors import ErrorLog
from tests.utils.comparing import assert_agrees
from tinyseg import metrics
from tinyseg.metrics import MetricCollection
from tinyseg.utils import to_categorical

Batch = tuple[np.ndarray, np.ndarray, np.ndarray]
SHAPES = [(9, 4), (2, 5, 3, 4), (7, 1)]


def batches(kind: str, shape: tuple[int, ...], rng: np.random.Generator) -> list[Batch]:
    """Draw three batches of labels, predictions and sample weights."""
    drawn = []
    for _ in range(3):
        p = rng.uniform(0, 1, shape).astype(np.float32)
        labels = {
            "ids": lambda: rng.integers(0, shape[-1], shape[:-1]),
            "one-hot": lambda: to_categorical(rng.integers(0, shape[-1], shape[:-1]), shape[-1]),
            "binary": lambda: rng.integers(0, 2, shape).astype(np.float32),
            "numbers": lambda: rng.standard_normal(shape).astype(np.float32),
            "equal": lambda p=p: np.where(rng.random(shape) < 0.4, p, 0).astype(np.float32),
        }[kind]()
        drawn.append((labels, p, rng.uniform(0, 2, shape[:-1]).astype(np.float32)))
    return drawn


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("name", "arguments", "kind"),
    [
        ("Accuracy", {}, "equal"),
        ("CategoricalAccuracy", {}, "one-hot"),
        ("SparseCategoricalAccuracy", {}, "ids"),
        ("BinaryAccuracy", {}, "binary"),
        ("BinaryAccuracy", {"threshold": 0.8}, "binary"),
        ("MeanSquaredError", {}, "numbers"),
        ("MeanAbsoluteError", {}, "numbers"),
    ],
)
def test_parity_with_keras(
    name: str,
    arguments: dict[str, Any],
    kind: str,
    shape: tuple[int, ...],
    weighted: bool,
    computing: str,
    rng: np.random.Generator,
    record_error: ErrorLog,
) -> None:
    ours, theirs = getattr(metrics, name)(**arguments), getattr(keras.metrics, name)(**arguments)
    for labels, p, weight in batches(kind, shape, rng):
        given = weight if weighted else None
        if name == "Accuracy" and weighted:  # Keras compares element by element and wants weights alike
            given = np.broadcast_to(weight[..., None], shape)
        there, before = to_backend(p), TRANSFERS.to_host
        ours.update_state(labels, there, given)
        assert TRANSFERS.to_host == before  # only a result is fetched
        theirs.update_state(labels, p, given)
        assert_agrees(record_error, "Keras float32", ours.result(), float(theirs.result()), 1e-6, name)
    assert ours.result() > 0
    ours.reset_state()
    assert ours.result() == 0


@pytest.mark.parametrize(
    ("kind", "shape"),
    [("binary" if shape[-1] == 1 else kind, shape) for shape in SHAPES for kind in ("ids", "one-hot")][:-1],
)
def test_the_name_accuracy_chooses_the_kind_that_keras_chooses(
    kind: str, shape: tuple[int, ...], computing: str, rng: np.random.Generator
) -> None:
    drawn = batches(kind, shape, rng)
    collection = MetricCollection(["accuracy"])
    assert collection.results() == {"accuracy": 0.0}
    model = keras.Sequential([keras.Input(shape[1:]), keras.layers.Activation("linear")])
    model.compile(loss="mse" if kind == "binary" else None, metrics=["accuracy"])
    for labels, p, _ in drawn:
        collection.update(labels, to_backend(p))
    x, y = np.concatenate([p for _, p, _ in drawn]), np.concatenate([labels for labels, _, _ in drawn])
    expected = model.evaluate(x, y, verbose=0, return_dict=True)["accuracy"]
    assert collection.results()["accuracy"] == pytest.approx(expected, rel=1e-6)


def test_ignored_class_is_left_out(rng: np.random.Generator, computing: str) -> None:
    p, ids = rng.uniform(0, 1, (3, 6, 5, 4)), rng.integers(0, 4, (3, 6, 5))
    ids[:, :2] = 255
    weight = rng.uniform(0, 2, 3)
    metric = metrics.SparseCategoricalAccuracy(ignore_class=255)
    right = p.argmax(-1) == ids
    metric.update_state(ids, to_backend(p))
    assert metric.result() == pytest.approx(right[:, 2:].mean(), rel=1e-12)
    metric.reset_state()
    metric.update_state(ids[..., None], to_backend(p), weight)
    expected = (right[:, 2:] * weight[:, None, None]).sum() / (weight.sum() * 4 * 5)
    assert metric.result() == pytest.approx(expected, rel=1e-12)


def test_mean_weighs_from_the_left(rng: np.random.Generator, computing: str) -> None:
    values, weight = rng.standard_normal((4, 3, 2)), rng.uniform(0, 2, 4)
    mean = metrics.Mean("m")
    mean.update_state(to_backend(values), sample_weight=weight)
    assert mean.result() == pytest.approx((values * weight[:, None, None]).sum() / (weight.sum() * 6), rel=1e-12)


@pytest.mark.parametrize(
    ("name", "labels", "shape"),
    [
        ("CategoricalAccuracy", (3, 4), (3, 5)),
        ("SparseCategoricalAccuracy", (4,), (3, 5)),
        ("SparseCategoricalAccuracy", (3, 5), (3, 5)),
        ("BinaryAccuracy", (4, 1), (3, 1)),
        ("MeanSquaredError", (3, 1), (3, 5)),
        ("Accuracy", (5,), (3,)),
    ],
)
def test_labels_of_another_shape_are_refused(name: str, labels: tuple[int, ...], shape: tuple[int, ...]) -> None:
    metric = getattr(metrics, name)("mine")
    with pytest.raises(tinyseg.InvalidInput, match="mine: expected") as caught:
        metric.update_state(np.ones(labels), np.ones(shape))
    assert str(labels) in str(caught.value)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["acuracy"], "did you mean"),
        (["mean_iuo"], "did you mean"),
        (["mse", "mse"], "two have the name 'mse'"),
        ([3], "metric: expected a name or an object"),
    ],
)
def test_unknown_or_repeated_metrics(given: list[Any], expected: str) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=expected):
        MetricCollection(given)
