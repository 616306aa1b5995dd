"""softmax against JAX's, along every axis."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from tinyseg_kernels.errors import InvalidInput

from tests.kernels.case import Case
from tests.kernels.contract import OperationContract
from tests.kernels.portable import softmax_backward, softmax_forward


def make(name: str, shape: tuple[int, ...], axis: int | None = None, *, scattered: bool = False) -> Case:
    """Make a case; without an axis the default is used."""
    options = {} if axis is None else {"axis": axis}
    along_batch = axis is not None and axis % len(shape) == 0
    batched = () if along_batch or len(shape) == 1 else None
    return Case(
        name,
        softmax_forward,
        softmax_backward,
        jax.nn.softmax,
        {"x": shape},
        options,
        batched=batched,
        scattered=scattered,
    )


class TestSoftmax(OperationContract):
    """softmax."""

    cases = (
        make("default", (3, 5)),
        make("one-class", (3, 1)),
        make("vector", (6,)),
        make("images", (2, 3, 4, 5)),
        *(make(f"axis{axis}", (2, 3, 4, 5), axis) for axis in (0, 1, 2, 3, -1, -2, -3, -4)),
        make("scattered", (3, 2, 4), scattered=True),
        make("scattered-axis1", (3, 4, 2), 1, scattered=True),
    )

    @pytest.mark.parametrize("axis", [0, 1, 2])
    @pytest.mark.parametrize("scale", [1.0, 1e4])
    @pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-14), ("float32", 1e-6)])
    def test_adds_up_to_one(
        self, rung: str, rng: np.random.Generator, axis: int, scale: float, dtype: str, tolerance: float
    ) -> None:
        """Also for logits of 10,000s, whose exponentials are infinite."""
        x = (scale * rng.standard_normal((3, 4, 5))).astype(dtype)
        y, cache = softmax_forward(x, axis=axis)
        assert y.min() >= 0
        np.testing.assert_allclose(y.sum(axis=axis), 1, rtol=tolerance)
        # Adding the same number to all logits of a line changes nothing, so the gradient along it adds up to 0.
        dx = softmax_backward(rng.standard_normal(x.shape).astype(dtype), cache)
        np.testing.assert_allclose(dx.sum(axis=axis), 0, atol=10 * tolerance)

    def test_the_offset_cancels(self, rung: str, rng: np.random.Generator) -> None:
        x = rng.integers(-8, 8, (4, 6)).astype(np.float64)
        np.testing.assert_array_equal(softmax_forward(x + 4096)[0], softmax_forward(x)[0])

    @pytest.mark.parametrize(("shape", "axis"), [((2, 3), 2), ((2, 3), -3), ((), -1), ((), 0)])
    def test_an_axis_that_does_not_exist_is_named(self, rung: str, shape: tuple[int, ...], axis: int) -> None:
        with pytest.raises(
            InvalidInput, match=rf"softmax: axis {axis} does not exist in x of shape \({str(shape)[1:-1]}\)"
        ):
            softmax_forward(np.ones(shape), axis=axis)
