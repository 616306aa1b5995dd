"""dice against JAX, along every choice of axes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
import pytest
from tinyseg_kernels.dice import EPSILON
from tinyseg_kernels.dice import dice_forward as device_forward
from tinyseg_kernels.dice.regions import regions_of
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tests.kernels.case import Case, Shape
from tests.kernels.contract import OperationContract
from tests.kernels.portable import dice_backward, dice_forward


def in_dtype_of_p(p: Any, target: Any, **options: Any) -> tuple[Any, Any]:
    """Return the loss, which is float64 always, in p's dtype, as the contract wants results."""
    loss, cache = device_forward(p, target, **options)
    return loss.astype(p.dtype), cache


def reference(
    p: Any, target: Any, *, axes: tuple[int, ...], extra: float = 0.5, missed: float = 0.5, epsilon: float = EPSILON
) -> jax.Array:
    """One minus I / (I + extra * found beside the truth + missed * missed of it + epsilon)."""
    both, beside, left_out = (target * p).sum(axes), ((1 - target) * p).sum(axes), (target * (1 - p)).sum(axes)
    return 1 - both / (both + extra * beside + missed * left_out + epsilon)


def probabilities(rng: np.random.Generator, shape: Shape) -> Array:
    """Draw from 0 to 1."""
    return rng.uniform(0, 1, shape)


def labels(rng: np.random.Generator, shapes: Mapping[str, Any]) -> list[Array]:
    """Masks, with some numbers in between."""
    return [(rng.uniform(0, 1, shapes["p"]) * 1.5).clip(0, 1).round(1)]


def make(
    p: tuple[int, ...], axes: tuple[int, ...], *, scattered: bool = False, large: bool = False, **weights: float
) -> Case:
    """Make a case; with the batch among the axes an empty one would still have regions."""
    told = "".join(f"-{key}{value}" for key, value in weights.items())
    name = f"{'x'.join(map(str, p))}-axes{''.join(map(str, axes))}{told}{'-scattered' * scattered}"
    return Case(
        name,
        in_dtype_of_p,
        dice_backward,
        reference,
        {"p": p},
        {"axes": axes, **weights},
        draw=probabilities,
        constants=labels,
        batched=() if 0 in axes else None,
        scattered=scattered,
        large=large,
    )


IMAGES = (2, 5, 3, 4)
AXES = [
    (0,),
    (1,),
    (2,),
    (3,),
    (0, 1),
    (0, 2),
    (0, 3),
    (1, 2),
    (1, 3),
    (2, 3),
    (0, 1, 2),
    (0, 1, 3),
    (0, 2, 3),
    (1, 2, 3),
]


class TestDice(OperationContract):
    """dice."""

    cases = (
        *(make(IMAGES, axes) for axes in AXES),
        make(IMAGES, (0, 1, 2, 3)),
        make((7, 3), (1,)),
        make((3, 40, 30, 2), (1, 2)),  # folded twice
        make((2, 1100, 1), (1, 2)),  # three times
        make((2, 3, 1, 5), (1, 3)),  # an axis of length 1 between the two does not matter
        make(IMAGES, (1, 2), extra=1.0, missed=1.0),  # Jaccard
        make((3, 7, 2), (0, 1), extra=0.3, missed=0.9, epsilon=0.01),  # Tversky
        make((2, 5, 1), (1, 2), extra=0.0, missed=2.0),
        make((2, 5, 3), (0, 2), extra=1.5, missed=0.0, scattered=True),
        make((3, 4, 2), (1, 2), scattered=True),
        make((3, 4, 2), (0, 2), scattered=True),
    )

    def test_millions_of_pixels_in_float32(self, rung: str, rng: np.random.Generator) -> None:
        if rung in ("naive", "numba-cuda"):
            return  # minutes
        p = rng.uniform(0, 1, (1, 1000, 1000, 2)).astype(np.float32)
        target = (rng.random(p.shape) < p).astype(np.float32)
        loss, _ = dice_forward(p, target, axes=(1, 2))
        p, target = p.astype(np.float64), target.astype(np.float64)
        expected = 1 - 2 * (p * target).sum((1, 2)) / (p.sum((1, 2)) + target.sum((1, 2)) + 2 * EPSILON)
        assert loss.dtype == np.float64
        np.testing.assert_allclose(loss, expected, rtol=1e-7)

    def test_nothing_labelled_and_nothing_predicted_costs_one(self, rung: str) -> None:
        loss, cache = dice_forward(np.zeros((2, 3)), np.zeros((2, 3)), axes=(1,))
        np.testing.assert_array_equal(loss, [1, 1])
        np.testing.assert_array_equal(dice_backward(np.ones(2), cache), np.zeros((2, 3)))

    @pytest.mark.parametrize("weight", [{"extra": -0.1}, {"missed": np.nan}, {"epsilon": 0.0}])
    def test_weights_that_cannot_be(self, rung: str, weight: dict[str, float]) -> None:
        with pytest.raises(InvalidInput, match=f"dice: {next(iter(weight))}: expected a number"):
            dice_forward(np.ones((2, 3)), np.ones((2, 3)), axes=(1,), **weight)

    @pytest.mark.parametrize("axes", [(), (0, 0), (2,), (-1,)])
    def test_axes_that_p_does_not_have(self, rung: str, axes: tuple[int, ...]) -> None:
        with pytest.raises(InvalidInput, match=r"dice: axes: expected different axes of p of shape \(2, 3\)"):
            dice_forward(np.ones((2, 3)), np.ones((2, 3)), axes=axes)


@pytest.mark.parametrize("axes", AXES)
def test_only_alternating_axes_are_copied(axes: tuple[int, ...]) -> None:
    adjacent = max(axes) - min(axes) == len(axes) - 1
    assert (regions_of(IMAGES, axes).order is None) == adjacent
