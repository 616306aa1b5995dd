"""max_pool2d against JAX's reduce_window, and what it does with ties."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tests.kernels.contract import OperationContract
from tests.kernels.pooling import MISTAKES, make_cases
from tests.kernels.portable import max_pool2d_backward, max_pool2d_forward
from tests.kernels.windows import jax_padding, pads_of_four_axes, pair


def reference(x: Any, *, pool_size: Any, strides: Any = None, padding: Any = "valid") -> jax.Array:
    """The maximum over JAX's windows."""
    window, steps = pair(pool_size), pair(pool_size if strides is None else strides)
    pads = pads_of_four_axes(jax_padding(padding))
    return jax.lax.reduce_window(x, -np.inf, jax.lax.max, (1, *window, 1), (1, *steps, 1), pads)


def gradient_by_definition(x: Array, dy: Array, window: Any, strides: Any, pads: Any) -> Array:
    """Give each dy to the first largest pixel of its window, in row-major order; the padding is no pixel."""
    (kh, kw), (sh, sw), ((top, _), (left, _)) = window, strides, pads
    dx = np.zeros_like(x)
    for n, oh, ow, c in np.ndindex(*dy.shape):
        rows = slice(max(oh * sh - top, 0), max(oh * sh - top + kh, 0))
        columns = slice(max(ow * sw - left, 0), max(ow * sw - left + kw, 0))
        pixels = x[n, rows, columns, c]
        h, w = np.unravel_index(int(np.argmax(pixels)), pixels.shape)
        dx[n, rows.start + h, columns.start + w, c] += dy[n, oh, ow, c]
    return dx


GEOMETRIES = [
    ((2, 2), (2, 2), ((0, 0), (0, 0))),
    ((3, 2), (1, 1), ((0, 0), (0, 0))),
    ((3, 3), (2, 1), ((1, 1), (1, 1))),
    ((2, 4), (3, 2), ((0, 1), (2, 1))),
    ((5, 3), (2, 2), ((4, 0), (2, 2))),
]


class TestMaxPool2D(OperationContract):
    """max_pool2d."""

    cases = make_cases(max_pool2d_forward, max_pool2d_backward, reference)

    @pytest.mark.parametrize(("window", "strides", "pads"), GEOMETRIES)
    @pytest.mark.parametrize("values", [1, 2, 3])
    def test_a_tie_goes_to_the_first_pixel_of_the_window(
        self, rung: str, rng: np.random.Generator, values: int, window: Any, strides: Any, pads: Any
    ) -> None:
        """Few different values, below zero so that padding with zeros would win, make ties in almost every window."""
        x = rng.integers(0, values, (2, 7, 6, 3)) - 5.0
        y, cache = max_pool2d_forward(x, pool_size=window, strides=strides, padding=pads)
        dy = rng.standard_normal(y.shape)
        dx = max_pool2d_backward(dy, cache)
        np.testing.assert_allclose(dx, gradient_by_definition(x, dy, window, strides, pads), rtol=1e-13, atol=1e-13)
        assert dx.sum() == pytest.approx(dy.sum(), rel=1e-12)

    @pytest.mark.parametrize(("window", "strides", "pads"), GEOMETRIES)
    @pytest.mark.parametrize("special", [np.nan, -np.inf, np.inf])
    def test_values_that_are_not_finite(
        self, rung: str, rng: np.random.Generator, special: float, window: Any, strides: Any, pads: Any
    ) -> None:
        """NaN is the maximum of its window.

        A window of nothing but minus infinity still has a first pixel, outside the padding.
        """
        x = rng.standard_normal((2, 7, 6, 2))
        x[rng.random(x.shape) < 0.2] = special
        x[0, :4, :4] = special
        y, cache = max_pool2d_forward(x, pool_size=window, strides=strides, padding=pads)
        np.testing.assert_array_equal(y, reference(x, pool_size=window, strides=strides, padding=pads))
        dy = rng.standard_normal(y.shape)
        np.testing.assert_allclose(
            max_pool2d_backward(dy, cache), gradient_by_definition(x, dy, window, strides, pads), rtol=1e-13, atol=1e-13
        )

    @pytest.mark.parametrize(("shape", "options", "message"), MISTAKES)
    def test_a_mistake_is_named(
        self, rung: str, rng: np.random.Generator, shape: Any, options: Any, message: str
    ) -> None:
        with pytest.raises(InvalidInput, match=f"(max_pool2d: )?{message}"):
            max_pool2d_forward(rng.standard_normal(shape), **{"pool_size": (3, 2), "strides": 1, **options})
