"""Layers computed together give what they give one by one: results, gradients, running statistics.

And only where they may be.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.backend import backend

from tests.kernels.backends import COMPILED
from tinyseg import activations
from tinyseg.layers import (
    Activation,
    Add,
    BatchNormalization,
    Conv2D,
    Conv2DTranspose,
    DepthwiseConv2D,
    Input,
    ReLU,
    SeparableConv2D,
)
from tinyseg.models import Model
from tinyseg.models.plan import plan

BACKENDS = ["naive", "numpy", *COMPILED]
CONVOLUTIONS = {
    "conv2d": lambda: Conv2D(5, 3, padding="same"),
    "winograd": lambda: Conv2D(16, 3, padding="same", use_bias=False),
    "conv2d relu": lambda: Conv2D(6, 3, strides=2, activation="relu"),
    "1x1": lambda: Conv2D(7, 1),
    "transposed": lambda: Conv2DTranspose(5, 2, strides=2),
    "depthwise": lambda: DepthwiseConv2D(3, padding="same"),
    "depthwise, more filters": lambda: DepthwiseConv2D((3, 2), strides=2, depth_multiplier=2, use_bias=False),
    "separable": lambda: SeparableConv2D(9, 3),
}


def network(first: Any, normalised: bool, relu: Any) -> Model:
    """Return convolution -> (batch normalisation) -> ReLU -> 1x1, with parameters that are not what they start as."""
    x = inputs = Input(shape=(9, 7, 16))
    x = first()(x)
    if normalised:
        x = BatchNormalization()(x)
    model = Model(inputs, Conv2D(3, 1, name="last")(relu()(x)))
    random = np.random.default_rng(3)
    for array in model.weights:
        array[...] = array + random.uniform(0.1, 0.5, array.shape)
    return model


def one_by_one(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    model.graph.planned = None
    for name in ("keeps_apart_relu", "keeps_apart_capped_relu", "keeps_apart_normalisation"):
        monkeypatch.setattr(f"tinyseg.models.plan.{name}", lambda layer, following: "told so")


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("relu", [lambda: Activation("relu"), ReLU], ids=["Activation", "ReLU"])
@pytest.mark.parametrize("normalised", [False, True])
@pytest.mark.parametrize("first", CONVOLUTIONS)
def test_same_numbers(first: str, normalised: bool, relu: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = network(CONVOLUTIONS[first], normalised, relu)
    random = np.random.default_rng(0)
    x = random.standard_normal((2, 9, 7, 16)).astype(np.float32)

    def run() -> list[np.ndarray]:
        y, cache = model.forward(x, training=True)
        dy = np.random.default_rng(1).standard_normal(y.shape).astype(np.float32)
        dx, gradients = model.backward(dy, cache)
        statistics = [array.copy() for array in model.weights]
        model.update_state(cache)
        moved = [array.copy() for array in model.weights]
        for array, before in zip(model.weights, statistics, strict=True):
            array[...] = before
        return [y, dx, *gradients.values(), *moved, model.predict(x)]

    with backend(name):
        together = run()
        one_by_one(model, monkeypatch)
        apart = run()
    for a, b in zip(together, apart, strict=True):
        assert np.abs(b).max() > 0
        # The gradient of a bias before a normalisation is 0 but for rounding: errors are measured by the numbers that
        # were added up.
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-5 * max(1.0, float(np.abs(b).max())))


CAPPED = {
    "relu6": lambda: Activation("relu6"),
    "ReLU(6)": lambda: ReLU(max_value=6),
    "ReLU(0.5)": lambda: ReLU(max_value=0.5),
    "ReLU(0)": lambda: ReLU(max_value=0),
}


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("capped", CAPPED)
@pytest.mark.parametrize("first", ["conv2d", "winograd", "conv2d relu", "1x1", "depthwise", "depthwise, more filters"])
def test_a_capped_relu_gives_the_same_when_predicting(
    first: str, capped: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(0)
    inputs = Input(shape=(9, 7, 16))
    model = Model(inputs, CAPPED[capped]()(CONVOLUTIONS[first]()(inputs)))
    for array in model.weights:
        array[...] = random.standard_normal(array.shape)
    x = 3 * random.standard_normal((2, 9, 7, 16)).astype(np.float32)
    x[1, 4, 3, 2] = np.nan
    seen = calls(monkeypatch, type(model.layers[-1]))
    with backend(name):
        together = model.predict(x, verbose=0)
        assert seen == []
        one_by_one(model, monkeypatch)
        apart = model.predict(x, verbose=0)
        assert len(seen) == 1
    np.testing.assert_array_equal(together, apart)
    most = 6.0 if "6" in capped else 0.5 if "0.5" in capped else 0.0
    assert np.nanmin(together) == 0
    assert np.nanmax(together) == most  # some are cut off
    assert np.isnan(together[1]).any()


@pytest.mark.parametrize("name", BACKENDS)
def test_at_the_cap_and_at_what_is_no_number(name: str) -> None:
    inputs = Input(shape=(1, 9, 1))
    model = Model(inputs, ReLU(max_value=6)(Conv2D(1, 1, kernel_initializer="ones")(inputs)))
    below, above = np.nextafter(np.float32(6), np.float32([0, 9]))
    x = np.float32([-np.inf, -1, 0, below, 6, above, np.inf, np.nan, 3])
    with backend(name):
        y = model.predict(x.reshape(1, 1, 9, 1), verbose=0)
    np.testing.assert_array_equal(y.ravel(), np.float32([0, 0, 0, below, 6, 6, 6, np.nan, 3]))


@pytest.mark.parametrize("other", [{"negative_slope": 0.1}, {"threshold": 1.0}])
def test_another_rectifier_is_a_call_of_its_own(other: dict[str, float], monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = Input(shape=(4, 5, 3))
    model = Model(inputs, ReLU(max_value=2, **other)(Conv2D(4, 3)(inputs)))
    seen = calls(monkeypatch, ReLU)
    model.predict(np.ones((1, 4, 5, 3), np.float32), verbose=0)
    assert len(seen) == 1


@pytest.mark.parametrize("name", BACKENDS)
def test_a_capped_relu_overwrites_only_a_new_array(name: str) -> None:
    class Same(Conv2D):
        def operation(self, x: Any, relu: bool, parameters: Any) -> Any:
            return x, None

    inputs = Input(shape=(4, 5, 3))
    model = Model(inputs, ReLU(max_value=1)(Same(3, 1)(inputs)))
    x = np.full((1, 4, 5, 3), 7, np.float32)
    with backend(name):
        np.testing.assert_array_equal(model.predict(x, verbose=0), 1)
    np.testing.assert_array_equal(x, 7)


def calls(monkeypatch: pytest.MonkeyPatch, kind: type) -> list[str]:
    """Count the calls of a kind of layer from now on."""
    seen: list[str] = []
    before = kind.forward  # type: ignore[attr-defined]

    def counted(self: Any, *arguments: Any, **options: Any) -> Any:
        seen.append(self.name)
        return before(self, *arguments, **options)

    monkeypatch.setattr(kind, "forward", counted)
    return seen


def test_a_relu_is_not_called_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    model = network(CONVOLUTIONS["conv2d"], True, ReLU)
    seen = calls(monkeypatch, ReLU)
    model.forward(np.ones((1, 9, 7, 16), np.float32), training=True)
    assert seen == []


@pytest.mark.parametrize("first", sorted(CONVOLUTIONS.keys() - {"conv2d relu"}))
def test_a_normalisation_is_not_called_when_predicting(first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = network(CONVOLUTIONS[first], True, ReLU)
    seen = calls(monkeypatch, BatchNormalization)
    x = np.ones((1, 9, 7, 16), np.float32)
    model.predict(x)
    assert seen == []
    model.forward(x)  # there must be a way back
    assert len(seen) == 1


def test_a_result_that_is_used_twice_stays() -> None:
    inputs = Input(shape=(4, 5, 3))
    x = BatchNormalization(name="norm")(inputs)
    model = Model(inputs, Add()([x, ReLU()(x)]))
    x_value = np.random.default_rng(0).standard_normal((2, 4, 5, 3)).astype(np.float32)
    y, cache = model.forward(x_value, training=True)
    normalised = (x_value - x_value.mean((0, 1, 2))) / np.sqrt(x_value.var((0, 1, 2)) + 1e-3)
    np.testing.assert_allclose(y, normalised + np.maximum(normalised, 0), rtol=1e-4, atol=1e-5)
    assert model.backward(np.ones_like(y), cache)[0].shape == x_value.shape


def test_a_result_that_the_model_returns_stays() -> None:
    inputs = Input(shape=(4, 5, 3))
    x = BatchNormalization()(Conv2D(4, 3, name="conv")(inputs))
    model = Model(inputs, [x, ReLU()(x)])
    raw, positive = model.predict(np.random.default_rng(0).standard_normal((2, 4, 5, 3)).astype(np.float32))
    assert raw.min() < 0
    np.testing.assert_array_equal(positive, np.maximum(raw, 0))


def test_an_activation_in_between_stays() -> None:
    inputs = Input(shape=(4, 5, 3))
    model = Model(inputs, ReLU()(Conv2D(4, 1, activation="tanh")(inputs)))
    x = np.random.default_rng(0).standard_normal((2, 4, 5, 3)).astype(np.float32)
    y = model.predict(x)
    assert y.min() == 0
    assert 0 < y.max() < 1


def test_a_replaced_method_is_called() -> None:
    model = network(CONVOLUTIONS["conv2d"], True, ReLU)
    relu = next(layer for layer in model.layers if isinstance(layer, ReLU))
    relu.forward = lambda x, training=False: (np.zeros_like(x), x)  # type: ignore[method-assign]
    y = model.predict(np.ones((1, 9, 7, 16), np.float32))
    np.testing.assert_allclose(y, np.broadcast_to(model.get_layer("last").parameters["bias"], y.shape))


def test_what_is_exchanged_after_a_training_step_counts_in_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = Input(shape=(5, 4, 3))
    relu, conv = ReLU(), Conv2D(4, 3)
    model = Model(inputs, relu(conv(inputs)))
    x = np.random.default_rng(0).standard_normal((2, 5, 4, 3)).astype(np.float32)

    def together() -> bool:
        """Run a training step's forward; return whether both layers are one call, the same again."""
        model.forward(x, training=True)
        first = model.graph.planned
        _, cache = model.forward(x, training=True)
        assert model.graph.planned is first
        return len(cache) == 1

    assert together()
    conv.activation = activations.get("tanh")
    assert not together()
    conv.activation = activations.get("linear")
    assert together()
    conv.backward = conv.backward  # type: ignore[method-assign]
    assert not together()
    del conv.backward
    assert together()
    relu.forward = lambda x, training=False: (np.zeros_like(x), x)  # type: ignore[method-assign]
    y, _ = model.forward(x, training=True)
    np.testing.assert_array_equal(y, 0)
    del relu.forward
    assert together()
    monkeypatch.setattr(ReLU, "forward", lambda self, x, training=False: (x + 1, x))
    monkeypatch.setattr(Conv2D, "forward", lambda self, x, training=False: (x, None), raising=False)
    y, _ = model.forward(x, training=True)
    np.testing.assert_array_equal(y, x + 1)


def test_a_subclass_with_a_forward_of_its_own_is_called_as_before() -> None:
    class Doubled(BatchNormalization):
        def forward(self, x: Any, training: bool = False) -> Any:  # type: ignore[override]
            y, cache = super().forward(x, training)
            return 2 * y, cache

    inputs = Input(shape=(4, 5, 3))
    x = np.random.default_rng(0).standard_normal((2, 4, 5, 3)).astype(np.float32)
    plain = Model(inputs, ReLU()(BatchNormalization()(inputs))).predict(x)
    doubled = Model(inputs, ReLU()(Doubled()(inputs))).predict(x)
    np.testing.assert_allclose(doubled, 2 * plain, rtol=1e-6)


class Standardised(Conv2D):
    """A convolution whose kernel has length 1.

    Somebody's own arithmetic between the layer's forward and the kernels.
    """

    def operation(self, x: Any, relu: bool, parameters: Any) -> Any:
        kernel = parameters["kernel"]
        return super().operation(x, relu, {**parameters, "kernel": kernel / np.linalg.norm(kernel)})


@pytest.mark.parametrize("name", BACKENDS)
def test_a_subclass_with_arithmetic_of_its_own_is_not_given_another_kernel(name: str) -> None:
    inputs = Input(shape=(6, 5, 3))
    model = Model(inputs, ReLU()(BatchNormalization()(Standardised(4, 3)(inputs))))
    random = np.random.default_rng(0)
    for array in model.weights:
        array[...] = random.uniform(0.3, 2.0, array.shape)
    x = random.standard_normal((2, 6, 5, 3)).astype(np.float32)
    with backend(name):
        step_by_step = x
        for layer in model.layers[1:]:
            step_by_step, _ = layer.forward(step_by_step)
        np.testing.assert_allclose(model.predict(x), step_by_step, rtol=1e-5, atol=1e-6)


def test_what_a_subclass_gives_back_is_not_overwritten() -> None:
    class Keeping(Conv2D):
        seen: Any = None

        def operation_backward(self, dy: Any, cache: Any, need_dx: bool) -> Any:
            dx, gradients = super().operation_backward(dy, cache, need_dx)
            Keeping.seen = dx, dx.copy()
            return dx, gradients

    inputs = Input(shape=(8, 8, 3))
    model = Model(inputs, Keeping(2, 1)(BatchNormalization()(Conv2D(32, 3)(inputs))))
    x = np.random.default_rng(0).standard_normal((2, 8, 8, 3)).astype(np.float32)
    with backend("numba"):
        y, cache = model.forward(x, training=True)
        model.backward(np.random.default_rng(1).standard_normal(y.shape).astype(np.float32), cache, release=True)
    np.testing.assert_array_equal(*Keeping.seen)


def test_nan_goes_through() -> None:
    model = network(CONVOLUTIONS["winograd"], True, ReLU)
    x = np.ones((1, 9, 7, 16), np.float32)
    x[0, 4, 3, 2] = np.nan
    for name in BACKENDS:
        with backend(name):
            assert np.isnan(model.predict(x)[0, 4, 3]).all()


def test_the_plan_says_what_is_computed_together_and_why_not() -> None:
    inputs = Input(shape=(8, 8, 3))
    x = ReLU(name="relu1")(BatchNormalization(name="bn1")(Conv2D(4, 3, name="conv1")(inputs)))
    x = ReLU(name="relu2")(Conv2D(4, 3, activation="tanh", name="conv2")(x))
    y = Conv2D(4, 1, name="conv3")(x)
    x = Add(name="add")([y, ReLU(name="relu3")(y)])
    model = Model(inputs, ReLU(name="relu4")(x))
    told: list[str] = []
    model.summary(print_fn=told.append, plan=True)
    assert told[1].splitlines() == [
        "Training: 8 calls for 9 layers",
        "  conv1",
        "  bn1 + relu1",
        "  conv2",
        "  relu2   (by itself: the layer before has the activation 'tanh')",
        "  conv3",
        "  relu3   (by itself: the result of conv3 is needed elsewhere, too)",
        "  add",
        "  relu4   (by itself: Add has no ReLU of its own)",
        "Prediction: 7 calls for 9 layers",
        "  conv1 + bn1 + relu1",
        "  conv2",
        "  relu2   (by itself: the layer before has the activation 'tanh')",
        "  conv3",
        "  relu3   (by itself: the result of conv3 is needed elsewhere, too)",
        "  add",
        "  relu4   (by itself: Add has no ReLU of its own)",
    ]
    first = model.get_layer("relu1")
    first.forward = first.forward  # type: ignore[method-assign]
    model.summary(print_fn=told.append, plan=True)
    assert "  relu1   (by itself: ReLU 'relu1' has a method of its own)" in told[-1].splitlines()


@pytest.mark.parametrize("learns", [False, True])
def test_the_plan_computes_each_step_once_and_drops_each_result_once(learns: bool) -> None:
    inputs = Input(shape=(8, 8, 3))
    x = ReLU()(BatchNormalization()(Conv2D(4, 3, padding="same")(inputs)))
    left = ReLU()(Conv2D(4, 1)(x))
    model = Model(inputs, [Add()([left, x, x]), left])
    calls = list(plan(model.graph, learns))
    steps = [k for call in calls for k in call.steps]
    assert sorted([*steps, *model.graph.inputs]) == list(range(len(model.graph.steps)))
    results = {*model.graph.inputs}
    for call in calls:
        assert results.issuperset(call.inputs)
        results.add(call.result)
        assert results.issuperset(call.done_with)
        results.difference_update(call.done_with)
    assert results == set(model.graph.outputs)
