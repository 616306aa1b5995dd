"""The arrays of built layers under Keras's names, and what changes them."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from tinyseg import InvalidInput
from tinyseg.layers import (
    BatchNormalization,
    Conv2D,
    Conv2DTranspose,
    Dense,
    DepthwiseConv2D,
    Layer,
    SeparableConv2D,
)
from tinyseg.models import Sequential

LAYERS: list[tuple[Layer, tuple[str, ...]]] = [
    (Dense(3), ("kernel", "bias")),
    (Conv2D(3, 2), ("kernel", "bias")),
    (Conv2DTranspose(3, 2), ("kernel", "bias")),
    (DepthwiseConv2D(2), ("kernel", "bias")),
    (SeparableConv2D(3, 2), ("depthwise_kernel", "pointwise_kernel", "bias")),
    (BatchNormalization(), ("gamma", "beta", "moving_mean", "moving_variance")),
]
X = np.random.default_rng(0).random((2, 4, 4, 3), "f4")


@pytest.mark.parametrize(("layer", "names"), LAYERS, ids=lambda value: getattr(value, "label", None))
def test_every_array_has_its_attribute(layer: Layer, names: tuple[str, ...]) -> None:
    layer = type(layer).from_config(layer.get_config())
    for name in names:
        assert not hasattr(layer, name)
        with pytest.raises(InvalidInput, match=f"{name} is made when the layer is built"):
            getattr(layer, name)
    layer(X)
    assert {**layer.parameters, **layer.state}.keys() == set(names)
    for name in names:
        array: Any = layer.parameters.get(name, layer.state.get(name))
        assert np.shares_memory(getattr(layer, name), array)
        before = layer(X)
        getattr(layer, name).assign(array + 1)
        assert not np.array_equal(layer(X), before)
        getattr(layer, name)[...] -= 1
        np.testing.assert_allclose(layer(X), before, rtol=1e-5, atol=1e-6)
        values = array.copy()
        exec(f"layer.{name} += 1")
        np.testing.assert_array_equal(array, values + 1)
        with pytest.raises(InvalidInput, match=rf"{name} is one of the layer's weights: .*assign"):
            setattr(layer, name, values)
    assert np.shares_memory(getattr(pickle.loads(pickle.dumps(layer)), names[0]), array) is False


def test_what_a_layer_has_not_is_none() -> None:
    dense, norm = Dense(2, use_bias=False), BatchNormalization(scale=False, center=False)
    dense(X), norm(X)
    assert dense.bias is None
    assert norm.gamma is norm.beta is None


def test_a_class_of_ones_own_keeps_its_attributes() -> None:
    class Twice(Dense):
        def build(self, input_shape: Any) -> None:
            super().build(input_shape)
            self.more = self.add_weight(shape=(1,), initializer="ones")

    layer = Twice(2)
    layer(X)
    assert layer.kernel.shape == (3, 2)
    np.testing.assert_array_equal(layer.more, [1])


def test_a_rate_is_assigned() -> None:
    model = Sequential([Dense(1, input_shape=(3,))])
    model.compile("sgd", "mse")
    rate = model.optimizer.learning_rate
    rate.assign(0.25)
    assert model.optimizer.learning_rate == 0.25
    assert model.optimizer.learning_rate.numpy() == 0.25
    with pytest.raises(InvalidInput, match="learning_rate: expected"):
        rate.assign("fast")
    assert type(copy.deepcopy(rate)) is type(pickle.loads(pickle.dumps(rate))) is float
    layer, x, y = model.layers[-1], X[:, 0, 0], np.ones((2, 1), "f4")
    before = layer.kernel.copy()
    model.optimizer.learning_rate.assign(0.0)
    model.fit(x, y, verbose=0)
    np.testing.assert_array_equal(layer.kernel, before)
    model.optimizer.learning_rate.assign(0.5)
    model.fit(x, y, verbose=0)
    assert not np.array_equal(layer.kernel, before)
