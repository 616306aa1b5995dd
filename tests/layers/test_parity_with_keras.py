"""Every layer against Keras's layer of the same name, arguments and weights: output, gradients and moving averages."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.errors import ErrorLog
from tests.utils.comparing import LIMITS, assert_agrees

from .cases import CASES, Case
from .keras_reference import run_keras

SHARED = [case for case in CASES if case.keras]


def check(log: ErrorLog, case: Case, dtype: str, training: bool) -> None:
    """Compare output and all gradients."""
    layer, x = case.layer(dtype), case.inputs(dtype)
    reference = run_keras(case, layer, x, dtype, training)
    y, cache = layer.forward(x, training)
    dx, gradients = layer.backward(case.upstream(y.shape, dtype), cache)
    kind, limit = f"Keras {dtype}", LIMITS[dtype]
    assert_agrees(log, kind, y, reference.y, limit, "y")
    for actual, expected in zip(dx if isinstance(dx, list) else [dx], reference.dx, strict=True):
        assert_agrees(log, kind, actual, expected, limit, "dx")
    for name, expected in zip(layer.parameters, reference.gradients, strict=True):
        assert_agrees(log, kind, gradients[name], expected, limit, name)
    if case.name == "BatchNormalization":
        layer.update_state(cache)
        for (name, actual), expected in zip(layer.state.items(), reference.state, strict=True):
            assert_agrees(log, kind, actual, expected, limit, name)


@pytest.mark.parametrize("dtype", LIMITS)
@pytest.mark.parametrize("case", SHARED, ids=str)
def test_inference(case: Case, dtype: str, record_error: ErrorLog) -> None:
    check(record_error, case, dtype, training=False)


@pytest.mark.parametrize("dtype", LIMITS)
@pytest.mark.parametrize("case", [case for case in SHARED if case.name == "BatchNormalization"], ids=str)
def test_training(case: Case, dtype: str, record_error: ErrorLog) -> None:
    check(record_error, case, dtype, training=True)


def test_every_layer_is_compared() -> None:
    absent = {"MaxUnpooling2D"}  # of SegNet; Keras has no layer of this kind
    assert {case.name for case in SHARED} | absent == {case.name for case in CASES}


@pytest.mark.parametrize("rate", [0.1, 0.4, 0.75])
def test_dropout_in_training_keeps_the_mean_and_scales_what_is_left(rate: float) -> None:
    """Keras draws other masks, so only what a mask must do can be compared."""
    case = Case("Dropout", {"rate": rate, "seed": 3}, (40, 50, 20))
    layer, x = case.layer(), case.inputs()
    y, cache = layer.forward(x, True)
    kept = y != 0
    assert kept.mean() == pytest.approx(1 - rate, abs=4 * np.sqrt(rate * (1 - rate) / x.size))
    np.testing.assert_allclose(y[kept], x[kept] / (1 - rate), rtol=1e-12)
    dy = case.upstream(y.shape)
    np.testing.assert_allclose(layer.backward(dy, cache)[0], np.where(kept, dy / (1 - rate), 0), rtol=1e-12)


def test_dropout_draws_a_new_mask_for_each_step_and_each_seed() -> None:
    layers = [Case("Dropout", {"rate": 0.5, "seed": seed}, (30, 30)).layer() for seed in (3, 3, 4)]
    x = np.ones((30, 30))
    first = [layer.forward(x, True) for layer in layers]
    np.testing.assert_array_equal(first[0][0], first[1][0])
    assert (first[0][0] != first[2][0]).any()
    layers[0].update_state(first[0][1])
    second = layers[0].forward(x, True)[0]
    # Two independent masks agree on about half of the numbers.
    assert 0.4 < (second == first[0][0]).mean() < 0.6
