"""avg_pool2d against JAX's reduce_window, and what it does not count."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tinyseg_kernels.errors import InvalidInput

from tests.kernels.contract import OperationContract
from tests.kernels.pooling import MISTAKES, make_cases
from tests.kernels.portable import avg_pool2d_backward, avg_pool2d_forward
from tests.kernels.windows import jax_padding, pads_of_four_axes, pair


def reference(x: Any, *, pool_size: Any, strides: Any = None, padding: Any = "valid") -> jax.Array:
    """The sum over JAX's windows, divided by the sum over an image of ones."""
    window, steps = pair(pool_size), pair(pool_size if strides is None else strides)
    pads = pads_of_four_axes(jax_padding(padding))

    def total(image: jax.Array) -> jax.Array:
        return jax.lax.reduce_window(image, 0.0, jax.lax.add, (1, *window, 1), (1, *steps, 1), pads)

    return total(x) / total(jnp.ones_like(x))


class TestAvgPool2D(OperationContract):
    """avg_pool2d."""

    cases = make_cases(avg_pool2d_forward, avg_pool2d_backward, reference)

    @pytest.mark.parametrize("padding", ["same", ((2, 1), (0, 3))])
    def test_padding_is_not_counted(self, rung: str, rng: np.random.Generator, padding: Any) -> None:
        """So the mean of a constant image is the constant up to its border, and dx hands out all of dy."""
        x = np.full((2, 5, 6, 2), 3.7)
        y, cache = avg_pool2d_forward(x, pool_size=(3, 4), strides=(2, 1), padding=padding)
        np.testing.assert_allclose(y, 3.7, rtol=1e-14)
        dy = rng.standard_normal(y.shape)
        assert avg_pool2d_backward(dy, cache).sum() == pytest.approx(dy.sum(), rel=1e-12)

    @pytest.mark.parametrize(("shape", "options", "message"), MISTAKES)
    def test_a_mistake_is_named(
        self, rung: str, rng: np.random.Generator, shape: Any, options: Any, message: str
    ) -> None:
        with pytest.raises(InvalidInput, match=f"(avg_pool2d: )?{message}"):
            avg_pool2d_forward(rng.standard_normal(shape), **{"pool_size": (3, 2), "strides": 1, **options})
