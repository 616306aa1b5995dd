"""Layers that somebody brings along, in Keras's manner.

They train like tinyseg's own, and each breach of the contract is told with the layer's name.
"""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinyseg
from tinyseg.check import gradients
from tinyseg.layers import BatchNormalization, Conv2D, Dense, Input, Layer
from tinyseg.models import Model

from .test_bad_input import message

IMAGE = (5, 7, 3)


class Linear(Layer):
    """Keras's example of a layer, and its gradient."""

    def __init__(self, units: int = 4, **options: Any) -> None:
        self.units = units  # before super().__init__, as many do
        super().__init__(**options)

    def build(self, input_shape: Any) -> None:
        self.w = self.add_weight(shape=(input_shape[-1], self.units), initializer="random_normal", trainable=True)
        self.b = self.add_weight(shape=(self.units,), initializer="zeros")
        super().build(input_shape)

    def call(self, inputs: Any) -> Any:  # type: ignore[override]
        return inputs @ self.w + self.b

    def backward(self, dy: Any, cache: Any) -> Any:  # type: ignore[override]
        axes = tuple(range(dy.ndim - 1))
        return dy @ self.w.T, {"w": np.tensordot(cache, dy, (axes, axes)), "b": dy.sum(axes)}

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


class Block(Layer):
    """A layer made of layers."""

    def __init__(self, filters: int = 3, **options: Any) -> None:
        super().__init__(**options)
        self.filters = filters
        self.conv = Conv2D(filters, 3, padding="same", use_bias=False)
        self.parts = [BatchNormalization()]

    def build(self, input_shape: Any) -> None:
        self.conv.build(input_shape)
        self.parts[0].build(self.conv.compute_output_shape(input_shape))

    def forward(self, x: Any, training: bool) -> Any:  # type: ignore[override]
        y, conv = self.conv.forward(x, training)
        y, norm = self.parts[0].forward(y, training)
        return y, (conv, norm)

    def backward(self, dy: Any, cache: Any, need_dx: bool) -> Any:  # type: ignore[override]
        dy, norm = self.parts[0].backward(dy, cache[1])
        dx, conv = self.conv.backward(dy, cache[0], need_dx)
        return dx, {"conv": conv, "parts/0": norm}

    def update_state(self, cache: Any) -> None:
        self.parts[0].update_state(cache[1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "filters": self.filters}


def around(layer: Layer, dtype: str = "float32", shape: tuple[int | None, ...] = IMAGE) -> Model:
    """A network with something to train before and after the layer."""
    x = Input(shape, dtype=dtype)
    model = Model(x, Dense(2)(layer(Dense(3)(x))))
    model.compile("sgd", "mse")
    return model


def data(dtype: str = "float32", count: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Random images and targets."""
    rng = np.random.default_rng(0)
    return rng.standard_normal((count, *IMAGE)).astype(dtype), rng.standard_normal((count, *IMAGE[:2], 2)).astype(dtype)


@pytest.mark.parametrize("make", [Linear, Block])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_layer_in_keras_manner_trains(make: Callable[..., Layer], dtype: str) -> None:
    model, (x, y) = around(make(), dtype), data(dtype)
    losses = model.fit(x, y, epochs=4, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    assert {a.dtype for a in model.weights} == {np.dtype(dtype)}
    if dtype == "float64":
        assert gradients(model, x, y_true=y).passed


def test_a_layer_trains_as_tinyseg_own_does() -> None:
    """The same numbers as with Dense, for images of any size, in a batch of one too."""
    x, y = data(count=3)
    mine, reference = around(Linear(4), shape=(None, None, 3)), around(Dense(4), shape=(None, None, 3))
    reference.set_weights(mine.get_weights())
    for model in (mine, reference):
        model.fit(x, y, epochs=3, batch_size=1, shuffle=False, verbose=0)
    for a, b in zip(mine.get_weights(), reference.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_weights_as_attributes() -> None:
    layer = Linear(4, name="mine")
    model, (x, y) = around(layer), data()
    assert list(layer.parameters) == ["w", "b"]
    model.fit(x, y, verbose=0)
    assert layer.w is layer.parameters["w"]
    layer.w = np.full_like(layer.w, 2.0)
    layer.w += 1.0
    np.testing.assert_array_equal(model.parameters["mine/w"], np.full((3, 4), 3.0))
    assert "Linear 'mine': w is a weight: expected values of shape (3, 4)" in message(setattr, layer, "w", np.ones(3))
    assert not hasattr(layer, "weight_that_is_not")
    before = model.predict(x)
    for other in (copy.deepcopy(model), copy.copy(model), pickle.loads(pickle.dumps(model))):
        other.fit(x, y, verbose=0)
        assert not np.array_equal(other.predict(x), before)
    np.testing.assert_array_equal(model.predict(x), before)


@pytest.mark.parametrize(
    "add",
    [
        lambda layer: layer.add_weight(shape=(3, 2), initializer="ones", trainable=True, name="k"),
        lambda layer: layer.add_weight((3, 2), "ones", None, True, name="k"),
        lambda layer: layer.add_weight("k", (3, 2), "float32", "ones"),
        lambda layer: layer.add_weight("k", shape=[3, 2], initializer=tinyseg.initializers.Ones()),
        lambda layer: layer.add_weight(name="k", shape=(3, 2), dtype="float32", initializer="ones", aggregation="mean"),
        lambda layer: layer.add_weight("k", (3, 2), None, "ones", None, False),
    ],
)
def test_arguments_of_add_weight(add: Callable[[Layer], Any]) -> None:
    layer = Layer()
    np.testing.assert_array_equal(add(layer), np.ones((3, 2), np.float32))
    assert list({**layer.parameters, **layer.state}) == ["k"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"shape": (None, 2)}, "shape: expected known lengths, got (None, 2)"),
        ({"shape": (2,), "constraint": "max_norm"}, "constraint: there is none in tinyseg"),
        ({"shape": (2,), "initialiser": "zeros"}, "unknown argument 'initialiser'"),
        ({"shape": (2,), "dtype": "float64"}, "dtype: expected 'float32'"),
        ({"shape": (2,), "name": "a/b"}, "without '/'"),
        ({"shape": (2,), "name": "taken"}, "there is a weight named 'taken' already"),
    ],
)
def test_wrong_arguments_of_add_weight(options: dict[str, Any], expected: str) -> None:
    layer = Layer(name="mine")
    layer.add_weight(shape=(1,), name="taken")
    text = message(layer.add_weight, **options)
    assert text.startswith("Layer 'mine': add_weight: ")
    assert expected in text


def test_frozen_parts_stay() -> None:
    block = Block(name="block")
    model, (x, y) = around(block), data()
    block.conv.trainable = False
    before = model.get_weights()
    model.fit(x, y, verbose=0)
    changed = [not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)]
    assert changed == [True, True, False, True, True, True, True, True, True]
    block.trainable = False
    assert not block.parts[0].trainable
    assert set(model.trainable_parameters) == {
        f"{layer.name}/{n}" for layer in (model.layers[1], model.layers[-1]) for n in ("kernel", "bias")
    }


def test_a_call_of_a_subclass_is_not_passed_over() -> None:
    class Doubled(Dense):
        def call(self, x: Any) -> Any:  # type: ignore[override]
            return 2 * super().call(x)

    x = np.ones((2, 3), np.float32)
    layer = Doubled(4, activation="relu", name="mine")
    y = layer(x)
    np.testing.assert_allclose(y, 2 * np.maximum(x @ layer.parameters["kernel"], 0), rtol=1e-6)
    model = around(layer=Doubled(3, name="mine"))
    assert "Doubled 'mine': there is no backward" in message(model.fit, *data(), verbose=0)


def test_training_is_handed_on_by_name() -> None:
    seen: list[Any] = []

    class Noise(Layer):
        def call(self, x: Any, mask: Any = None, training: Any = None) -> Any:  # type: ignore[override]
            seen.append((mask, training))
            return x

        def backward(self, dy: Any, cache: Any, *, need_dx: bool = True) -> Any:
            seen.append(need_dx)
            return dy

    model, (x, y) = around(Noise()), data()
    seen.clear()
    model.predict(x)
    model.train_on_batch(x, y)
    assert seen == [(None, False), (None, True), True]


# What is wrong, and what is said --------------------------------------------------------------------------------------


def broken(**methods: Any) -> Layer:
    """A layer y = x * s with a method replaced."""

    def build(self: Any, input_shape: Any) -> None:
        self.s = self.add_weight(shape=(input_shape[-1],), initializer="ones")

    def forward(self: Any, x: Any) -> Any:
        return x * self.s, x

    def backward(self: Any, dy: Any, cache: Any) -> Any:
        return dy * self.s, {"s": (dy * cache).sum((0, 1, 2))}

    whole = {"build": build, "forward": forward, "backward": backward, **methods}
    return type("Mine", (Layer,), {key: method for key, method in whole.items() if method is not None})(name="mine")


def ds(dy: Any, x: Any) -> Any:
    """The gradient by s."""
    return (dy * x).sum((0, 1, 2))


def unregistered(self: Any, input_shape: Any) -> None:
    self.s = np.ones(input_shape[-1], np.float32)


BREACHES: list[tuple[str, dict[str, Any], str]] = [
    ("dx averaged", {"backward": lambda s, dy, c: (dy.mean(0, keepdims=True), {"s": ds(dy, c)})}, (r"backward: "
        r"expected dx of its x's shape \(4, 5, 7, 3\) and float32, got shape \(1, 5, 7, 3\)")),
    ("dx float64", {"backward": lambda s, dy, c: (dy.astype("f8"), {"s": ds(dy, c)})}, (r"expected dx .* float32, "
        r"got shape .* float64")),
    ("dx None", {"backward": lambda s, dy, c: (None, {"s": ds(dy, c)})}, "expected dx .* got None"),
    ("dx number", {"backward": lambda s, dy, c: (0.0, {"s": ds(dy, c)})}, r"expected dx .* got float 0\.0"),
    ("nothing", {"backward": lambda s, dy, c: None}, r"expected \(dx, gradients\) with \{'s': ds\}, got None"),
    ("dx alone", {"backward": lambda s, dy, c: dy}, r"expected \(dx, gradients\) with \{'s': ds\}, got shape"),
    ("no gradient", {"backward": lambda s, dy, c: (dy, {})}, (r"no gradient for the parameter 's'; return dx, "
                                                             r"\{'s': ds\}")),
    ("gradients None", {"backward": lambda s, dy, c: (dy, None)}, "no gradient for the parameter 's'"),
    ("unknown gradient", {"backward": lambda s, dy, c: (dy, {"s": ds(dy, c), "t": ds(dy, c)})}, (r"a gradient for "
        r"'t', which is not a parameter of the layer; there are \['s'\]")),
    ("gradient's shape", {"backward": lambda s, dy, c: (dy, {"s": (dy * c).sum((0, 1))})}, (r"gradient of 's': "
        r"expected shape \(3,\) and float32, got shape \(7, 3\)")),
    ("gradient's dtype", {"backward": lambda s, dy, c: (dy, {"s": ds(dy, c).astype("f8")})}, ("gradient of 's': "
        "expected shape .* float32, got .* float64")),
    ("gradient list", {"backward": lambda s, dy, c: (dy, [ds(dy, c)] * 2)}, r"expected 1 gradients \(s\), got 2"),
    ("gradient None", {"backward": lambda s, dy, c: (dy, {"s": None})}, "gradient of 's': expected .* got None"),
    ("three things", {"backward": lambda s, dy, c: (dy, {"s": ds(dy, c)}, 1)}, ("expected .dx, gradients. .* got a "
        "tuple of")),
    ("backward without cache", {"backward": lambda s, dy: dy}, r"backward\(self, dy, cache\), got .*\(s, dy\)"),
    ("no backward", {"backward": None}, "there is no backward, so the layer can predict but not be trained"),
    ("y alone", {"forward": lambda s, x: x}, r"forward: expected \(y, cache\), got shape .*; return y, None"),
    ("forward nothing", {"forward": lambda s, x: None}, r"forward: expected \(y, cache\), got None"),
    ("y no array", {"forward": lambda s, x: (x.tolist(), x)}, r"forward: expected an array as y"),
    ("y float64", {"forward": lambda s, x: (x * np.float64(2), x)}, (r"forward: expected y of dtype float32, as x "
        r"has, got float64; .*astype")),
    ("y integer", {"forward": lambda s, x: (x.astype(int), x)},
     f"expected y of dtype float32, as x has, got {np.dtype(int)}"),
    ("y of another shape than said",
     {"forward": lambda s, x: (x[..., :2], x), "compute_output_shape": lambda s, shape: shape}, (r"expected "
        r"y of shape \(.*, 3\), as compute_output_shape says .* got \(.*, 2\)")),
    ("neither forward nor call", {"forward": None}, r"there is no forward\(self, x\) -> \(y, cache\), nor call"),
    ("a parameter that is none", {"build": unregistered}, (r"a gradient for 's', which is not a parameter .*; make "
                                                          r"it by self\.s = self\.add_weight")),
]  # fmt: skip


@pytest.mark.parametrize(("methods", "expected"), [item[1:] for item in BREACHES], ids=[item[0] for item in BREACHES])
@pytest.mark.parametrize("count", [4, 2])
def test_every_breach_is_told(methods: dict[str, Any], expected: str, count: int) -> None:
    """Also for a batch of two, which unpacks into two things."""
    x, y = data(count=count)

    def train() -> None:
        around(broken(**methods)).fit(x, y, verbose=0)

    text = message(train)
    assert text.startswith("Mine 'mine': ")
    assert re.search(expected.replace(r"\(4,", rf"\({count},"), text), text


def test_whole_layers_of_that_kind_pass() -> None:
    around(broken()).fit(*data(), verbose=0)
    in_order = {"backward": lambda s, dy, c: (dy * s.s, [ds(dy, c)])}
    around(broken(**in_order)).fit(*data(), verbose=0)


def test_a_layer_without_parameters_may_return_dx_alone() -> None:
    nothing = {"build": None, "forward": lambda s, x: (2 * x, None), "backward": lambda s, dy, c: 2 * dy}
    for count in (2, 3):
        around(broken(**nothing)).fit(*data(count=count), verbose=0)


def test_layers_of_several_inputs() -> None:
    class Difference(Layer):
        several_inputs = True

        def forward(self, x: Any) -> Any:  # type: ignore[override]
            return x[0] - x[1], None

        def backward(self, dy: Any, cache: Any) -> Any:  # type: ignore[override]
            return dy, -dy

    class One(Difference):
        def backward(self, dy: Any, cache: Any) -> Any:  # type: ignore[override]
            return dy, {}

    x = Input((3,))
    for cls, fails in ((Difference, False), (One, True)):
        model = Model(x, cls(name="mine")([Dense(2)(x), Dense(2)(x)]))
        model.compile("sgd", "mse")
        arguments = (np.ones((2, 3)), np.ones((2, 2)))
        if fails:
            assert "'mine': backward: expected a list with a dx for each of 2 inputs" in message(model.fit, *arguments)
        else:
            model.fit(*arguments, verbose=0)


def test_a_layer_without_its_base_is_told() -> None:
    class Forgot(Layer):
        def __init__(self) -> None:
            self.units = 3

    assert "call super().__init__() in __init__" in message(lambda: Forgot()(Input((3,))))


def test_a_layer_within_that_is_not_built_is_told() -> None:
    class Lazy(Layer):
        def __init__(self) -> None:
            super().__init__(name="mine")
            self.inner = Dense(2, name="inner")

        def call(self, x: Any) -> Any:  # type: ignore[override]
            return self.inner(x)

    text = message(lambda: Lazy()(Input((3,))))
    assert (
        "Lazy 'mine': Dense 'inner' in it has no parameters yet; in build(self, input_shape) write self.inner.build("
        in text
    )


def test_build_called_directly_builds_once() -> None:
    layer = Dense(3)
    layer.build((None, 4))
    kernel = layer.parameters["kernel"]
    layer(np.ones((2, 4), np.float32))
    assert layer.parameters["kernel"] is kernel
