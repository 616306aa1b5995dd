"""clone_model: the same architecture, nothing shared."""

from __future__ import annotations

import numpy as np
import pytest

from tinyseg import InvalidInput
from tinyseg.applications import UNet
from tinyseg.layers import Add, Conv2D, Dense, Dropout, Input, Layer
from tinyseg.models import Model, Sequential, clone_model


def test_a_unet() -> None:
    model = UNet((16, 20, 3), 3, depth=2, filters=4)
    model.layers[2].trainable = False
    clone = clone_model(model)
    x = np.random.default_rng(0).random((2, 16, 20, 3), np.float32)
    assert np.abs(clone.predict(x) - model.predict(x)).max() > 0
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(clone.predict(x), model.predict(x))
    assert [layer.name for layer in clone.layers] == [layer.name for layer in model.layers]
    assert [layer.trainable for layer in clone.layers] == [layer.trainable for layer in model.layers]
    assert not {*map(id, clone.weights)} & {*map(id, model.weights)}


def test_a_shared_layer_stays_shared_and_several_ends_stay_several() -> None:
    a, b, shared = Input((3,)), Input((3,)), Dense(2)
    model = Model([a, b], [shared(a), Add()([shared(a), shared(b)])])
    clone = clone_model(model)
    assert len(clone.weights) == 2
    clone.set_weights(model.get_weights())
    x = [np.ones((2, 3), np.float32), np.full((2, 3), 2, np.float32)]
    for actual, expected in zip(clone.predict(x), model.predict(x), strict=True):
        np.testing.assert_array_equal(actual, expected)


def test_a_function_says_what_takes_a_layers_place() -> None:
    model = Sequential([Input((4,)), Dense(3), Dropout(0.9), Dense(2)])

    def without_dropout(layer: Layer) -> Layer:
        return Dropout(0.0) if isinstance(layer, Dropout) else type(layer).from_config(layer.get_config())

    clone = clone_model(model, clone_function=without_dropout)
    assert [layer.rate for layer in clone.layers if isinstance(layer, Dropout)] == [0.0]
    assert isinstance(clone, Sequential)


def test_on_other_inputs() -> None:
    model = Model(x := Input((None, None, 3)), Conv2D(2, 3)(x))
    assert clone_model(model, input_tensors=Input((8, 9, 3))).output_shape == (None, 6, 7, 2)
    assert clone_model(Sequential([Dense(2)])).layers[0].units == 2


def test_a_model_within() -> None:
    inner = Sequential([Input((3,)), Dense(2)])
    model = Model(x := Input((3,)), Dense(1)(inner(x)))
    clone = clone_model(model)
    assert clone.count_params() == model.count_params()
    assert not {*map(id, clone.weights)} & {*map(id, model.weights)}


def test_refuses() -> None:
    model = Sequential([Input((3,)), Dense(2)])
    with pytest.raises(InvalidInput, match="expected a model"):
        clone_model(Dense(2))
    with pytest.raises(InvalidInput, match="expected a layer"):
        clone_model(model, clone_function=lambda layer: None)
    with pytest.raises(InvalidInput, match="expected 1 symbolic"):
        clone_model(model, input_tensors=[Input((3,)), Input((3,))])
