"""Activation functions against JAX's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.kernels import portable
from tests.kernels.case import Case, no_kink, normal
from tests.kernels.contract import OperationContract

NAMES = ("relu", "leaky_relu", "sigmoid", "tanh")

REFERENCES: dict[str, Callable[..., jax.Array]] = {
    "relu": jax.nn.relu,
    "leaky_relu": lambda x, negative_slope=0.3: jnp.where(x > 0, x, negative_slope * x),
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
}


def functions(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return an activation's forward and backward."""
    return getattr(portable, f"{name}_forward"), getattr(portable, f"{name}_backward")


def make(kind: str, name: str, shape: tuple[int, ...], *, scattered: bool = False, **options: Any) -> Case:
    """Make a case; the functions with a kink are kept away from it."""
    draw = no_kink if kind.endswith("relu") else lambda rng, shape: 3 * normal(rng, shape)
    batched = None if len(shape) > 1 else ()
    return Case(
        f"{kind}-{name}",
        *functions(kind),
        REFERENCES[kind],
        {"x": shape},
        options,
        draw,
        scattered=scattered,
        batched=batched,
    )


class TestActivation(OperationContract):
    """relu, leaky_relu, sigmoid, tanh."""

    cases = (
        *(make(kind, "images", (2, 3, 5, 2)) for kind in NAMES),
        *(make(kind, "one-number", (1,)) for kind in NAMES),
        *(make(kind, "scattered", (3, 4, 3), scattered=True) for kind in NAMES),
        make("leaky_relu", "steep", (3, 7), negative_slope=0.01),
        make("leaky_relu", "slope-0", (3, 7), negative_slope=0),
        make("leaky_relu", "slope-above-1", (3, 7), negative_slope=1.5),
    )

    @pytest.mark.parametrize(("kind", "slope"), [("relu", 0.0), ("leaky_relu", 0.3)])
    def test_the_slope_at_zero_is_that_of_the_left(self, rung: str, kind: str, slope: float) -> None:
        forward, backward = functions(kind)
        y, cache = forward(np.array([0.0, -0.0]))
        assert y.tolist() == [0.0, 0.0]
        np.testing.assert_allclose(backward(np.array([2.0, -3.0]), cache), [2 * slope, -3 * slope])

    @pytest.mark.parametrize("kind", NAMES)
    def test_nan_stays_nan(self, rung: str, kind: str) -> None:
        forward, _ = functions(kind)
        y, _ = forward(np.array([np.nan, 1.0, np.nan], np.float32))
        assert np.isnan(y).tolist() == [True, False, True]

    @pytest.mark.parametrize(("kind", "low", "high"), [("sigmoid", 0.0, 1.0), ("tanh", -1.0, 1.0)])
    @pytest.mark.parametrize("dtype", ["float64", "float32"])
    def test_large_numbers_saturate(self, rung: str, kind: str, low: float, high: float, dtype: str) -> None:
        """Without overflow, which the test run would turn into an error; and the slope there is 0."""
        forward, backward = functions(kind)
        x = np.array([-np.inf, -1e30, -1e4, 1e4, 1e30, np.inf], dtype)
        y, cache = forward(x)
        assert y.tolist() == [low] * 3 + [high] * 3
        assert backward(np.full(6, 2.5, dtype), cache).tolist() == [0.0] * 6

    @pytest.mark.parametrize("dtype", ["float64", "float32"])
    def test_relu_of_infinity(self, rung: str, dtype: str) -> None:
        """0 times infinity would be NaN."""
        y, cache = portable.relu_forward(np.array([-np.inf, -1, 0, 1, np.inf], dtype))
        assert y.tolist() == [0, 0, 0, 1, np.inf]
        assert portable.relu_backward(np.ones(5, dtype), cache).tolist() == [0, 0, 0, 1, 1]

    @pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-10), ("float32", 1e-5)])
    def test_a_small_probability_is_right_in_its_own_digits(self, rung: str, dtype: str, tolerance: float) -> None:
        """Each number against itself, not against the largest.

        The logarithm of a probability depends on all its digits.
        """
        x = np.linspace(-80, 20, 1001).astype(dtype)
        y, cache = portable.sigmoid_forward(x)
        exact = np.exp(-np.logaddexp(0.0, -x.astype(np.float64)))
        np.testing.assert_allclose(y, exact, rtol=tolerance, atol=0)
        slope = portable.sigmoid_backward(np.full_like(x, -3.0), cache)
        left = x < 0  # on the right 1 - y has lost its digits, whatever the way
        np.testing.assert_allclose(slope[left], (-3 * exact * (1 - exact))[left], rtol=tolerance, atol=0)
