"""global_pool2d against JAX's mean and maximum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tinyseg_kernels.errors import InvalidInput

from tests.kernels.case import Case, distinct
from tests.kernels.contract import OperationContract
from tests.kernels.portable import (
    global_avg_pool2d_backward,
    global_avg_pool2d_forward,
    global_max_pool2d_backward,
    global_max_pool2d_forward,
)
from tests.support.errors import relative_error


def mean(x: Any, *, keepdims: bool = False) -> jax.Array:
    """Mean over the pixels."""
    return jnp.mean(x, axis=(1, 2), keepdims=keepdims)


def maximum(x: Any, *, keepdims: bool = False) -> jax.Array:
    """Maximum over the pixels."""
    return jnp.max(x, axis=(1, 2), keepdims=keepdims)


OPERATIONS = {
    "avg": (global_avg_pool2d_forward, global_avg_pool2d_backward, mean),
    "max": (global_max_pool2d_forward, global_max_pool2d_backward, maximum),
}

FORWARDS = [forward for forward, _, _ in OPERATIONS.values()]


class TestGlobalPool2D(OperationContract):
    """global_avg_pool2d and global_max_pool2d."""

    cases = tuple(
        Case(f"{kind}-{name}", *functions, {"x": shape}, options, distinct, scattered=name == "scattered")
        for kind, functions in OPERATIONS.items()
        for name, shape, options in (
            ("one-pixel", (1, 1, 1, 1), {}),
            ("image", (3, 4, 5, 2), {}),
            ("row", (2, 1, 7, 3), {}),
            ("column", (2, 6, 1, 1), {}),
            ("keepdims", (2, 5, 3, 4), {"keepdims": True}),
            ("scattered", (2, 3, 4, 3), {}),
        )
    )

    def test_a_tie_goes_to_the_first_pixel(self, rung: str, rng: np.random.Generator) -> None:
        x = rng.integers(0, 2, (3, 5, 4, 6)) - 3.0
        y, cache = global_max_pool2d_forward(x)
        dy = rng.standard_normal(y.shape)
        dx = global_max_pool2d_backward(dy, cache).reshape(3, 20, 6)
        first = x.reshape(3, 20, 6).argmax(axis=1)
        expected = np.zeros_like(dx)
        np.put_along_axis(expected, first[:, None], dy[:, None], axis=1)
        np.testing.assert_array_equal(dx, expected)

    def test_nan_is_the_maximum_and_takes_the_gradient(self, rung: str, rng: np.random.Generator) -> None:
        x = rng.standard_normal((1, 3, 4, 1))
        x[0, 1, 2, 0] = x[0, 2, 0, 0] = np.nan
        y, cache = global_max_pool2d_forward(x)
        dx = global_max_pool2d_backward(np.array([[2.5]]), cache)
        assert np.isnan(y).all()
        assert np.argwhere(dx).tolist() == [[0, 1, 2, 0]]

    def test_the_mean_of_a_large_image_keeps_its_digits_in_float32(self, rng: np.random.Generator) -> None:
        """One running total in float32 would be wrong by 2e-3."""
        x = (rng.random((1, 600, 500, 2)) + 100).astype(np.float32)
        y, _ = global_avg_pool2d_forward(x)
        assert relative_error(y, x.astype(np.float64).mean(axis=(1, 2))) < 5e-6

    @pytest.mark.parametrize("forward", FORWARDS)
    @pytest.mark.parametrize(
        ("shape", "message"),
        [
            ((4, 5, 2), r"expected x of shape \(N, H, W, C\), that is 4 axes, got shape \(4, 5, 2\)"),
            ((2, 0, 5, 3), r"expected images of at least one pixel, got shape \(2, 0, 5, 3\)"),
        ],
    )
    def test_a_mistake_is_named(
        self, rung: str, rng: np.random.Generator, forward: Callable[..., Any], shape: Any, message: str
    ) -> None:
        with pytest.raises(InvalidInput, match=message):
            forward(rng.standard_normal(shape))
