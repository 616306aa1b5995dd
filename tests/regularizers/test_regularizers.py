"""Penalties on weights: Keras, central differences, shared, nested and frozen layers, files, bad input."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from tinyseg_kernels.device import to_backend, to_host

import tinyseg
from tests.utils.keras_precision import keras_floatx
from tinyseg import check, layers, regularizers
from tinyseg.layers import Layer
from tinyseg.models import Model, Sequential, load_model
from tinyseg.regularizers import L1, L1L2, L2, Regularizer
from tinyseg.utils.arguments import own_parameters

ALL = (
    ("Conv2D", {"filters": 4, "kernel_size": 3, "strides": 2, "padding": "same", "kernel_regularizer": "l2"}),
    ("BatchNormalization", {"gamma_regularizer": "l2",
        "beta_regularizer": {"class_name": "L1", "config": {"l1": 0.3}}}),
    ("DepthwiseConv2D", {"kernel_size": 2, "depthwise_regularizer": "l1", "bias_regularizer": "l2"}),
    ("SeparableConv2D", {"filters": 3, "kernel_size": 2, "depthwise_regularizer": "l2",
        "pointwise_regularizer": "l1", "bias_regularizer": "l1"}),
    ("Conv2DTranspose", {"filters": 2, "kernel_size": 3, "kernel_regularizer": "l1", "bias_regularizer": "l2"}),
    ("LayerNormalization", {"axis": [-1, 1], "gamma_regularizer": "l1", "beta_regularizer": "l2"}),
    ("PReLU", {"shared_axes": [1, 2], "alpha_regularizer": "l2"}),
    ("GroupNormalization", {"groups": 2, "gamma_regularizer": "l2", "beta_regularizer": "l1"}),
    ("Flatten", {}),
    ("Dense", {"units": 2, "kernel_regularizer": {"class_name": "L1L2", "config": {"l1": 0.02, "l2": 0.5}},
        "bias_regularizer": "l2"}),
)  # fmt: skip
"""Every layer with weights."""


def test_every_regularizer_of_keras_is_taken_and_tried() -> None:
    tried = {name: set(arguments) for name, arguments in ALL}
    for name in layers.__all__:
        made, theirs = getattr(layers, name), getattr(keras.layers, name, None)
        if isinstance(made, type) and issubclass(made, Layer) and theirs is not None:
            expected = {
                argument
                for argument in inspect.signature(theirs).parameters
                if argument.endswith("_regularizer") and argument != "activity_regularizer"
            }
            assert expected == {a for a in own_parameters(made)[0] if a.endswith("_regularizer")}, name
            assert not expected or expected & tried[made.__name__], name


def test_a_training_of_all_layers_as_keras(rng: np.random.Generator) -> None:
    """The loss that is shown, in training and evaluation, and the weights after two steps."""
    x, y = rng.standard_normal((3, 7, 6, 2)), rng.standard_normal((3, 2))
    with keras_floatx("float64"):
        theirs = keras.Sequential([keras.Input(x.shape[1:]), *(getattr(keras.layers, n)(**a) for n, a in ALL)])
        drawn = [rng.standard_normal(w.shape) for w in theirs.get_weights()]
        theirs.set_weights([abs(w) + 0.5 if w.ndim == 1 else 0.3 * w for w in drawn])
        given = theirs.get_weights()
        theirs.compile(keras.optimizers.SGD(0.001), "mse")
        expected = [theirs.train_on_batch(x, y) for _ in range(2)] + [theirs.evaluate(x, y, verbose=0)]
        after = theirs.get_weights()
    ours = Sequential([layers.Input(x.shape[1:], dtype="float64"), *(getattr(layers, n)(**a) for n, a in ALL)])
    # Keras's order is that of building: gamma, beta, and for each layer the weights before the state, as here.
    ours.set_weights(given)
    ours.compile(tinyseg.optimizers.SGD(0.001), "mse")
    found = [ours.train_on_batch(x, y) for _ in range(2)] + [ours.evaluate(x, y)]
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    for mine, other in zip(ours.get_weights(), after, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("made", [L1(0.3), L2(0.7), L1L2(0.2, 0.4), L1L2()])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_values_and_gradients(made: Any, dtype: str, compiled_backend: str, rng: np.random.Generator) -> None:
    w = rng.standard_normal((3, 5, 2)).astype(dtype)[::2]
    l1, l2 = made.l1, made.l2
    there = to_backend(w)
    assert float(made(there)) == pytest.approx(l1 * np.abs(w).sum() + l2 * (w**2).sum(), rel=1e-6)
    gradient = to_host(made.gradient(there))
    assert gradient.dtype == dtype
    np.testing.assert_allclose(gradient, l1 * np.sign(w) + 2 * l2 * w, rtol=1e-6)
    assert made.gradient(to_backend(np.zeros(2, dtype))).sum() == 0


def shared_and_nested() -> Model:
    """A dense layer in two places of a network, which has another network inside, and a frozen layer."""
    inputs = layers.Input((5,), dtype="float64")
    twice = layers.Dense(5, kernel_regularizer=L2(0.1), bias_regularizer="l1", name="twice")
    inner = Sequential([layers.Input((5,), dtype="float64"), layers.Dense(4, kernel_regularizer=L1(0.2), name="deep")])
    frozen = layers.Dense(3, kernel_regularizer=L2(1.0), name="frozen")
    model = Model(inputs, frozen(inner(twice(twice(inputs)))))
    frozen.trainable = False
    model.compile("sgd", "mse")
    return model


def test_shared_once_nested_too_frozen_not(rng: np.random.Generator) -> None:
    model, x = shared_and_nested(), rng.standard_normal((3, 5))
    twice, deep = model.get_layer("twice"), model.layers[2]
    twice.bias[...] = rng.standard_normal(5)
    penalty = 0.1 * (twice.kernel**2).sum() + 0.01 * np.abs(twice.bias).sum()
    penalty += 0.2 * np.abs(deep.get_layer("deep").kernel).sum()
    y = model.predict(x)
    assert model.evaluate(x, y) == pytest.approx(penalty, rel=1e-12)
    assert check.gradients(model, x, y_true=rng.standard_normal((3, 3))).passed
    model.get_layer("frozen").trainable = True
    assert model.evaluate(x, y) == pytest.approx(penalty + (model.get_layer("frozen").kernel ** 2).sum(), rel=1e-12)


def test_several_outputs(rng: np.random.Generator) -> None:
    inputs = layers.Input((4,))
    first = layers.Dense(2, kernel_regularizer=L2(2.0), name="a")(inputs)
    second = layers.Dense(3, name="b")(inputs)
    model = Model(inputs, [first, second])
    model.compile("sgd", "mse", loss_weights=[2.0, 0.5])
    x = rng.standard_normal((6, 4)).astype("float32")
    found = model.evaluate(x, [np.zeros((6, 2)), np.zeros((6, 3))], return_dict=True)
    penalty = 2 * (model.get_layer("a").kernel ** 2).sum()
    assert found["loss"] == pytest.approx(2 * found["a_loss"] + 0.5 * found["b_loss"] + penalty, rel=1e-5)
    assert found["a_loss"] == pytest.approx((model.predict(x)[0] ** 2).mean(), rel=1e-5)


def test_a_penalty_alone_makes_weights_small_and_l1_makes_them_zero() -> None:
    model = Sequential([layers.Input((3,)), layers.Dense(4, kernel_regularizer=L1(0.1), use_bias=False)])
    model.compile(tinyseg.optimizers.SGD(0.1), "mse")
    x = np.zeros((2, 3), "float32")
    history = model.fit(x, np.zeros((2, 4)), epochs=3, verbose=0).history["loss"]
    assert history[0] > history[1] > history[2] > 0
    model.fit(x, np.zeros((2, 4)), epochs=200, verbose=0)
    assert np.abs(model.get_weights()[0]).max() <= 0.011  # each step is 0.01


def test_saved_and_loaded(tmp_path: Path, rng: np.random.Generator) -> None:
    model = Sequential([layers.Input((7, 6, 2)), *(getattr(layers, n)(**a) for n, a in ALL)])
    model.compile("sgd", "mse")
    x, y = rng.standard_normal((3, 7, 6, 2)).astype("float32"), rng.standard_normal((3, 2))
    before = model.evaluate(x, y)
    model.save(tmp_path / "m.safetensors")
    again = load_model(tmp_path / "m.safetensors")
    assert again.evaluate(x, y) == before
    assert again.get_config() == model.get_config()
    for name, arguments in ALL:
        layer = getattr(layers, name)(**arguments)
        config = json.loads(json.dumps(layer.get_config()))
        assert {key for key in config if key.endswith("_regularizer") and config[key] is not None} == {
            key for key in arguments if key.endswith("_regularizer")
        }
        assert type(layer).from_config(config).get_config() == config


class Cubes(Regularizer):
    """A reader's own."""

    def __call__(self, x: Any) -> Any:
        """Return the sum of |x|^3."""
        return (np.abs(x) ** 3).sum()

    def gradient(self, x: Any) -> Any:
        """Return 3 x |x|."""
        return 3 * x * np.abs(x)


def test_somebodys_own_and_weights_of_somebodys_own_layer(tmp_path: Path, rng: np.random.Generator) -> None:
    class Scale(Layer):
        def build(self, input_shape: Any) -> None:
            self.scale = self.add_weight(
                shape=(input_shape[-1],), initializer="ones", name="scale", regularizer=Cubes()
            )

        def forward(self, x: Any, training: bool = False) -> Any:
            return x * self.scale, x

        def backward(self, dy: Any, cache: Any, need_dx: bool = True) -> Any:
            return dy * self.scale, {"scale": (dy * cache).sum(axis=0)}

    model = Sequential([layers.Input((3,), dtype="float64"), Scale(), layers.Dense(2, kernel_regularizer=Cubes())])
    model.compile("sgd", "mse")
    x = rng.standard_normal((4, 3))
    assert check.gradients(model, x, y_true=rng.standard_normal((4, 2))).passed
    assert model.evaluate(x, model.predict(x)) == pytest.approx(3 + (np.abs(model.layers[-1].kernel) ** 3).sum())
    plain = Sequential([layers.Input((3,)), layers.Dense(2, kernel_regularizer=Cubes())])
    plain.save(tmp_path / "m.safetensors")
    with pytest.raises(tinyseg.InvalidInput, match="Cubes"):
        load_model(tmp_path / "m.safetensors")
    again = load_model(tmp_path / "m.safetensors", custom_objects={"Cubes": Cubes})
    assert isinstance(again.layers[-1].regularizers["kernel"], Cubes)


def test_weights_without_a_name_and_layers_within_a_layer(rng: np.random.Generator) -> None:
    class Block(Layer):
        def build(self, input_shape: Any) -> None:
            self.inner = layers.Dense(3, kernel_regularizer=L2(0.5), dtype="float64")
            self.inner.build(input_shape)
            self.shift = self.add_weight(shape=(3,), initializer="ones", regularizer="l1")

        def forward(self, x: Any, training: bool = False) -> Any:
            y, cache = self.inner.forward(x, training)
            return y + self.shift, cache

        def backward(self, dy: Any, cache: Any, need_dx: bool = True) -> Any:
            dx, inner = self.inner.backward(dy, cache, need_dx)
            return dx, {"shift": dy.sum(axis=0), **{f"inner/{key}": g for key, g in inner.items()}}

    block = Block()
    model = Sequential([layers.Input((4,), dtype="float64"), block])
    model.compile("sgd", "mse")
    x = rng.standard_normal((5, 4))
    penalty = 0.5 * (block.inner.kernel**2).sum() + 0.03
    assert model.evaluate(x, model.predict(x)) == pytest.approx(penalty, rel=1e-12)
    assert check.gradients(model, x, y_true=rng.standard_normal((5, 3))).passed
    block.inner.trainable = False
    assert model.evaluate(x, model.predict(x)) == pytest.approx(0.03, rel=1e-12)


def test_names() -> None:
    for name, made in (("l1", L1), ("L2", L2), ("l1_l2", L1L2), ("L1L2", L1L2)):
        assert type(regularizers.get(name)) is made
    assert regularizers.get(None) is None
    assert regularizers.l1 is L1
    assert regularizers.get(regularizers.serialize(L1L2(0.5, 0.25))).get_config() == {"l1": 0.5, "l2": 0.25}


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: L2(-0.1), "l2: expected a number of at least 0, got -0.1"),
        (lambda: L1("a"), "l1: expected a finite number"),
        (lambda: layers.Dense(2, kernel_regularizer="l3"), "kernel_regularizer: .*did you mean"),
        (lambda: layers.SeparableConv2D(2, 3, pointwise_regularizer=3), "pointwise_regularizer: regularizer: expected"),
        (lambda: layers.DepthwiseConv2D(3, kernel_regularizer="l2"), "kernel_regularizer"),
        (lambda: layers.Dense(2, bias_regularizer=lambda w: w), "bias_regularizer: "),
        (lambda: Regularizer()(np.ones(2)), "write __call__"),
        (lambda: Regularizer().gradient(np.ones(2)), "write gradient"),
    ],
)
def test_bad_arguments(make: Any, expected: str) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=expected):
        make()
