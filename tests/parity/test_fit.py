"""`fit` here and in Keras, from the same weights on the same batches: the histories and the weights at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import pytest

import tinyseg
from tests.models.networks import CLASSES
from tests.models.test_parity_with_keras import tinyseg_floatx
from tests.support.errors import ErrorLog
from tests.utils.comparing import assert_agrees
from tests.utils.keras_precision import keras_floatx
from tinyseg import losses, optimizers
from tinyseg.optimizers import schedules

from .scenarios import ADAM, ALONE, ONE_HOT, SCENARIOS, SPARSE, Named, Scenario, segmenter

LIMITS = {"float64": 1e-9, "float32": 1e-4}
"""After a dozen steps, each on the weights that the one before left."""

COUNTED_IN_FLOAT32 = {"iou", "val_iou"}
"""Metrics whose sums Keras keeps in float32 whatever the dtype."""


@pytest.fixture(autouse=True)
def _keras_forgets() -> Iterator[None]:
    yield
    keras.utils.clear_session()


@contextmanager
def floatx(dtype: str) -> Iterator[None]:
    """Let both packages compute in this dtype."""
    with keras_floatx(dtype), tinyseg_floatx(dtype):
        yield


def fit(package: Any, model: Any, scenario: Scenario, **arguments: Any) -> dict[str, list[float]]:
    """Train one of the two models and return its history."""
    callbacks = [getattr(package.callbacks, name)(**given) for name, given in scenario.callbacks]
    return model.fit(**arguments, callbacks=callbacks).history


def compare(
    log: ErrorLog, scenario: Scenario, ours: Any, theirs: Any, mine: dict[str, Any], reference: dict[str, Any]
) -> None:
    """Compare histories and the weights at the end."""
    kind, limit = f"Keras fit {scenario.dtype}", LIMITS[scenario.dtype]
    assert set(mine) == set(reference)
    for name, values in reference.items():
        if name in COUNTED_IN_FLOAT32:
            assert_agrees(log, "Keras fit, metrics in float32", mine[name], values, 1e-6, name)
        else:
            assert_agrees(log, kind, mine[name], values, limit, name)
    for layer in ours.layers:
        for actual, expected in zip(layer.weights, theirs.get_layer(layer.name).get_weights(), strict=True):
            assert_agrees(log, kind, actual, expected, 10 * limit, layer.name)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_fit(scenario: Scenario, record_error: ErrorLog) -> None:
    with floatx(scenario.dtype):
        ours, theirs = scenario.pair()
        before = {layer.name: layer.get_weights() for layer in ours.layers}
        arguments = scenario.arguments()
        mine, reference = fit(tinyseg, ours, scenario, **arguments), fit(keras, theirs, scenario, **arguments)
        compare(record_error, scenario, ours, theirs, mine, reference)
    for layer in ours.layers:
        for k, array in enumerate(layer.weights):
            assert (array == before[layer.name][k]).all() == (layer.name in scenario.frozen)


@pytest.mark.parametrize("loss", [SPARSE, ONE_HOT], ids=["class ids", "one-hot"])
def test_class_weights_of_pixels_are_weights_of_pixels(loss: Named, record_error: ErrorLog) -> None:
    """Keras has class weights for one label per sample only, so it gets them as what they mean: a weight per pixel."""
    scenario = Scenario("class weights of pixels", segmenter, ADAM, loss, ("accuracy",), weights="class")
    with floatx(scenario.dtype):
        ours, theirs = scenario.pair()
        arguments = scenario.arguments()
        mine = fit(tinyseg, ours, scenario, **arguments)
        weights, labels = arguments.pop("class_weight"), arguments["y"]
        ids = labels.argmax(axis=-1) if loss is ONE_HOT else labels
        by_pixel = np.array([weights.get(k, 1.0) for k in range(CLASSES)])[ids]
        reference = fit(keras, theirs, scenario, **arguments, sample_weight=by_pixel)
        compare(record_error, scenario, ours, theirs, mine, reference)


COMPARED_ALONE = {
    "BinaryFocalCrossentropy", "CategoricalFocalCrossentropy", "CategoricalHinge", "Hinge", "Huber", "Jaccard",
    "KLDivergence", "LogCosh", "LovaszHinge", "LovaszSoftmax", "MeanAbsolutePercentageError",
    "MeanSquaredLogarithmicError", "Poisson", "SparseJaccard", "SparseTversky", "SquaredHinge", "Tversky",
    "WeightedSum", "SparseCategoricalFocalCrossentropy",
}  # fmt: skip
"""Losses whose values and gradients tests/losses compares with Keras or JAX; no training with them is compared here."""


def test_every_schedule_loss_and_optimizer_is_trained_with() -> None:
    assert len(ALONE) >= 24
    bases = {"LearningRateSchedule", "get", "serialize"}
    assert {s.schedule[0] for s in ALONE if s.schedule} == set(schedules.__all__) - bases
    classes = {
        item.__name__ for item in vars(losses).values() if isinstance(item, type) and issubclass(item, losses.Loss)
    }
    assert {s.loss[0] for s in ALONE} == classes - {"Loss", "FunctionLoss", "SparseDice"} - COMPARED_ALONE
    others = {"Optimizer", "LayerRates", "get", "serialize", "schedules"}
    assert {s.optimizer[0] for s in ALONE} == set(optimizers.__all__) - others


@pytest.mark.parametrize("name", ["mae", "mse", "MeanAbsoluteError", "mean_squared_error", "accuracy"])
def test_a_metric_given_as_text_keeps_it_as_its_name(name: str, rng: np.random.Generator) -> None:
    x, y = rng.standard_normal((6, 3)), rng.standard_normal((6, 2))
    keys = []
    for package in (tinyseg, keras):
        model = package.Sequential([package.layers.Input((3,)), package.layers.Dense(2)])
        model.compile("sgd", "mse", metrics=[name])
        keys.append(set(model.fit(x, y, validation_data=(x, y), epochs=1, verbose=0).history))
    assert keys[0] == keys[1]
