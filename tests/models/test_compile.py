"""Arguments of compile: weighted metrics as in Keras, and what means what tinyseg does anyway."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import tinyseg
from tinyseg.metrics import MeanIoU
from tinyseg.models import load_model
from tinyseg.utils import set_random_seed

from .networks import CLASSES, classifier, images

RNG = np.random.default_rng(0)
X, WEIGHT = RNG.standard_normal((12, 3)), RNG.uniform(0.2, 3, 12)
Y = [RNG.integers(0, 2, 12), RNG.standard_normal((12, 1))]


@pytest.fixture(autouse=True)
def _on_numpy() -> Iterator[None]:
    with tinyseg.backend("numpy"):
        yield


def pair(outputs: int, **options: Any) -> list[Any]:
    """Return the same compiled model of both packages."""
    models = []
    for package in (tinyseg, keras):
        inputs = package.layers.Input((3,))
        tops = [
            package.layers.Dense(2, activation="softmax", name="a")(inputs),
            package.layers.Dense(1, name="b")(inputs),
        ]
        model = package.Model(inputs, tops if outputs == 2 else tops[0])
        models.append(model)
        losses = ["sparse_categorical_crossentropy", "mse"][:outputs]
        extra = {"run_eagerly": True} if package is keras else {}
        model.compile(package.optimizers.SGD(0.1), losses if outputs == 2 else losses[0], **options, **extra)
    models[1].set_weights(models[0].get_weights())
    return models


@pytest.mark.parametrize(
    ("outputs", "options"),
    [
        (1, {"metrics": ["accuracy"], "weighted_metrics": ["accuracy", "sparse_categorical_accuracy"]}),
        (1, {"weighted_metrics": ["acc"]}),
        (2, {"metrics": [["accuracy"], ["mae"]], "weighted_metrics": [["accuracy"], ["mse"]]}),
        (2,
         {"metrics": {"b": ["mae"]}, "weighted_metrics": {"a": ["accuracy"], "b": ["mae"]},
          "loss_weights": [0.5, 2.0]}),
    ],
)  # fmt: skip
def test_weighted_metrics_as_in_keras(outputs: int, options: dict[str, Any]) -> None:
    y = Y if outputs == 2 else Y[0]
    given: dict[str, Any] = {"sample_weight": WEIGHT, "batch_size": 5, "verbose": 0}
    if outputs == 1:
        given |= {"validation_data": (X[:7], y[:7], WEIGHT[:7])}
    histories = [model.fit(X, y, epochs=2, shuffle=False, **given).history for model in pair(outputs, **options)]
    assert set(histories[0]) == set(histories[1])
    for name, values in histories[1].items():
        np.testing.assert_allclose(histories[0][name], values, rtol=1e-4, err_msg=name)


def test_class_weights_enter_weighted_metrics_and_no_others() -> None:
    models = pair(1, metrics=["accuracy"], weighted_metrics=["accuracy"])
    labels = models[0].predict(X).argmax(-1)
    labels[:3] = 1 - labels[0]  # some wrong ones, all of one class
    logs = [m.fit(X, labels, verbose=0, class_weight={0: 3.0, 1: 0.2}, batch_size=12).history for m in models]
    for name in ("loss", "accuracy", "weighted_accuracy"):
        np.testing.assert_allclose(logs[0][name], logs[1][name], rtol=1e-4)
    assert logs[0]["accuracy"] != logs[0]["weighted_accuracy"]


def test_half_weights_count_half_in_the_iou() -> None:
    """Keras's MeanIoU cuts weights to integers, so that these would count nothing."""
    x, y = images(20)
    weight = np.where(np.arange(20) % 2, 0.5, 0.25)
    set_random_seed(1)  # who predicts a single class may have both values alike
    model = classifier()
    iou = MeanIoU(CLASSES, name="iou")
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=[MeanIoU(CLASSES)], weighted_metrics=[iou])
    logs = model.evaluate(x, y, sample_weight=weight, return_dict=True)
    p = model.predict(x).argmax(-1)
    both = [(weight * ((y == k) & (p == k))).sum() / (weight * ((y == k) | (p == k))).sum() for k in range(CLASSES)]
    assert logs["iou"] == pytest.approx(np.mean(both), rel=1e-9)
    assert logs["mean_iou"] != pytest.approx(logs["iou"], rel=1e-6)


def test_weighted_metrics_are_saved(tmp_path: Path) -> None:
    x, y = images(10)
    weight = np.linspace(0, 2, 10)
    model = classifier()
    model.compile(
        "sgd", "sparse_categorical_crossentropy", metrics=["accuracy"], weighted_metrics=["accuracy", MeanIoU(CLASSES)]
    )
    model.save(tmp_path / "m.tinyseg")
    again = load_model(tmp_path / "m.tinyseg")
    expected = model.evaluate(x, y, sample_weight=weight, return_dict=True)
    assert list(expected) == ["loss", "accuracy", "weighted_accuracy", "mean_iou"]
    assert again.evaluate(x, y, sample_weight=weight, return_dict=True) == expected


@pytest.mark.parametrize(
    "options",
    [
        {"run_eagerly": True}, {"run_eagerly": False}, {"jit_compile": False}, {"jit_compile": "auto"},
        {"jit_compile": None},
        {"steps_per_execution": 1}, {"auto_scale_loss": True}, {"auto_scale_loss": False}, {"loss_weights": 0.5},
        {"loss_weights": [2]},
        {"loss_weights": {"top": 0.5}}, {"metrics": "accuracy"}, {"weighted_metrics": {"top": ["accuracy"]}},
    ],
    ids=str,
)  # fmt: skip
def test_values_that_mean_what_is_done_anyway(options: dict[str, Any]) -> None:
    x, y = images(6)
    model = classifier()
    model.compile("sgd", "sparse_categorical_crossentropy", **options)
    assert np.isfinite(model.fit(x, y, verbose=0).history["loss"][0])


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("run_eagerly", 3), ("run_eagerly", "yes"), ("jit_compile", True), ("jit_compile", "xla"),
        ("steps_per_execution", 2),
        ("steps_per_execution", True), ("steps_per_execution", "auto"), ("auto_scale_loss", "auto"),
        ("loss_weights", [float("nan")]),
        ("loss_weights", float("inf")), ("loss_weights", True), ("loss_weights", "2"), ("loss_weights", [1.0, 2.0]),
        ("weighted_metrics", ["acuracy"]),
        ("weighted_metrics", ["mse", "mse"]), ("sample_weight_mode", "temporal"), ("weighted_metric", ["accuracy"]),
    ],
)  # fmt: skip
def test_what_is_refused_by_name(argument: str, value: Any) -> None:
    expected = "metric" if argument == "weighted_metrics" else argument
    for make in (classifier, lambda: tinyseg.models.Sequential([tinyseg.layers.Input((3,)), tinyseg.layers.Dense(2)])):
        with pytest.raises(tinyseg.InvalidInput, match=expected):
            make().compile(**{"loss": "mse", argument: value})


def test_one_object_in_two_places() -> None:
    iou = MeanIoU(CLASSES)
    with pytest.raises(tinyseg.InvalidInput, match="the same object stands there twice"):
        classifier().compile(loss="sparse_categorical_crossentropy", metrics=[iou], weighted_metrics=[iou])


@pytest.mark.parametrize(("void", "expected"), [(255, 1.0), (0, 0.5)])
def test_accuracy_by_name_leaves_out_void_pixels_and_counts_ignored_classes(void: int, expected: float) -> None:
    """A position labelled by no class has no right answer (Keras counts it as wrong).

    A class that the loss ignores is counted, as in Keras.
    """
    inputs = tinyseg.layers.Input((2, 2, 3))
    model = tinyseg.models.Model(inputs, tinyseg.layers.Activation("softmax")(inputs))
    model.compile("sgd", tinyseg.losses.SparseCategoricalCrossentropy(ignore_class=void), metrics=["accuracy"])
    labels = np.array([[[1, 2], [void, void]]])
    scores = np.eye(3, dtype=np.float32)[np.array([[[1, 2], [1, 2]]])] * 9
    assert model.evaluate(scores, labels, return_dict=True)["accuracy"] == expected
