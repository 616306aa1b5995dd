"""A last activation and a loss that do not fit are refused or said; several outputs have one loss each.

Sequential.layers and lists of weights are Keras's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinyseg import InvalidInput, losses
from tinyseg.layers import Activation, BatchNormalization, Conv2D, Dense, Input, Reshape, Softmax, UpSampling2D
from tinyseg.models import Model, Sequential, load_model

LOGITS = {"from_logits": True}


def compiled(last: list[Any], loss: Any) -> Model:
    """Return a model for images that ends in these layers, compiled."""
    model = Sequential([Input((4, 6, 2)), *last])
    model.compile("sgd", loss)
    return model


@pytest.mark.filterwarnings("ignore:.*is always 1:UserWarning")
@pytest.mark.parametrize(
    ("last", "loss"),
    [
        ([Conv2D(1, 1, activation="softmax")], "binary_crossentropy"),
        ([Conv2D(1, 1), Softmax()], "mse"),
        ([Conv2D(1, 1), Activation("softmax"), UpSampling2D()], "dice"),
        ([Conv2D(1, 1, activation="sigmoid")], "sparse_categorical_crossentropy"),
        ([Conv2D(1, 1)], losses.CategoricalCrossentropy(**LOGITS)),
    ],
)
def test_what_cannot_learn_is_refused(last: list[Any], loss: Any) -> None:
    with pytest.raises(InvalidInput, match="use activation='sigmoid'"):
        compiled(last, loss)


@pytest.mark.parametrize(
    ("last", "loss", "word"),
    [
        ([Conv2D(3, 1, activation="softmax")], losses.SparseCategoricalCrossentropy(**LOGITS), "expects logits"),
        ([Conv2D(1, 1, activation="sigmoid")], losses.BinaryCrossentropy(**LOGITS), "expects logits"),
        ([Conv2D(3, 1)], "sparse_categorical_crossentropy", "use activation='softmax', or from_logits=True"),
        ([Conv2D(1, 1, activation="relu"), Reshape((-1, 1))], "binary_crossentropy", "use activation='sigmoid'"),
        ([Conv2D(2, 1, activation="softmax")], "binary_crossentropy", "categorical_crossentropy"),
    ],
)
def test_what_learns_something_else_is_said(last: list[Any], loss: Any, word: str) -> None:
    with pytest.warns(UserWarning, match=word):
        compiled(last, loss)


@pytest.mark.parametrize(
    ("last", "loss"),
    [
        ([Conv2D(3, 1, activation="softmax")], "sparse_categorical_crossentropy"),
        ([Conv2D(3, 1), Softmax()], "categorical_crossentropy"),
        ([Conv2D(3, 1)], losses.SparseCategoricalCrossentropy(**LOGITS)),
        ([Conv2D(1, 1, activation="sigmoid")], "binary_crossentropy"),
        ([Conv2D(1, 1)], losses.BinaryCrossentropy(**LOGITS)),
        ([Conv2D(1, 1)], "mse"),
        ([Conv2D(2, 1), Softmax(axis=1)], "mse"),
    ],
)
def test_what_fits_says_nothing(last: list[Any], loss: Any) -> None:
    compiled(last, loss)


def test_a_softmax_over_one_number_is_said_when_drawn() -> None:
    for layer in (Dense(1, activation="softmax"), Softmax(axis=2), Activation("softmax")):
        with pytest.warns(UserWarning, match="always 1"):
            layer(Input((3, 1)))


def test_layers_of_a_sequential(tmp_path: Path, rng: np.random.Generator) -> None:
    model = Sequential([Input((6,)), Dense(4, name="a"), Dense(2, name="b")])
    model.compile("sgd", "mse")
    assert [layer.name for layer in model.layers] == ["a", "b"]
    assert model.get_layer(index=0).name == "a"
    model.layers[0].trainable = False
    x = rng.random((5, 6), dtype=np.float32)
    before = model.get_weights()
    model.fit(x, np.ones((5, 2)), verbose=0)
    changed = [not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)]
    assert changed == [False, False, True, True]
    model.save(tmp_path / "model.safetensors")
    again = load_model(tmp_path / "model.safetensors")
    assert isinstance(again, Sequential)
    assert [(layer.name, layer.trainable) for layer in again.layers] == [("a", False), ("b", True)]
    np.testing.assert_array_equal(again.predict(x), model.predict(x))


def test_a_chain_that_is_not_built_can_be_frozen() -> None:
    model = Sequential([Dense(3), Dense(2)])
    model.trainable = False
    model.build((None, 4))
    assert not model.trainable_parameters
    assert not Sequential([Dense(3, input_shape=(2,))], trainable=False).trainable_parameters


def two_headed(**how: Any) -> Model:
    """Return a model with two outputs, compiled."""
    inputs = Input((5,))
    model = Model(inputs, [Dense(3, name="a")(inputs), Dense(2, name="b")(inputs)])
    model.compile("sgd", **how)
    return model


X, A, B = (np.random.default_rng(k).random((7, size)) for k, size in ((0, 5), (1, 3), (2, 2)))


def test_a_list_of_one_output_is_that_output() -> None:
    inputs = Input((5,))
    model = Model(inputs=[inputs], outputs=[Dense(3, name="a")(inputs)])
    model.compile("sgd", "mse", metrics=["mae"])
    assert list(model.fit(X, A, validation_split=0.3, verbose=0).history) == ["loss", "mae", "val_loss", "val_mae"]
    assert model.predict(X).shape == model(X).shape == (7, 3)
    assert (model.input_shape, model.output_shape) == ((None, 5), (None, 3))


def test_results_of_several_outputs_have_the_order_of_keras() -> None:
    model = two_headed(loss={"a": "mse", "b": "mae"}, metrics={"a": ["mae"], "b": ["mse"]})
    expected = ["loss", "a_loss", "b_loss", "a_mae", "b_mse"]
    by_name = model.evaluate(X, [A, B], return_dict=True)
    assert list(by_name) == model.metrics_names == expected
    assert model.evaluate(X, [A, B]) == model.test_on_batch(X, [A, B]) == list(by_name.values())
    assert model.input_shape == (None, 5)
    assert model.output_shape == [(None, 3), (None, 2)]


def test_one_loss_is_that_of_each_output() -> None:
    results = [two_headed(loss=loss).evaluate(X, [0 * A, 0 * B], return_dict=True) for loss in ("mse", ["mse", "mse"])]
    assert list(results[0]) == list(results[1]) == ["loss", "a_loss", "b_loss"]
    values = two_headed(loss=losses.MeanSquaredError()).evaluate(X, [A, B])
    assert values[0] == pytest.approx(values[1] + values[2], rel=1e-6)
    with pytest.raises(InvalidInput, match="loss: expected 2"):
        two_headed(loss=["mse"])


@pytest.mark.parametrize("loss", [["mse", None], {"a": "mse"}], ids=str)
def test_an_output_without_a_loss_has_none_in_the_logs(loss: Any) -> None:
    model = two_headed(loss=loss)
    history = model.fit(X, [A, B], verbose=0).history
    assert list(history) == model.metrics_names == ["loss", "a_loss"]
    assert history["loss"] == history["a_loss"]


def test_trained_and_frozen_weights() -> None:
    model = Sequential([Input((4,)), Dense(3), BatchNormalization(), Dense(2)])
    kernels = [array.shape for array in model.trainable_weights]
    assert kernels == [(4, 3), (3,), (3,), (3,), (3, 2), (2,)]
    assert [array.shape for array in model.non_trainable_variables] == [(3,), (3,)]
    model.layers[0].trainable = False
    assert (len(model.trainable_variables), len(model.non_trainable_weights), len(model.variables)) == (4, 4, 8)
    assert model.layers[0].non_trainable_weights[0] is model.layers[0].weights[0]
