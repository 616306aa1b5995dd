"""dense against JAX's matrix product."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tinyseg_kernels.errors import InvalidInput

from tests.kernels.case import Case
from tests.kernels.contract import OperationContract
from tests.kernels.portable import dense_backward, dense_forward
from tests.support.errors import relative_error


def reference(x: Any, kernel: Any, bias: Any) -> jax.Array:
    """x @ kernel + bias."""
    y = jnp.matmul(x, kernel)
    return y if bias is None else y + bias


def make(name: str, x: tuple[int, ...], units: int, *, bias: bool = True, **rest: Any) -> Case:
    """Make a case from shapes."""
    shapes = {"x": x, "kernel": (x[-1], units), "bias": (units,) if bias else None}
    return Case(name, dense_forward, dense_backward, reference, shapes, **rest)


class TestDense(OperationContract):
    """dense."""

    cases = (
        make("one-number", (1, 1), 1),
        make("batch", (5, 4), 3),
        make("one-sample", (1, 6), 2),
        make("one-feature", (4, 1), 5),
        make("no-bias", (3, 5), 2, bias=False),
        make("vector", (5,), 3, batched=()),
        make("three-axes", (2, 3, 4), 5),
        make("pixels", (2, 3, 2, 4), 3),
        make("scattered", (4, 5), 3, scattered=True),
        make("scattered-pixels", (2, 3, 2, 3), 4, scattered=True),
        make("wide", (37, 129), 65, large=True),
    )

    def test_dbias_of_many_rows_keeps_its_digits_in_float32(self, rng: np.random.Generator) -> None:
        """The sum over 200,000 rows, in several blocks and a rest, of numbers far from zero."""
        x = np.ones((200_001, 1), np.float32)
        y, cache = dense_forward(x, np.ones((1, 3), np.float32), np.zeros(3, np.float32))
        dy = (rng.random(y.shape) + 100).astype(np.float32)
        assert relative_error(dense_backward(dy, cache)[2], dy.astype(np.float64).sum(axis=0)) < 5e-6

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("shape", [(7, 20), (5,), (2, 3, 4), (0, 4)])
    def test_a_relu_within_is_a_relu_after(
        self, rung: str, rng: np.random.Generator, shape: tuple[int, ...], dtype: str
    ) -> None:
        x, kernel, bias = (rng.standard_normal(part).astype(dtype) for part in (shape, (shape[-1], 18), 18))
        if x.size:
            x.reshape(-1, shape[-1])[0, 0] = np.nan
        y, cache = dense_forward(x, kernel, bias, relu=True)
        z, plain = dense_forward(x, kernel, bias)
        np.testing.assert_array_equal(y, np.maximum(z, 0))
        dy = rng.standard_normal(y.shape).astype(dtype)
        for got, expected in zip(
            dense_backward(dy, cache), dense_backward(np.where(z > 0, dy, 0).astype(dtype), plain), strict=True
        ):
            np.testing.assert_array_equal(got, expected)

    @pytest.mark.parametrize(
        ("shapes", "message"),
        [
            ({"x": (2, 5)}, r"expected 4 numbers in the last axis of x, got shape \(2, 5\)"),
            ({"x": ()}, r"expected 4 numbers in the last axis of x, got shape \(\)"),
            ({"kernel": (4,)}, r"expected kernel of shape \(D, F\), that is 2 axes, got shape \(4,\)"),
            ({"bias": (4,)}, r"expected bias of shape \(3,\) \(one number per unit\), got shape \(4,\)"),
            ({"bias": (1, 3)}, r"expected bias of shape \(3,\) .* got shape \(1, 3\)"),
        ],
    )
    def test_a_mistake_is_named(self, rung: str, rng: np.random.Generator, shapes: Any, message: str) -> None:
        all_shapes = {"x": (2, 4), "kernel": (4, 3), "bias": (3,), **shapes}
        with pytest.raises(InvalidInput, match=f"dense: {message}"):
            dense_forward(**{name: np.asarray(rng.standard_normal(shape)) for name, shape in all_shapes.items()})
