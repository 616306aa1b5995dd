"""binary_cross_entropy against JAX, from probabilities and from logits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tests.kernels.case import Case, Shape, normal
from tests.kernels.contract import OperationContract
from tests.kernels.portable import binary_cross_entropy_backward, binary_cross_entropy_forward


def reference(x: Any, target: Any, *, from_logits: bool = False) -> jax.Array:
    """Mean of - t * log p - (1 - t) * log(1 - p)."""
    if from_logits:
        yes, no = jax.nn.log_sigmoid(x), jax.nn.log_sigmoid(-x)
    else:
        yes, no = jnp.log(x), jnp.log(1 - x)
    return -(target * yes + (1 - target) * no).mean(axis=-1)


def probabilities(rng: np.random.Generator, shape: Shape) -> Array:
    """Away from where the logarithm is clipped."""
    return rng.uniform(0.05, 0.95, shape)


def labels(rng: np.random.Generator, shapes: Mapping[str, Any]) -> list[Array]:
    """Also between 0 and 1, as smoothing makes them."""
    return [rng.uniform(0, 1, shapes["p"]).round(1)]


def make(name: str, p: tuple[int, ...], from_logits: bool, *, scattered: bool = False) -> Case:
    """Make a case from p's shape."""
    return Case(
        f"{name}-{'logits' if from_logits else 'probabilities'}",
        binary_cross_entropy_forward,
        binary_cross_entropy_backward,
        reference,
        {"p": p},
        {"from_logits": from_logits},
        draw=normal if from_logits else probabilities,
        constants=labels,
        batched=None if len(p) > 1 else (),
        scattered=scattered,
    )


class TestBinaryCrossEntropy(OperationContract):
    """binary_cross_entropy."""

    cases = tuple(
        make(name, shape, from_logits, scattered=name == "scattered")
        for from_logits in (False, True)
        for name, shape in {
            "one-answer": (7, 1),
            "pixels": (2, 5, 3, 1),
            "answers": (4, 3),
            "many-answers": (3, 70),
            "several-blocks": (3, 100, 1),
            "vector": (5,),
            "scattered": (3, 4, 2),
        }.items()
    )

    @pytest.mark.parametrize("dtype", ["float64", "float32"])
    def test_logits_of_ten_thousands(self, rung: str, dtype: str) -> None:
        """Right where exp would overflow."""
        z = np.array([[1e4], [-1e4], [1e4], [-1e4], [np.nan]], dtype)
        loss, cache = binary_cross_entropy_forward(z, np.array([[1], [0], [0], [1], [1]], dtype), from_logits=True)
        np.testing.assert_array_equal(loss, [0, 0, 1e4, 1e4, np.nan])
        dz = binary_cross_entropy_backward(np.array([1, 2, 3, 4, 5], dtype), cache)
        np.testing.assert_array_equal(dz, [[0], [0], [3], [-4], [np.nan]])

    @pytest.mark.parametrize(("dtype", "least"), [("float64", 1e-200), ("float32", 1e-30)])
    def test_the_value_is_clipped_and_the_gradient_is_not(self, rung: str, dtype: str, least: float) -> None:
        p = np.array([[0], [1], [np.nan]], dtype)
        loss, cache = binary_cross_entropy_forward(p, np.array([[1], [0], [1]], dtype))
        np.testing.assert_allclose(loss[:2], -np.log(1e-7), rtol=1e-6)
        assert np.isnan(loss[2])
        dp = binary_cross_entropy_backward(np.ones(3, dtype), cache)
        np.testing.assert_allclose(dp, [[-1 / least], [1 / least], [np.nan]], rtol=1e-6)

    def test_a_target_that_does_not_fit_is_named(self, rung: str) -> None:
        with pytest.raises(
            InvalidInput, match=r"binary_cross_entropy: expected target of shape \(4, 1\), got shape \(4,\)"
        ):
            binary_cross_entropy_forward(np.ones((4, 1)), np.ones(4))
