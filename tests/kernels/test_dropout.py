"""dropout: what is kept, how it is scaled, and where the mask comes from."""

from __future__ import annotations

import math
from typing import Any

import jax
import numpy as np
import pytest
from tinyseg_kernels.backend import backend
from tinyseg_kernels.errors import InvalidInput

from tests.kernels.backends import BACKENDS, choose
from tests.kernels.case import Case
from tests.kernels.contract import OperationContract
from tests.kernels.portable import dropout_backward, dropout_forward


def factors(shape: tuple[int, ...], **options: Any) -> Any:
    """Return what each number is multiplied by: dropout of ones."""
    return dropout_forward(np.ones(shape), **options)[0]


def reference(x: Any, **options: Any) -> jax.Array:
    """Dropout is linear: each number times its own factor."""
    with backend("naive"):
        return x * factors(x.shape, **options)


class TestDropout(OperationContract):
    """dropout."""

    cases = tuple(
        Case(name, dropout_forward, dropout_backward, reference, {"x": shape}, options, scattered=name == "scattered")
        for name, shape, options in (
            ("images", (2, 3, 5, 2), {"rate": 0.3, "seed": 7}),
            ("rows", (6, 5), {"rate": 0.5, "seed": 1, "step": 12}),
            ("rate-0", (3, 4), {"rate": 0.0, "seed": 3}),
            ("high-rate", (8, 9), {"rate": 0.9, "seed": 2**63 + 5, "step": 2**40}),
            ("negative-seed", (3, 4), {"rate": 0.25, "seed": -4}),
            ("scattered", (3, 4, 5), {"rate": 0.4, "seed": 9}),
        )
    )

    @pytest.mark.parametrize("rate", [0.1, 0.5, 0.75])
    def test_the_rate_is_the_share_dropped_and_the_mean_is_kept(self, rung: str, rate: float) -> None:
        y = factors((20, 100, 10), rate=rate, seed=11)
        assert set(np.unique(y)) == {0.0, 1 / (1 - rate)}
        deviation = math.sqrt(rate * (1 - rate) / y.size)
        assert abs((y == 0).mean() - rate) < 4 * deviation
        assert abs(y.mean() - 1) < 4 * deviation / (1 - rate)
        # Nor does an axis decide: every image and every channel loses about its share.
        for axes in ((1, 2), (0, 1)):
            shares = (y == 0).mean(axis=axes)
            assert np.abs(shares - rate).max() < 5 * math.sqrt(rate * (1 - rate) / (y.size / len(shares)))

    def test_seed_and_step_decide_the_mask_alone(self, rung: str, rng: np.random.Generator) -> None:
        options = {"rate": 0.5, "seed": 5, "step": 3}
        mask = factors((9, 11), **options) != 0
        np.random.default_rng(0).random(100)  # another generator has no say
        np.testing.assert_array_equal(factors((9, 11), **options) != 0, mask)
        x = rng.standard_normal((9, 11)).astype(np.float32)
        np.testing.assert_array_equal(dropout_forward(x, **options)[0] != 0, mask)

    def test_another_seed_or_step_gives_an_unrelated_mask(self, rung: str) -> None:
        """Two fair masks agree at half of the places; the same mask, shifted or turned around, would not."""
        masks = [factors((50, 40), rate=0.5, seed=s, step=t) != 0 for s, t in ((1, 2), (2, 1), (1, 1), (1, 3), (2, 2))]
        for k, one in enumerate(masks):
            for other in masks[:k]:
                assert abs((one == other).mean() - 0.5) < 5 * 0.5 / math.sqrt(one.size)

    def test_all_rungs_draw_the_same_mask(self) -> None:
        masks = []
        for name in BACKENDS:
            with choose(name):
                masks.append(factors((7, 13), rate=0.6, seed=21, step=4))
        for mask in masks[1:]:
            np.testing.assert_array_equal(mask, masks[0])

    @pytest.mark.parametrize("size", [1, 7, 8, 9, 16, 2049, 4_100])
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_the_mask_is_what_numpy_draws(self, rung: str, size: int, dtype: str) -> None:
        """Element by element, around the ends of the generator's blocks of 8 numbers and of a GPU's blocks of threads.

        The values are NumPy's too.
        """
        seed, step, rate = 2**64 - 3, 2**63 + 12345, 0.37
        drawn = np.random.Generator(np.random.Philox(key=np.array([seed, step], np.uint64))).random(size, np.float32)
        x = np.arange(1, size + 1).astype(dtype)
        y, cache = dropout_forward(x, rate=rate, seed=seed, step=step)
        expected = np.where(drawn >= np.float32(rate), x / (1 - rate), 0).astype(dtype)
        np.testing.assert_array_equal(y, expected)
        np.testing.assert_array_equal(dropout_backward(x, cache), expected)

    @pytest.mark.parametrize("rate", [0.0, 2.0**-24, 0.5, 1 - 2.0**-24, 1 - 2.0**-30])
    def test_rates_at_the_limits_of_what_is_drawn(self, rung: str, rate: float) -> None:
        """The numbers are multiples of 2^-24 below 1: a rate that float32 rounds to 1 keeps none of them."""
        drawn = np.random.Generator(np.random.Philox(key=np.array([6, 1], np.uint64))).random(50, np.float32)
        y, _ = dropout_forward(np.ones(50), rate=rate, seed=6, step=1)
        np.testing.assert_array_equal(y != 0, drawn >= np.float32(rate))

    def test_a_number_equal_to_the_rate_is_kept(self, rung: str) -> None:
        drawn = np.random.Generator(np.random.Philox(key=np.array([6, 1], np.uint64))).random(50, np.float32)
        y, _ = dropout_forward(np.ones(50), rate=float(drawn[7]), seed=6, step=1)
        assert y[7] != 0
        np.testing.assert_array_equal(y != 0, drawn >= drawn[7])

    def test_what_is_dropped_is_zero_even_if_it_was_no_number(self, rung: str) -> None:
        x = np.array([np.nan, np.inf, -np.inf, -1.0] * 8)
        y, cache = dropout_forward(x, rate=0.5, seed=4)
        kept = factors(x.shape, rate=0.5, seed=4) != 0
        assert not y[~kept].any()
        np.testing.assert_array_equal(y[kept], 2 * x[kept])
        np.testing.assert_array_equal(dropout_backward(x, cache), y)

    def test_the_gradient_goes_where_the_numbers_went(self, rung: str, rng: np.random.Generator) -> None:
        y, cache = dropout_forward(rng.uniform(1, 2, (6, 7)), rate=0.5, seed=2)
        np.testing.assert_array_equal(dropout_backward(rng.uniform(1, 2, (6, 7)), cache) != 0, y != 0)

    @pytest.mark.parametrize("rate", [1.0, -0.1, 1.5, float("nan")])
    def test_a_rate_out_of_range_is_refused(self, rung: str, rate: float) -> None:
        with pytest.raises(InvalidInput, match=f"dropout: rate: expected a number from 0 up to but not 1, got {rate}"):
            dropout_forward(np.ones((2, 3)), rate=rate, seed=0)
