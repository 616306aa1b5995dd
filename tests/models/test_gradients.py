"""Back through whole networks: every parameter and input against central differences, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.layers.cases import randomise
from tests.support.errors import ErrorLog
from tests.utils.comparing import assert_differentiates
from tinyseg import layers, losses
from tinyseg.applications import UNet
from tinyseg.layers import Add, Concatenate, Conv2D, Dense, Flatten, Input
from tinyseg.models import Model, Sequential
from tinyseg.utils import floatx, set_floatx


@pytest.fixture(autouse=True)
def _float64() -> Any:
    before = floatx()
    set_floatx("float64")
    yield
    set_floatx(before)


def skips() -> Model:
    """One result used in three places, at two depths."""
    inputs = Input((6, 5, 2))
    a = Conv2D(3, 3, padding="same", activation="tanh")(inputs)
    b = Conv2D(3, 3, padding="same")(a)
    c = Add()([a, b, a])
    return Model(inputs, Concatenate()([a, Conv2D(2, 1)(c), inputs]))


def several_inputs_and_outputs() -> Model:
    image, numbers = Input((4, 5, 2), name="image"), Input((3,), name="numbers")
    seen = layers.GlobalAveragePooling2D()(Conv2D(4, 2, activation="sigmoid")(image))
    joined = Concatenate()([seen, Dense(2)(numbers)])
    return Model([image, numbers], [Dense(2, activation="softmax")(joined), Conv2D(1, 1)(image), seen])


def shared() -> Model:
    """One convolution and one normalisation, each in two places."""
    a, b = Input((5, 4, 2)), Input((5, 4, 2))
    conv, norm = Conv2D(2, 3, padding="same"), layers.BatchNormalization()
    return Model([a, b], Add()([norm(conv(a)), conv(layers.ReLU()(norm(conv(b))))]))


def part_in_a_whole() -> Model:
    """A network as a layer of another one, twice, inside a third."""
    start = Input((4, 4, 2))
    inner = Model(
        start, layers.BatchNormalization()(Conv2D(2, 3, padding="same", activation="tanh")(start)), name="inner"
    )
    inputs = Input((4, 4, 2))
    middle = Model(inputs, Add()([inner(inner(inputs)), inputs]), name="middle")
    outer = Input((4, 4, 2))
    return Model(outer, Dense(2)(Flatten()(middle(outer))))


def part_with_two_inputs() -> Model:
    a, b = Input((3,)), Input((4,))
    inner = Model([a, b], Concatenate()([Dense(2, activation="tanh")(a), b]), name="inner")
    x = Input((3,))
    return Model(x, Dense(2)(inner([x, Dense(4)(x)])))


def sequential_in_a_model() -> Model:
    inputs = Input((5, 5, 1))
    chain = Sequential([Conv2D(2, 2, activation="tanh"), Flatten(), Dense(3)])
    return Model(inputs, chain(inputs))


def input_among_the_outputs() -> Model:
    inputs = Input((4,))
    return Model(inputs, [inputs, Dense(2)(inputs), Dense(3)(inputs)])


def same_output_twice() -> Model:
    inputs = Input((4,))
    y = Dense(2, activation="tanh")(inputs)
    return Model(inputs, [y, y, Dense(2)(y)])


def begun_in_the_middle() -> Model:
    inputs = Input((6, 6, 1))
    middle = Conv2D(2, 3)(inputs)
    return Model(middle, Dense(2)(Flatten()(layers.MaxPooling2D()(middle))))


NETWORKS = [
    skips, several_inputs_and_outputs, shared, part_in_a_whole, part_with_two_inputs, sequential_in_a_model,
    input_among_the_outputs, same_output_twice, begun_in_the_middle,
]  # fmt: skip


def as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def data_for(model: Model, rng: np.random.Generator, count: int = 3) -> Any:
    drawn = [rng.standard_normal((count, *tensor.shape[1:])) for tensor in model.inputs]
    return drawn if len(drawn) > 1 else drawn[0]


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("make", NETWORKS)
def test_every_parameter_and_input(
    make: Callable[[], Model], training: bool, rng: np.random.Generator, record_error: ErrorLog
) -> None:
    model = make()
    for k, layer in enumerate(model.layers):
        randomise(layer, 40 + k)
    x = data_for(model, rng)
    outputs, cache = model.forward(x, training)
    dys = [rng.standard_normal(y.shape) for y in as_list(outputs)]
    dx, gradients = model.backward(dys[0] if model.single_output else dys, cache)

    def value() -> float:
        return sum(float((y * dy).sum()) for y, dy in zip(as_list(model.forward(x, training)[0]), dys, strict=True))

    arrays = {f"x{k}": a for k, a in enumerate(as_list(x))} | model.parameters
    found = {f"x{k}": a for k, a in enumerate(as_list(dx))} | gradients
    assert_differentiates(record_error, value, arrays, found, most=25)
    spent = model.forward(x, training)[1]
    none, alone = model.backward(dys[0] if model.single_output else dys, spent, need_dx=False, release=True)
    assert none is None
    assert set(alone) == set(model.parameters)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(alone[name], gradient, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("frozen", range(3))
def test_frozen_parts(frozen: int, rng: np.random.Generator, record_error: ErrorLog) -> None:
    """Whichever convolution of three is frozen, the others' gradients stay right and its own are not reported."""
    inputs = x = Input((6, 5, 2))
    for k in range(3):
        x = Conv2D(2, 3, padding="same", activation="tanh", name=f"conv{k}")(x)
    model = Model(inputs, x)
    model.get_layer(f"conv{frozen}").trainable = False
    data = data_for(model, rng)
    y, cache = model.forward(data, True)
    dy = rng.standard_normal(y.shape)
    _, gradients = model.backward(dy, cache, need_dx=False)
    free = {name: array for name, array in model.parameters.items() if not name.startswith(f"conv{frozen}/")}
    assert set(gradients) == set(free) == set(model.trainable_parameters)
    assert_differentiates(
        record_error, lambda: float((model.forward(data, True)[0] * dy).sum()), free, gradients, most=15
    )


@pytest.mark.parametrize("decoder", ["paper", "light"])
def test_a_whole_unet(decoder: str, rng: np.random.Generator, record_error: ErrorLog) -> None:
    """With batch normalisation, dropout, skip connections, softmax and a loss that ignores a class: all at once."""
    model = UNet((8, 12, 2), classes=3, filters=2, depth=2, dropout=0.3, decoder=decoder, activation="tanh")
    x, labels = rng.standard_normal((2, 8, 12, 2)), rng.integers(0, 3, (2, 8, 12))
    labels[0, :3] = 255
    loss = losses.SparseCategoricalCrossentropy(ignore_class=255, class_weight=[1, 2, 0.5])
    p, cache = model.forward(x, True)
    _, inner = loss.forward(labels, p)
    dx, gradients = model.backward(loss.backward(1.0, inner), cache)
    assert_differentiates(
        record_error,
        lambda: loss.forward(labels, model.forward(x, True)[0])[0],
        {"x": x, **model.parameters},
        {"x": dx, **gradients},
        most=8,
    )
