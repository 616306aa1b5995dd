"""Frozen layers stay as they are to the last bit; rates of layers; a new head."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinyseg
from tinyseg.layers import Activation, BatchNormalization, Conv2D, Dense, GlobalAveragePooling2D, Input, ReLU
from tinyseg.models import Model, freeze, load_model, replace_head, unfreeze
from tinyseg.optimizers import SGD, Adam, AdamW, LayerRates, RMSprop, schedules
from tinyseg.utils import set_random_seed


def network() -> Model:
    """Return a small network with a branch beside the body."""
    set_random_seed(3)
    x = image = Input((6, 5, 2), name="image")
    x = Conv2D(4, 3, padding="same", name="one")(x)
    x = ReLU(name="one_act")(BatchNormalization(name="one_bn")(x))
    beside = Conv2D(3, 1, name="beside")(x)
    y = BatchNormalization(name="two_bn")(Conv2D(3, 3, padding="same", name="two")(x))
    y = tinyseg.layers.Add(name="add")([y, beside])
    return Model(image, Dense(4, activation="softmax", name="head")(GlobalAveragePooling2D(name="mean")(y)))


def data() -> tuple[Any, Any]:
    """Return images whose channels are far from mean 0, and labels."""
    rng = np.random.default_rng(0)
    return rng.normal(3.0, 2.0, (12, 6, 5, 2)).astype(np.float32), rng.integers(0, 4, 12)


def arrays(model: Model) -> dict[str, Any]:
    """Return copies of all arrays."""
    return {key: a.copy() for key, a in {**model.parameters, **model.state}.items()}


def trained(model: Model, optimizer: Any, epochs: int = 2) -> dict[str, Any]:
    """Train, and return the arrays."""
    model.compile(optimizer, loss="sparse_categorical_crossentropy")
    model.fit(*data(), batch_size=5, epochs=epochs, verbose=0)
    return arrays(model)


@pytest.mark.parametrize("optimizer", [SGD, Adam, AdamW, RMSprop])
def test_frozen_layers_keep_each_bit_and_have_no_slots(optimizer: Any) -> None:
    model = network()
    assert freeze(model, "one_act") == ["one", "one_bn"]
    before, after = arrays(model), trained(model, optimizer(0.05))
    for key in before:
        frozen = key.startswith("one")
        assert np.array_equal(before[key], after[key]) == frozen, key
    assert not any(key.partition("/")[2].startswith("one") for key in model.optimizer.slot_arrays)


def test_a_frozen_normalisation_uses_its_moving_averages_in_training() -> None:
    model = network()
    x, _ = data()
    free = model.forward(x, training=True)[0]
    freeze(model)
    np.testing.assert_array_equal(model.forward(x, training=True)[0], model.forward(x)[0])
    assert not np.allclose(free, model.forward(x)[0])


def test_what_stands_beside_is_not_frozen_and_all_can_be() -> None:
    model = network()
    assert freeze(model, "two_bn") == ["one", "one_bn", "two", "two_bn"]
    assert list(dict.fromkeys(key.partition("/")[0] for key in model.trainable_parameters)) == ["beside", "head"]
    assert set(freeze(model)) == {"one", "one_bn", "beside", "two", "two_bn", "head"}
    assert model.trainable_parameters == {}
    assert unfreeze(model, "one") == ["one"]
    assert set(model.trainable_parameters) == {"one/kernel", "one/bias"}
    with pytest.raises(tinyseg.InvalidInput, match="did you mean 'two'"):
        freeze(model, "twoo")


def test_slots_of_a_layer_wait_while_it_is_frozen() -> None:
    model = network()
    trained(model, Adam(0.01))
    waiting = {key: a.copy() for key, a in model.optimizer.slot_arrays.items() if "/one" in key}
    assert waiting
    freeze(model, "one_bn")
    model.fit(*data(), batch_size=5, verbose=0)
    for key, array in waiting.items():
        np.testing.assert_array_equal(model.optimizer.slot_arrays[key], array)
    unfreeze(model)
    model.fit(*data(), batch_size=5, verbose=0)
    assert any(not np.array_equal(model.optimizer.slot_arrays[key], array) for key, array in waiting.items())


@pytest.mark.parametrize("clips", [{}, {"clipnorm": 0.02}, {"global_clipnorm": 0.03}, {"clipvalue": 0.001}])
def test_a_step_of_a_layer_is_multiplied(clips: dict[str, float]) -> None:
    """SGD's step is rate times gradient, so each layer's change is its multiplier times what it would be."""
    base, model = network(), network()
    plain = trained(base, SGD(0.1, **clips), epochs=0)
    x, y = data()
    for one, optimizer in ((base, SGD(0.1, **clips)), (model, LayerRates(SGD(0.1, **clips), {"one*": 0.25, "two": 0}))):
        one.compile(optimizer, loss="sparse_categorical_crossentropy")
        one.train_step(x, y)
    factors = {"one": 0.25, "one_bn": 0.25, "two": 0.0}
    for key, start in plain.items():
        if key in base.parameters:
            factor = factors.get(key.partition("/")[0], 1.0)
            np.testing.assert_allclose(
                model.parameters[key] - start, factor * (base.parameters[key] - start), rtol=2e-4, atol=2e-7
            )
    assert model.optimizer.iterations == 1


@pytest.mark.parametrize("optimizer", [lambda: Adam(0.01), lambda: AdamW(0.01, 0.1), lambda: SGD(0.1, 0.9)])
def test_multipliers_of_one_change_nothing(optimizer: Any) -> None:
    plain, same = trained(network(), optimizer()), trained(network(), LayerRates(optimizer(), {"*": 1.0, "one": 0.0}))
    for key, array in plain.items():
        np.testing.assert_array_equal(array, same[key], key)


def test_schedules_go_on_and_all_is_saved(tmp_path: Any) -> None:
    schedule = schedules.ExponentialDecay(0.1, 3, 0.5)
    model = network()
    trained(model, LayerRates(Adam(schedule), {"one": 0.5}), epochs=1)
    assert model.optimizer.iterations == 3
    np.testing.assert_allclose(float(model.optimizer.learning_rate), 0.05, rtol=1e-6)
    model.save(tmp_path / "model.safetensors")
    again = load_model(tmp_path / "model.safetensors")
    assert again.optimizer.multipliers == {"one": 0.5}
    for one in (model, again):
        one.fit(*data(), batch_size=5, verbose=0, shuffle=False)
    for key, array in model.parameters.items():
        np.testing.assert_array_equal(array, again.parameters[key], key)


@pytest.mark.parametrize(
    ("multipliers", "text"),
    [({"onne": 0.5}, "'onne': no layer"), ({"one": -1.0}, "multiplier of 'one'"), ({"one": "x"}, "multiplier")],
)
def test_wrong_multipliers_are_refused(multipliers: dict[str, Any], text: str) -> None:
    with pytest.raises(tinyseg.InvalidInput, match=text):
        network().compile(LayerRates("sgd", multipliers), loss="mse")


def test_a_new_head_on_the_same_body() -> None:
    model = network()
    other = replace_head(model, 7)
    assert other.output_shape == (None, 7)
    assert other.get_layer("one") is model.get_layer("one")
    assert model.output_shape == (None, 4)
    x, _ = data()
    np.testing.assert_allclose(other.predict(x).sum(axis=-1), 1.0, rtol=1e-5)
    assert replace_head(model, 1).output.node.layer.activation.name == "sigmoid"
    logits = replace_head(model, 7, activation=None, name="logits")
    assert logits.predict(x).min() < 0
    assert logits.output.node.layer.name == "logits"


def test_what_stands_behind_the_head_is_made_again() -> None:
    """As in SqueezeNet: a map for each class, a ReLU, the mean, a softmax. The ReLU is no activation of the scores."""
    x = image = Input((6, 5, 2))
    x = Conv2D(9, 1, name="maps")(Conv2D(3, 3, name="body")(x))
    x = GlobalAveragePooling2D(name="mean")(Activation("relu", name="act")(x))
    model = Model(image, Activation("softmax", name="shares")(x))
    other = replace_head(model, 2, activation=None)
    values = other.predict(data()[0])
    assert values.shape == (12, 2)
    assert values.min() >= 0
    assert not np.allclose(values.sum(axis=-1), 1.0)


def test_no_head_no_new_one() -> None:
    x = Input((4, 4, 1))
    with pytest.raises(tinyseg.InvalidInput, match="whose last layer with parameters"):
        replace_head(Model(x, BatchNormalization(name="bn")(Conv2D(2, 1)(x))), 3)
    with pytest.raises(tinyseg.InvalidInput, match="classes"):
        replace_head(network(), 0)
