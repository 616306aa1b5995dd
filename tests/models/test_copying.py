"""Copies of models, in this process and in another one: the same bits, the same ways to compute, and nothing shared."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinyseg
from tinyseg import activations, losses, metrics, optimizers
from tinyseg.layers import Activation, BatchNormalization, Conv2D, Dense, Input, ReLU
from tinyseg.models import Model, Sequential
from tinyseg.models.plan import plan

from .networks import assert_same_arrays, classifier, deferred, images, weights_of
from .test_saving import nested, several, unet

WAYS: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda thing: pickle.loads(pickle.dumps(thing)),
}
every_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


def fused() -> Model:
    """Every place where a layer is computed together with the one before."""
    x = inputs = Input((9, 7, 4))
    for activation in ("relu", None):
        x = Conv2D(5, 3, padding="same", activation=activation)(x)
        x = BatchNormalization()(x)
        x = ReLU()(x) if activation else Activation("relu")(x)
    return Model(inputs, Conv2D(3, 1, activation="softmax")(x))


@every_way
@pytest.mark.parametrize("make", [classifier, fused])
def test_a_trained_model_goes_on_to_the_bit(make: Callable[[], Model], way: Callable[[Any], Any]) -> None:
    model = make()
    rng = np.random.default_rng(0)
    x = rng.standard_normal((8, *model.inputs[0].shape[1:])).astype(np.float32)
    y = rng.integers(0, 3, (8, *model.outputs[0].shape[1:-1]))
    model.compile(
        optimizers.Adam(0.01, clipnorm=1.0), "sparse_categorical_crossentropy", metrics=["accuracy", metrics.MeanIoU(3)]
    )
    model.fit(x, y, verbose=0)
    before, again = weights_of(model), way(model)
    np.testing.assert_array_equal(again.predict(x), model.predict(x))
    histories = [m.fit(x, y, epochs=2, shuffle=False, verbose=0).history for m in (again, way(model))]
    assert histories[0] == histories[1]
    assert_same_arrays(weights_of(model), before)  # nothing is shared
    for array, other in zip(model.weights, again.weights, strict=True):
        assert not np.shares_memory(array, other)
    assert again.get_config() == model.get_config()


@every_way
def test_layers_are_still_computed_together(way: Callable[[Any], Any]) -> None:
    model = fused()
    again = way(model)
    for learns in (True, False):
        places = [[call.steps for call in plan(m.graph, learns)] for m in (model, again)]
        assert max(map(len, places[0])) > 1
        assert places[0] == places[1]


@every_way
@pytest.mark.parametrize("make", [several, nested, unet, deferred])
def test_every_kind_of_network(make: Callable[[], Model], way: Callable[[Any], Any]) -> None:
    model = make()
    again = way(model)
    if isinstance(model, Sequential) and not hasattr(model, "graph"):
        again.predict(np.ones((2, 3, 4)))
        return
    assert_same_arrays(weights_of(again), weights_of(model))
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]
    for layer in again.layers:
        assert len(layer.drawn) == len(model.get_layer(layer.name).drawn) or layer.name == "shared"


@every_way
def test_a_copy_can_be_drawn_on(way: Callable[[Any], Any]) -> None:
    again = way(classifier())
    features = Model(again.input, Dense(2)(again.get_layer("flat").output))
    assert features.predict(images(2)[0]).shape == (2, 2)


@every_way
def test_models_that_share_layers_still_do(way: Callable[[Any], Any]) -> None:
    model = classifier()
    features = Model(model.input, model.get_layer("pool").output)
    one, two = way((model, features)) if way is not copy.copy else copy.deepcopy((model, features))
    assert one.get_layer("conv") is two.get_layer("conv")
    assert one.get_layer("pool").output is two.output


@every_way
def test_deep_networks(way: Callable[[Any], Any]) -> None:
    """Symbolic tensors hang together in a chain; who walks along it by recursion ends at a thousand."""
    x = inputs = Input((2,))
    for _ in range(700):
        x = ReLU()(x)
    assert len(way(Model(inputs, Dense(1)(x))).layers) == 702


@every_way
def test_activations_stay_what_they_are(way: Callable[[Any], Any]) -> None:
    for name in ("linear", "relu", "leaky_relu", "sigmoid", "tanh", "softmax"):
        if way is not copy.copy:
            assert way([activations.get(name)])[0] is activations.get(name)
    relu = activations.get("relu")
    same = activations.ActivationFunction("relu", relu.forward, relu.backward)
    assert Conv2D(2, 1, activation=same).activation is relu


@every_way
@pytest.mark.parametrize(
    "thing",
    [
        losses.SparseCategoricalCrossentropy(ignore_class=255, class_weight={1: 2.0}),
        metrics.MeanIoU(3),
        optimizers.Adam(optimizers.schedules.CosineDecay(0.1, 5)),
        Conv2D(2, 3, activation="relu"),
        tinyseg.callbacks.EarlyStopping("loss"),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_parts(thing: Any, way: Callable[[Any], Any]) -> None:
    again = way(thing)
    assert type(again) is type(thing)
    if hasattr(thing, "get_config"):
        assert again.get_config() == thing.get_config()


def test_callbacks_with_their_model() -> None:
    model, (x, y) = classifier(), images(8)
    model.compile("sgd", "sparse_categorical_crossentropy")
    history = model.fit(x, y, verbose=2, callbacks=[tinyseg.callbacks.EarlyStopping("loss", restore_best_weights=True)])
    for way in (WAYS["deepcopy"], WAYS["pickle"]):
        again = way(history)
        assert again.history == history.history
        np.testing.assert_array_equal(again.model.predict(x), model.predict(x))


def predicted(model: Model, x: np.ndarray) -> np.ndarray:
    """What a worker does: predict, and draw on what it was sent."""
    Model(model.input, Dense(2)(model.get_layer("flat").output)).predict(x)
    return model.predict(x)


def test_a_model_in_another_process() -> None:
    model, (x, _) = classifier(), images(5)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        np.testing.assert_array_equal(pool.apply(predicted, (model, x)), model.predict(x))


def test_a_cache_can_be_copied() -> None:
    model = fused()
    y, cache = model.forward(np.ones((1, 9, 7, 4), np.float32), training=True)
    for way in (WAYS["deepcopy"], WAYS["pickle"]):
        dx = model.backward(np.ones_like(y), way(cache))[0]
        np.testing.assert_array_equal(dx, model.backward(np.ones_like(y), cache)[0])
