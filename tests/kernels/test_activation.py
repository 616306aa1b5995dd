"""Activation functions against JAX's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tinyseg_kernels.activation import cuda_text
from tinyseg_kernels.activation.table import TABLE
from tinyseg_kernels.errors import InvalidInput

from tests.diagnosis.sampling import FULL, some
from tests.kernels import portable
from tests.kernels.case import Case, no_kink, normal
from tests.kernels.contract import AGREEMENT, OperationContract
from tests.support.errors import relative_error

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


TABLE_REFERENCES: dict[str, Callable[..., jax.Array]] = {
    "capped_relu": lambda x, max_value=6.0, negative_slope=0.0: jnp.where(
        x > max_value, max_value, jnp.where(x > 0, x, negative_slope * x)
    ),
    "threshold_relu": lambda x, max_value=6.0, negative_slope=0.0, threshold=0.0: jnp.where(
        x > threshold, jnp.minimum(x, max_value), negative_slope * (x - threshold)
    ),
    "threshold": lambda x, threshold=0.0, default_value=0.0: jnp.where(x > threshold, x, default_value),
    "hard_shrink": lambda x, threshold=0.5: jnp.where(jnp.abs(x) > threshold, x, 0.0),
    "soft_shrink": lambda x, threshold=0.5: jnp.sign(x) * jnp.maximum(jnp.abs(x) - threshold, 0.0),
    "hard_sigmoid": jax.nn.hard_sigmoid,
    "hard_silu": jax.nn.hard_silu,
    "hard_tanh": jax.nn.hard_tanh,
    "elu": lambda x, alpha=1.0: jax.nn.elu(x, alpha),
    "celu": lambda x, alpha=1.0: jax.nn.celu(x, alpha),
    "selu": jax.nn.selu,
    "exponential": jnp.exp,
    "silu": jax.nn.silu,
    "gelu": lambda x: jax.nn.gelu(x, approximate=False),
    "gelu_tanh": lambda x: jax.nn.gelu(x, approximate=True),
    "mish": jax.nn.mish,
    "softplus": jax.nn.softplus,
    "log_sigmoid": jax.nn.log_sigmoid,
    "squareplus": lambda x, b=4.0: jax.nn.squareplus(x, b),
    "sparse_plus": jax.nn.sparse_plus,
    "sparse_sigmoid": jax.nn.sparse_sigmoid,
    "softsign": jax.nn.soft_sign,
    "tanh_shrink": lambda x: x - jnp.tanh(x),
}

OTHER_OPTIONS: dict[str, dict[str, float]] = {
    "capped_relu": {"max_value": 1.5, "negative_slope": 0.2},
    "threshold_relu": {"max_value": 2.0, "negative_slope": 0.3, "threshold": 0.5},
    "threshold": {"threshold": 0.4, "default_value": -1.5},
    "elu": {"alpha": 0.4},
    "celu": {"alpha": 2.5},
    "hard_shrink": {"threshold": 1.2},
    "squareplus": {"b": 0.7},
}


def of_table(name: str, shape: tuple[int, ...], *, scattered: bool = False, **options: float) -> Case:
    """Make a case of a function of the table, at numbers away from its kinks."""
    reference = TABLE_REFERENCES[name]
    told = "-".join(f"{key}={value}" for key, value in options.items())
    return Case(
        f"{name}-{told}-{shape}",
        portable.elementwise_forward,
        portable.elementwise_backward,
        lambda x, function, **given: reference(x, **given),
        {"x": shape},
        {"function": name, **options},
        between_kinks,
        scattered=scattered,
    )


def between_kinks(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Draw numbers of which none is near a multiple of 0.1, where all kinks here are."""
    return np.round(3 * normal(rng, shape), 1) + 0.1 * rng.uniform(0.3, 0.7, shape)


DTYPES = ["float64", "float32"] if FULL else ["float32"]
"""Each is compiled by itself."""


class TestTable(OperationContract):
    """Every function of the table, in every rung, forward and backward.

    All of them owe the whole contract; with what they share a few are asked for all of it, and all with TINYSEG_FULL=1.
    """

    cases = (
        *(of_table(name, (2, 3, 7)) for name in some("contract", list(TABLE), 3)),
        *(of_table(name, (3, 5), **OTHER_OPTIONS[name]) for name in some("options", list(OTHER_OPTIONS), 1)),
        of_table("hard_silu", (3, 4, 3), scattered=True),
        of_table("silu", (1, 1)),
    )

    @pytest.mark.parametrize("name", TABLE)
    @pytest.mark.parametrize("dtype", DTYPES)
    def test_each_with_and_without_options_agrees_with_jax(self, rung: str, name: str, dtype: str) -> None:
        for options in ({}, OTHER_OPTIONS[name]) if name in OTHER_OPTIONS else ({},):
            case = of_table(name, (3, 5), **options)
            y, (dx,) = case.run(dtype)
            expected_y, (expected_dx,) = case.expected(dtype)
            assert relative_error(y, expected_y) < AGREEMENT[dtype]
            assert relative_error(dx, expected_dx) < AGREEMENT[dtype]

    @pytest.mark.parametrize("name", TABLE)
    @pytest.mark.parametrize("dtype", DTYPES)
    def test_large_numbers_and_nan(self, rung: str, name: str, dtype: str) -> None:
        """Without a warning, which is an error here; no infinity becomes NaN, and NaN stays NaN."""
        x = np.array([-np.inf, -1e38, -1e19, -1e5, -80, -0.0, 0.0, 80, 1e5, 1e19, 1e38, np.inf, np.nan], dtype)
        y, cache = portable.elementwise_forward(x, function=name)
        dx = portable.elementwise_backward(np.ones_like(x), cache)
        assert np.isnan(y).tolist() == [False] * 12 + [True]
        assert not np.isnan(dx[:-1]).any()
        with np.errstate(all="ignore"):
            expected = np.asarray(TABLE_REFERENCES[name](x[1:-2].astype(np.float64)))
        if name not in ("exponential", "squareplus"):  # of which float32 has no such numbers, or JAX squares them
            np.testing.assert_allclose(y[1:-2], expected, rtol=2e-6 if dtype == "float32" else 1e-12, atol=1e-37)

    @pytest.mark.parametrize(
        ("function", "options", "message"),
        [
            ("no_such", {}, "no_such"),
            ("elu", {"slope": 1.0}, "slope"),
            ("elu", {"alpha": float("nan")}, "alpha: expected a number"),
            ("elu", {"alpha": "1"}, "alpha: expected a number"),
        ],
    )
    def test_refuses(self, rung: str, function: str, options: dict[str, Any], message: str) -> None:
        with pytest.raises(InvalidInput, match=message):
            portable.elementwise_forward(np.ones(3), function=function, **options)


def test_the_cpp_is_that_of_the_table() -> None:
    assert cuda_text.FILE.read_text("utf-8") == cuda_text.table_text(), (
        "run: python -m tinyseg_kernels.activation.cuda_text"
    )


def test_every_function_of_the_table_has_a_reference() -> None:
    assert TABLE_REFERENCES.keys() == TABLE.keys()


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
