"""Several inputs number by number: ties, broadcasting, and what does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinyseg import InvalidInput, check
from tinyseg.layers import (
    Add,
    Average,
    Conv2D,
    GlobalAveragePooling2D,
    Input,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    maximum,
    multiply,
)
from tinyseg.models import Model


@pytest.mark.parametrize("kind", [Maximum, Minimum])
def test_ties_are_shared_as_jax_shares_them(kind: type) -> None:
    import jax
    import jax.numpy as jnp

    rng = np.random.default_rng(0)
    x = [rng.integers(0, 3, (2, 3, 5)).astype(np.float64) for _ in range(3)]
    dy = rng.standard_normal((2, 3, 5))
    extreme = {Maximum: jnp.maximum, Minimum: jnp.minimum}[kind]
    with jax.enable_x64(True):
        y, pull_back = jax.vjp(lambda a, b, c: extreme(extreme(a, b), c), *map(jnp.asarray, x))
        expected = pull_back(jnp.asarray(dy))
    layer = kind()
    found, cache = layer.forward(x)
    np.testing.assert_array_equal(found, y)
    for actual, wanted in zip(layer.backward(dy, cache)[0], expected, strict=True):
        np.testing.assert_allclose(actual, wanted, rtol=1e-12)


@pytest.mark.parametrize("kind", [Add, Multiply, Average, Maximum, Minimum, Subtract])
def test_what_does_not_fit_is_refused(kind: Any) -> None:
    with pytest.raises(InvalidInput, match="expected inputs of the same shape"):
        kind()([Input((4, 4, 2)), Input((4, 5, 2))])
    with pytest.raises(InvalidInput, match="expected inputs of the same shape"):
        kind()([np.ones((2, 4, 4, 2)), np.ones((2, 4))])
    with pytest.raises(InvalidInput, match=r"Reshape\(\(1, 1, C\)\)"):
        kind()([Input((4, 4, 2)), Input((2,))])
    with pytest.raises(InvalidInput, match="list of"):
        kind()([Input((4, 4, 2))])


def test_unknown_lengths_agree_with_any() -> None:
    assert multiply([Input((None, None, 4)), Input((1, 1, 4))]).shape == (None, None, None, 4)
    assert maximum([Input((None, 8, 4)), Input((6, 1, 4))]).shape == (None, 6, 8, 4)


@pytest.mark.parametrize("kind", [Add, Multiply, Average, Maximum, Minimum, Subtract])
def test_a_network_with_inputs_that_broadcast(kind: Any) -> None:
    """Predictions are those of training, for any batch size; gradients pass the check."""
    x = Input((5, 4, 3), dtype="float64")
    few = GlobalAveragePooling2D(keepdims=True)(Conv2D(3, 1, activation="gelu")(x))
    model = Model(x, Conv2D(2, 1)(kind()([few, x])))
    rng = np.random.default_rng(1)
    for n in (1, 3):
        data = rng.standard_normal((n, 5, 4, 3))
        np.testing.assert_allclose(model.predict(data, batch_size=2), model.forward(data, True)[0], rtol=1e-12)
    assert check.gradients(model, data).passed


def test_nan_wins() -> None:
    y = Maximum()([np.array([[np.nan, 1.0]]), np.array([[2.0, np.nan]])])
    assert np.isnan(y).all()


def test_squeeze_and_excitation_in_a_network() -> None:
    x = Input((6, 5, 3))
    model = Model(x, Multiply()([Conv2D(4, 1)(x), Conv2D(4, (6, 5), activation="sigmoid")(x)]))
    model.compile("sgd", "mse")
    data = np.random.default_rng(0).random((2, 6, 5, 3), np.float32)
    before = model.evaluate(data, np.zeros((2, 6, 5, 4), np.float32))
    model.fit(data, np.zeros((2, 6, 5, 4), np.float32), epochs=3, verbose=0)
    assert model.evaluate(data, np.zeros((2, 6, 5, 4), np.float32)) < before
