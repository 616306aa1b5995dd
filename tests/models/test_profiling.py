"""`tinyseg.models.profiling`: what is counted, and that profiling measures the ordinary step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tinyseg_kernels.backend import backend
from tinyseg_kernels.errors import InvalidInput

from tinyseg.applications import UNet
from tinyseg.layers import (
    Conv2D,
    Conv2DTranspose,
    Dense,
    DepthwiseConv2D,
    Flatten,
    Input,
    Layer,
    LeakyReLU,
    MaxPooling2D,
    ReLU,
    SeparableConv2D,
)
from tinyseg.models import Model, Sequential
from tinyseg.models.flops import step_flops
from tinyseg.models.kept_memory import kept_bytes
from tinyseg.models.profiling import Profile, profile_text, profile_training


class Slow(Layer):
    """The identity; forward and backward take as long as they are told to, on a clock that the test turns."""

    def __init__(self, clock: Any, name: str, forward: float, backward: float) -> None:
        super().__init__(name=name)
        self.clock, self.costs = clock, (forward, backward)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def forward(self, x: Any, training: bool = False) -> Any:
        self.clock.now += self.costs[0]
        return x, None

    def backward(self, dy: Any, cache: Any, need_dx: bool = True) -> Any:
        self.clock.now += self.costs[1]
        return dy, {}

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}


class Clock:
    """Stands still unless a layer turns it."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        """Return the time."""
        return self.now


def slow_model(clock: Clock) -> Model:
    """Return a dense layer between two layers whose times are known."""
    x = inputs = Input(shape=(3,))
    x = Dense(4, name="first")(x)
    shared = Slow(clock, "shared", 2.0, 5.0)
    x = shared(shared(x))
    return Model(inputs, Dense(2, name="last")(Slow(clock, "once", 1.0, 3.0)(x)))


def test_each_layer_gets_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("tinyseg.models.profiling.time", clock)
    found = profile_training(slow_model(clock), (2, 3), steps=3)
    times = {layer.name: (layer.forward, layer.backward) for layer in found.layers}
    assert times == {"first": (0, 0), "shared": (4.0, 10.0), "once": (1.0, 3.0), "last": (0, 0)}
    assert (found.step, found.loss, found.update, found.rest) == (18.0, 0, 0, 0)
    assert (found.steps, found.input_shape) == (3, (2, 3))


def test_the_model_is_itself_again() -> None:
    clock = Clock()
    model = slow_model(clock)
    profile_training(model, (2, 3), steps=1)
    assert not any({"forward", "backward", "loss_and_gradient"} & set(vars(part)) for part in (model, *model.layers))
    assert "apply" not in vars(model.optimizer)
    before = clock.now
    model.train_step(np.ones((2, 3), np.float32), np.ones((2, 2), np.float32))
    assert clock.now - before == 18.0


def test_operations_are_counted_by_hand() -> None:
    x = Input(shape=(6, 8, 3))
    layers = [
        (Conv2D(5, (3, 2), strides=(2, 1), padding="same"), 2 * (3 * 8 * 5) * (3 * 2 * 3)),
        (DepthwiseConv2D(3, depth_multiplier=2), 2 * (1 * 6 * 10) * 9),
        (SeparableConv2D(4, (1, 3), depth_multiplier=3), 2 * 4 * (30 * 3 + 30 * 4)),
        (Conv2DTranspose(7, 2, strides=2), 2 * 4 * 4 * (4 * 7)),
        (MaxPooling2D(2), 0),
        (Flatten(), 0),
        (Dense(9), 2 * 28 * 9),
    ]
    tensor, expected = x, [0]
    for layer, count in layers:
        tensor = layer(tensor)
        expected.append(11 * count)
    model = Model(x, tensor)
    assert step_flops(model, (11, 6, 8, 3), training=False) == expected
    trained = step_flops(model, (11, 6, 8, 3), training=True)
    # The first layer needs no gradient of its input: two passes, the others three.
    assert trained == [0, 2 * expected[1], *(3 * count for count in expected[2:])]
    model.layers[1].trainable = False
    assert step_flops(model, (11, 6, 8, 3), training=True)[1] == expected[1]


def test_a_network_within_a_network_counts_its_layers() -> None:
    inner = Sequential([Input(shape=(4,)), Dense(5), Dense(6)])
    x = Input(shape=(4,))
    assert step_flops(Model(x, inner(x)), (3, 4), training=False)[1] == 2 * 3 * (20 + 30)


@pytest.mark.parametrize("name", ["numpy", "numba"])
def test_kept_memory(name: str) -> None:
    x = Input(shape=(8, 8, 3))
    y = LeakyReLU(name="second")(Conv2D(16, 1, name="first")(x))
    model = Model(x, Conv2D(4, 1, name="third")(y))
    with backend(name):
        kept = dict(
            zip(
                (layer.name for layer in model.layers),
                kept_bytes(model, np.ones((32, 8, 8, 3), np.float32)),
                strict=True,
            )
        )
    result = 32 * 8 * 8 * 16 * 4
    assert kept["first"] < result / 2  # its input is the network's: nothing of its own
    total = kept["second"] + kept["third"]
    assert result <= total <= 3 * result  # numbers before and after (and perhaps a mask), once
    assert model.layers[0].name not in ("first", "second", "third")


@pytest.mark.parametrize("name", ["numpy", "numba"])
def test_memory_of_a_relu_that_is_computed_with_the_layer_before_it(name: str) -> None:
    x = Input(shape=(8, 8, 3))
    model = Model(x, Conv2D(4, 1, name="last")(ReLU(name="relu")(Conv2D(16, 1, name="first")(x))))
    with backend(name):
        kept = dict(
            zip(
                (layer.name for layer in model.layers),
                kept_bytes(model, np.ones((32, 8, 8, 3), np.float32)),
                strict=True,
            )
        )
    result = 32 * 8 * 8 * 16 * 4
    assert kept["relu"] == 0
    assert result <= kept["first"] + kept["last"] < 2 * result  # the rectified numbers, once: both layers hold them


@pytest.mark.parametrize("name", ["naive", "numpy", "numba"])
def test_a_profile_on_every_backend_of_the_cpu(name: str) -> None:
    with backend(name):
        found = profile_training(UNet((None, None, 1), 3, filters=2, depth=1), (2, 4, 6, 1), steps=2)
    assert found.backend == name
    assert [layer.name for layer in found.layers][:3] == ["down1_conv1", "down1_bn1", "down1_act1"]
    # A ReLU is computed with the layer before it, and has no time of its own.
    assert all((layer.forward > 0) == (layer.backward > 0) == (layer.kind != "Activation") for layer in found.layers)
    assert 0 < found.loss + found.update + sum(layer.seconds for layer in found.layers) <= found.step
    assert found.layers[0].output_shape == (2, 4, 6, 2)
    assert found.as_json()["layers"][0]["flops"] == 2 * 2 * (2 * 4 * 6 * 2) * 9


def test_a_profile_on_a_gpu_backend() -> None:
    pytest.importorskip("cupy")
    with backend("cupy", emulate=True):
        found = profile_training(Sequential([Input(shape=(5,)), Dense(4), Dense(3)]), (2, 5), steps=1)
    assert found.backend == "cupy"
    assert found.layers[1].kept > 0


def made_up() -> Profile:
    """Return a profile of a small model whose times are not looked at."""
    return profile_training(Sequential([Input(shape=(5,)), Dense(4, name="a"), Dense(3, name="b")]), (2, 5), steps=1)


def test_the_table() -> None:
    found = made_up()
    lines = profile_text(found).splitlines()
    assert lines[0].split() == [
        "Layer",
        "(type)",
        "Output",
        "shape",
        "Params",
        "Forward",
        "ms",
        "Backward",
        "ms",
        "Share",
        "MFLOP",
        "GFLOP/s",
        "Kept",
        "MiB",
    ]
    assert lines[2].split()[:4] == ["a", "(Dense)", "2x4", "24"]
    assert f"{1e3 * found.layers[0].forward:.3f}" in lines[2]
    assert lines[-2].startswith("all")
    assert f"takes {1e3 * found.step:.3f} ms" in lines[-1]


def test_what_is_refused() -> None:
    a, b = Input(shape=(3,)), Input(shape=(3,))
    with pytest.raises(InvalidInput, match="one input and one output"):
        profile_training(Model([a, b], [Dense(2)(a), Dense(2)(b)]), (2, 3))
    frozen = Sequential([Input(shape=(3,)), Dense(2, trainable=False)])
    with pytest.raises(InvalidInput, match="nothing to train"):
        profile_training(frozen, (2, 3))
    with pytest.raises(InvalidInput, match="steps"):
        profile_training(Sequential([Input(shape=(3,)), Dense(2)]), (2, 3), steps=0)
