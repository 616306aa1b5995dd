"""Lambda: its function, its gradient, its name in files, and what it says where one of them is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.support.errors import ErrorLog
from tests.utils.comparing import assert_differentiates
from tinyseg import InvalidInput
from tinyseg.layers import Dense, Input, Lambda
from tinyseg.models import Model, Sequential, load_model
from tinyseg.utils import get_custom_objects, register_keras_serializable


def scaled_square(x: Any, factor: float = 1.0) -> Any:
    return factor * x * x


def scaled_square_gradient(dy: Any, x: Any, factor: float = 1.0) -> Any:
    return 2 * factor * x * dy


@pytest.fixture
def registered() -> Iterator[None]:
    for function in (scaled_square, scaled_square_gradient):
        register_keras_serializable("tests")(function)
    yield
    for function in (scaled_square, scaled_square_gradient):
        get_custom_objects().pop(f"tests>{function.__name__}")


def network() -> Model:
    layer = Lambda(scaled_square, arguments={"factor": 3.0}, gradient=scaled_square_gradient)
    return Sequential([Input((5,), dtype="float64"), Dense(4), layer, Dense(2)])


def test_as_keras_and_as_differences(record_error: ErrorLog) -> None:
    rng = np.random.default_rng(0)
    x, model = rng.standard_normal((3, 5)), network()
    layer = model.layers[1]
    y = layer.forward(x)[0]
    np.testing.assert_allclose(y, keras.layers.Lambda(scaled_square, arguments={"factor": 3.0})(x), rtol=1e-6)
    y, cache = model.forward(x, True)
    dy = rng.standard_normal(y.shape)
    dx, gradients = model.backward(dy, cache)
    arrays, found = {"x": x, **model.parameters}, {"x": dx, **gradients}
    assert_differentiates(record_error, lambda: float((model.forward(x, True)[0] * dy).sum()), arrays, found)


def test_comes_back_from_a_file(registered: None, tmp_path: Path) -> None:
    model, x = network(), np.random.default_rng(1).standard_normal((3, 5))
    model.save(tmp_path / "m.tinyseg")
    np.testing.assert_array_equal(load_model(tmp_path / "m.tinyseg").predict(x), model.predict(x))


def test_a_file_whose_functions_are_unknown_says_so(tmp_path: Path) -> None:
    network().save(tmp_path / "m.tinyseg")
    with pytest.raises(InvalidInput, match=r"scaled_square.*custom_objects"):
        load_model(tmp_path / "m.tinyseg")


def test_two_functions_of_one_name_are_not_saved(tmp_path: Path) -> None:
    model = Sequential([Input((5,)), Lambda(lambda x: x * x, gradient=lambda dy, x: 2 * x * dy)])
    with pytest.raises(InvalidInput, match="two functions have the name '<lambda>'"):
        model.save(tmp_path / "m.tinyseg")


def test_without_a_gradient_it_predicts_and_what_is_above_learns() -> None:
    x = np.ones((2, 5), np.float32)
    below, above = [Input((5,)), Dense(3), Lambda(scaled_square)], [Input((5,)), Lambda(scaled_square), Dense(3)]
    assert Sequential(below).predict(x).shape == (2, 3)
    for layers in (below, above):
        model = Sequential(layers)
        model.compile("sgd", "mse")
        if layers is above:
            model.train_on_batch(x, np.zeros((2, 3)))
            continue
        with pytest.raises(InvalidInput, match=r"there is no gradient.*gradient="):
            model.train_on_batch(x, np.zeros((2, 3)))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"function": 3}, "function: expected a function"),
        ({"function": "nobody_knows"}, "nobody_knows"),
        ({"function": abs, "gradient": 3}, "gradient: expected a function"),
        ({"function": abs, "mask": 1}, "mask"),
        ({"function": abs, "arguments": [1]}, "arguments: expected a dict"),
    ],
)
def test_refuses(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        Lambda(**arguments)


def test_wrong_results_are_refused() -> None:
    x = np.ones((2, 5))
    with pytest.raises(InvalidInput, match="expected an array"):
        Lambda(lambda x: x.sum())(x)
    with pytest.raises(InvalidInput, match="in place"):
        Lambda(lambda x: x.__iadd__(1))(x)
    layer = Lambda(lambda x: x, gradient=lambda dy, x: dy[:, :2])
    with pytest.raises(InvalidInput, match="expected dx of x's shape"):
        layer.backward(x, layer.forward(x)[1])


def test_shapes() -> None:
    assert Lambda(lambda x: x[..., :2])(Input((None, 7, 3))).shape == (None, None, 7, 2)
    assert Lambda(lambda x: x[..., :2], output_shape=(4, 2))(Input((4, 3))).shape == (None, 4, 2)
