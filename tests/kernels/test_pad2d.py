"""zero_padding2d and cropping2d against JAX."""

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
    cropping2d_backward,
    cropping2d_forward,
    zero_padding2d_backward,
    zero_padding2d_forward,
)
from tests.kernels.windows import pads_of_four_axes


def pad(x: Any, *, padding: Any) -> jax.Array:
    """Zeros around x."""
    return jnp.pad(x, pads_of_four_axes(padding))


def crop(x: Any, *, cropping: Any) -> jax.Array:
    """Negative padding in XLA cuts off."""
    config = [(-before, -after, 0) for before, after in pads_of_four_axes(cropping)]
    return jax.lax.pad(x, jnp.zeros((), x.dtype), config)


BORDERS = {
    "none": ((0, 0), (0, 0)),
    "even": ((1, 1), (1, 1)),
    "lopsided": ((2, 0), (1, 3)),
    "one-side": ((0, 0), (0, 2)),
    "scattered": ((1, 2), (2, 0)),
}


class TestPad2D(OperationContract):
    """zero_padding2d and cropping2d."""

    cases = (
        *(
            Case(
                f"pad-{name}",
                zero_padding2d_forward,
                zero_padding2d_backward,
                pad,
                {"x": (2, 3, 4, 2)},
                {"padding": borders},
                scattered=name == "scattered",
            )
            for name, borders in BORDERS.items()
        ),
        *(
            Case(
                f"crop-{name}",
                cropping2d_forward,
                cropping2d_backward,
                crop,
                {"x": (2, 4, 5, 2)},
                {"cropping": borders},
                scattered=name == "scattered",
            )
            for name, borders in BORDERS.items()
        ),
    )

    def test_cropping_does_not_keep_the_whole_image_alive(self, rung: str, rng: np.random.Generator) -> None:
        x = rng.standard_normal((1, 8, 9, 2))
        assert not np.shares_memory(cropping2d_forward(x, cropping=((3, 4), (4, 4)))[0], x)

    @pytest.mark.parametrize("value", [((1, -1), (0, 0)), ((1, 1),), 1, "same", ((1.5, 0), (0, 0)), None])
    def test_borders_that_are_no_pairs_of_counts_are_refused(self, rung: str, value: Any) -> None:
        x = np.ones((1, 4, 5, 2))
        with pytest.raises(
            InvalidInput, match=r"zero_padding2d: padding: expected .*\(\(top, bottom\), \(left, right\)\), got"
        ):
            zero_padding2d_forward(x, padding=value)
        with pytest.raises(
            InvalidInput, match=r"cropping2d: cropping: expected .*\(\(top, bottom\), \(left, right\)\), got"
        ):
            cropping2d_forward(x, cropping=value)

    @pytest.mark.parametrize(
        ("cropping", "message"),
        [
            (((2, 2), (0, 0)), r"cannot cut \(2, 2\) off 4 pixels of x of shape \(1, 4, 5, 2\)"),
            (((0, 0), (0, 7)), r"cannot cut \(0, 7\) off 5 pixels"),
        ],
    )
    def test_cutting_off_everything_is_refused(self, rung: str, cropping: Any, message: str) -> None:
        with pytest.raises(InvalidInput, match=message):
            cropping2d_forward(np.ones((1, 4, 5, 2)), cropping=cropping)

    def test_a_wrong_rank_is_named(self, rung: str) -> None:
        with pytest.raises(
            InvalidInput, match=r"zero_padding2d: expected x of shape \(N, H, W, C\).* got shape \(4, 5\)"
        ):
            zero_padding2d_forward(np.ones((4, 5)), padding=((1, 1), (1, 1)))
        with pytest.raises(InvalidInput, match=r"cropping2d: expected x of shape \(N, H, W, C\).* got shape \(4, 5\)"):
            cropping2d_forward(np.ones((4, 5)), cropping=((1, 1), (1, 1)))
