"""squared_error and absolute_error against JAX."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tinyseg_kernels.errors import InvalidInput

from tests.kernels.case import Case
from tests.kernels.contract import OperationContract
from tests.kernels.portable import (
    absolute_error_backward,
    absolute_error_forward,
    squared_error_backward,
    squared_error_forward,
)


def mean_square(p: Any, target: Any) -> jax.Array:
    """Mean of (p - t)^2."""
    return ((p - target) ** 2).mean(axis=-1)


def mean_distance(p: Any, target: Any) -> jax.Array:
    """Mean of |p - t|."""
    return jnp.abs(p - target).mean(axis=-1)


FUNCTIONS = {
    "squared": (squared_error_forward, squared_error_backward, mean_square),
    "absolute": (absolute_error_forward, absolute_error_backward, mean_distance),
}
SHAPES: dict[str, tuple[int, ...]] = {
    "one-number": (7, 1),
    "pixels": (2, 5, 3, 2),
    "many-numbers": (3, 70),
    "several-blocks": (3, 100, 1),
    "vector": (5,),
    "scattered": (3, 4, 2),
}


class TestRegression(OperationContract):
    """squared_error and absolute_error."""

    cases = tuple(
        Case(
            f"{kind}-{name}",
            *functions,
            {"p": shape},
            constants=lambda rng, shapes: [rng.standard_normal(shapes["p"])],
            batched=None if len(shape) > 1 else (),
            scattered=name == "scattered",
        )
        for kind, functions in FUNCTIONS.items()
        for name, shape in SHAPES.items()
    )

    def test_no_slope_where_both_are_equal_and_nan_stays_nan(self, rung: str) -> None:
        p, t = np.array([[1.0, 2.0, np.nan, -3.0]]), np.array([[1.0, 0.0, 1.0, 0.0]])
        _, cache = absolute_error_forward(p, t)
        np.testing.assert_array_equal(absolute_error_backward(np.array([4.0]), cache), [[0, 1, np.nan, -1]])
        _, cache = squared_error_forward(p, t)
        np.testing.assert_array_equal(squared_error_backward(np.array([4.0]), cache), [[0, 4, np.nan, -6]])

    @pytest.mark.parametrize("kind", FUNCTIONS)
    def test_a_target_that_does_not_fit_is_named(self, rung: str, kind: str) -> None:
        with pytest.raises(InvalidInput, match=rf"{kind}_error: expected target of shape \(4, 1\), got shape \(4,\)"):
            FUNCTIONS[kind][0](np.ones((4, 1)), np.ones(4))
