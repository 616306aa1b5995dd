"""What every layer promises, checked on every layer."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.errors import ErrorLog
from tests.utils.comparing import assert_differentiates
from tinyseg import layers
from tinyseg.layers import Dense, Input, Layer
from tinyseg.models import Model, load_model
from tinyseg.optimizers import SGD

from .cases import CASES, Case, randomise

OWN_TESTS = {"Lambda"}
"""Layers with tests of their own: its arguments are functions (test_lambda.py)."""

every_layer = pytest.mark.parametrize("case", CASES, ids=str)


def as_list(value: Any) -> list[np.ndarray]:
    """Return several inputs or gradients as a list, a single one as a list of one."""
    return value if isinstance(value, list) else [value]


def in_a_model(case: Case, layer: Layer) -> Model:
    """Put the layer behind a Dense of its own on each input, so that a gradient has somewhere to go and a network
    something to train.
    """
    inputs = [Input(shape[1:], dtype="float64") for shape in case.shapes]
    front = [Dense(shape[-1])(x) for x, shape in zip(inputs, case.shapes, strict=True)]
    model = Model(inputs, layer(front if isinstance(case.shape, list) else front[0]))
    for k, part in enumerate(model.layers):
        if isinstance(part, Dense):
            randomise(part, case.seed + 10 + k)
    return model


def test_every_layer_has_a_case() -> None:
    public = {
        getattr(layers, name).__name__  # a layer may have several names
        for name in layers.__all__
        if inspect.isclass(getattr(layers, name)) and issubclass(getattr(layers, name), Layer)
    }
    assert public - {"Layer", "InputLayer", *OWN_TESTS} == {case.name for case in CASES}


@every_layer
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_shapes_and_dtypes(case: Case, dtype: str, training: bool) -> None:
    layer, x = case.layer(dtype), case.inputs(dtype)
    y, cache = layer.forward(x, training)
    assert y.shape == layer.compute_output_shape(case.shape)
    dx, gradients = layer.backward(case.upstream(y.shape, dtype), cache)
    assert [d.shape for d in as_list(dx)] == case.shapes
    assert {name: g.shape for name, g in gradients.items()} == {n: p.shape for n, p in layer.parameters.items()}
    assert {a.dtype for a in [y, *as_list(dx), *gradients.values(), *layer.weights]} == {np.dtype(dtype)}


@every_layer
def test_symbolic_shape_is_the_real_one(case: Case) -> None:
    layer = case.layer("float32")
    drawn = [Input(shape[1:]) for shape in case.shapes]
    tensor = layer(drawn if layer.several_inputs else drawn[0])
    y = layer(case.inputs("float32"))
    assert tensor.shape == (None, *y.shape[1:])
    assert tensor.dtype == y.dtype.name
    # With unknown height and width, whatever is claimed about the output must still be true.
    open_shapes = [(None,) * (len(shape) - 1) + shape[-1:] for shape in case.shapes]
    claimed = layer.compute_output_shape(open_shapes if layer.several_inputs else open_shapes[0])
    assert len(claimed) == y.ndim
    assert all(n in (None, length) for n, length in zip(claimed, y.shape, strict=True))


@every_layer
@pytest.mark.parametrize("training", [False, True])
def test_pure(case: Case, training: bool) -> None:
    layer, x = case.layer(), case.inputs()
    state = {name: array.copy() for name, array in layer.state.items()}
    y, cache = layer.forward(x, training)
    dy = case.upstream(y.shape)
    first = layer.backward(dy, cache)
    again = layer.backward(dy, layer.forward(x, training)[1])
    for a, b in zip(as_list(first[0]), as_list(again[0]), strict=True):
        np.testing.assert_array_equal(a, b)
    for name, gradient in first[1].items():
        np.testing.assert_array_equal(gradient, again[1][name])
    for a, b in zip(as_list(x), as_list(case.inputs()), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(dy, case.upstream(y.shape))
    for name, array in layer.state.items():
        np.testing.assert_array_equal(array, state[name])
    for array, fresh in zip(layer.weights, case.layer().weights, strict=True):
        np.testing.assert_array_equal(array, fresh)


@every_layer
@pytest.mark.parametrize("training", [False, True])
def test_config_makes_the_same_layer(case: Case, training: bool) -> None:
    layer, x = case.layer(), case.inputs()
    copy = type(layer).from_config(json.loads(json.dumps(layer.get_config())))
    copy.ensure_built(case.shapes, "float64")
    copy.set_weights(layer.get_weights())
    assert copy.name == layer.name
    np.testing.assert_array_equal(copy.forward(x, training)[0], layer.forward(x, training)[0])


@every_layer
@pytest.mark.parametrize("training", [False, True])
def test_gradients_agree_with_central_differences(case: Case, training: bool, record_error: ErrorLog) -> None:
    layer, x = case.layer(), case.inputs()
    y, cache = layer.forward(x, training)
    dy = case.upstream(y.shape)
    dx, gradients = layer.backward(dy, cache)
    arrays = {f"x{k}": a for k, a in enumerate(as_list(x))} | layer.parameters
    found = {f"x{k}": a for k, a in enumerate(as_list(dx))} | gradients
    assert_differentiates(record_error, lambda: float((layer.forward(x, training)[0] * dy).sum()), arrays, found)


@every_layer
def test_without_dx_the_gradients_are_the_same(case: Case) -> None:
    layer, x = case.layer(), case.inputs()
    y, cache = layer.forward(x, True)
    _, gradients = layer.backward(case.upstream(y.shape), cache)
    _, alone = layer.backward(case.upstream(y.shape), layer.forward(x, True)[1], need_dx=False)
    assert set(alone) == set(gradients)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(alone[name], gradient, rtol=1e-12)


@every_layer
def test_frozen_layer_reports_nothing_and_passes_gradients_on(case: Case, record_error: ErrorLog) -> None:
    layer = case.layer()
    model, x = in_a_model(case, layer), case.inputs()
    layer.trainable = False
    y, cache = model.forward(x, True)
    dy = case.upstream(y.shape)
    _, gradients = model.backward(dy, cache, need_dx=False)
    below = {name: array for name, array in model.parameters.items() if not name.startswith(f"{layer.name}/")}
    assert set(gradients) == set(model.trainable_parameters) == set(below)
    assert_differentiates(
        record_error, lambda: float((model.forward(x, True)[0] * dy).sum()), below, gradients, most=12
    )


@every_layer
def test_works_in_a_saved_model(case: Case, tmp_path: Path) -> None:
    model, x = in_a_model(case, case.layer()), case.inputs()
    model.save(tmp_path / "model.tinyseg")
    again = load_model(tmp_path / "model.tinyseg")
    for training in (False, True):
        np.testing.assert_array_equal(again.forward(x, training)[0], model.forward(x, training)[0])


@every_layer
def test_one_training_step_lowers_the_loss_by_as_much_as_its_gradient_says(case: Case) -> None:
    model, x = in_a_model(case, case.layer()), case.inputs()
    rate = 1e-6
    model.compile(optimizer=SGD(rate), loss="mse")
    y, _ = model.forward(x, True)
    target = y + case.upstream(y.shape)
    state = {name: array.copy() for name, array in model.state.items()}
    old = {name: array.copy() for name, array in model.parameters.items()}
    before = model.train_on_batch(x, target)
    for name, array in model.state.items():  # the next mask or statistics would change the loss too
        array[...] = state[name]
    after = model.losses[0](target, model.forward(x, True)[0])
    gradient_squared = sum(float(np.square((old[name] - new) / rate).sum()) for name, new in model.parameters.items())
    assert gradient_squared > 0
    assert before - after == pytest.approx(rate * gradient_squared, rel=1e-3)
