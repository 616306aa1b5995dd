"""cross_entropy of probabilities against JAX, for class ids and for distributions."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tinyseg_emulator.host.hostcupy import TRANSFERS
from tinyseg_kernels.cross_entropy import cross_entropy_of_checked_ids
from tinyseg_kernels.device import to_backend, to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tests.kernels.case import Case, Shape
from tests.kernels.contract import OperationContract
from tests.kernels.portable import cross_entropy_backward, cross_entropy_forward, portable
from tests.kernels.test_softmax_cross_entropy import bytes_as_ids, class_ids, distributions, weights


def reference(p: Any, target: Any) -> jax.Array:
    """Minus the sum of target * log(p / sum of p)."""
    if target.ndim < p.ndim:
        target = jax.nn.one_hot(target, p.shape[-1], dtype=p.dtype)
    return -jnp.sum(target * jnp.log(p / p.sum(axis=-1, keepdims=True)), axis=-1)


def probabilities(rng: np.random.Generator, shape: Shape) -> Array:
    """Not normalised, and away from where the logarithm is clipped."""
    return rng.uniform(0.05, 0.95, shape)


def make(name: str, p: tuple[int, ...], constants: Any, *, scattered: bool = False) -> Case:
    """Make a case from p's shape."""
    functions = (cross_entropy_forward, cross_entropy_backward, reference)
    return Case(
        name,
        *functions,
        {"p": p},
        draw=probabilities,
        constants=lambda rng, shapes: constants(rng, {"logits": shapes["p"]}),
        batched=None if len(p) > 1 else (),
        scattered=scattered,
    )


class TestCrossEntropy(OperationContract):
    """cross_entropy."""

    cases = (
        make("ids", (5, 4), class_ids),
        make("ids-of-pixels", (2, 3, 4, 5), class_ids),
        make("ids-in-bytes", (2, 3, 5), bytes_as_ids),
        make("ids-over-several-blocks", (7, 50, 3), class_ids),
        make("ids-of-many-classes", (5, 300), class_ids),
        make("ids-of-a-row-for-a-warp", (5, 33), class_ids),
        make("ids-scattered", (4, 3, 2), class_ids, scattered=True),
        make("distributions", (5, 4), distributions),
        make("distributions-of-pixels", (2, 3, 4, 5), distributions),
        make("distributions-over-several-blocks", (7, 50, 3), distributions),
        make("distributions-of-17-classes", (3, 17), distributions),
        make("distributions-of-many-classes", (5, 300), distributions),
        make("distribution-of-one-sample", (6,), distributions),
        make("distributions-scattered", (4, 3, 2), distributions, scattered=True),
        make("weights", (4, 5), weights),
    )

    @pytest.mark.parametrize("dtype", ["float64", "float32"])
    @pytest.mark.parametrize("classes", [3, 40])
    @pytest.mark.parametrize("one_hot", [False, True])
    def test_the_value_is_clipped_and_the_gradient_is_not(
        self, rung: str, dtype: str, classes: int, one_hot: bool
    ) -> None:
        """For the right class' share of 0, 1e-20, 1 and NaN; the gradient by p is dloss / S less dloss / p there."""
        p = np.zeros((4, classes), dtype)
        p[:, 0] = [0, 1e-20, 1, np.nan]
        p[:2, 1] = 1
        ids = np.zeros(4, np.int64)
        loss, cache = cross_entropy_forward(p, np.eye(classes, dtype=dtype)[ids] if one_hot else ids)
        np.testing.assert_allclose(loss[:2], -np.log(1e-7), rtol=1e-6)
        np.testing.assert_allclose(loss[2], 1e-7, rtol=0.2)  # -log(1 - 1e-7), of which float32 has one digit
        assert np.isnan(loss[3])
        dp = cross_entropy_backward(np.array([1, 2, 3, 4], dtype), cache)
        np.testing.assert_allclose(dp[:3, 0], [-1e30 if dtype == "float32" else -1e200, -2e20, 0], rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(dp[:3, 2], [1, 2, 3], rtol=1e-6)

    def test_checked_ids_are_not_read_back(self, rung: str, rng: np.random.Generator) -> None:
        p, ids = to_backend(rng.uniform(0.1, 1, (3, 4, 5))), to_backend(rng.integers(0, 5, (3, 4)))
        before = TRANSFERS.to_host
        loss, _ = cross_entropy_of_checked_ids(p, ids)
        assert TRANSFERS.to_host == before
        expected, _ = cross_entropy_forward(to_host(p), to_host(ids))
        np.testing.assert_array_equal(to_host(loss), expected)

    @pytest.mark.parametrize("classes", [3, 40])
    def test_an_id_that_is_no_class_gives_nan_on_a_gpu(self, rung: str, classes: int) -> None:
        """The memory beyond an array belongs to somebody else: it must not be read, whatever the id."""
        if rung not in ("cupy", "numba-cuda"):
            return
        p, ids = np.full((3, classes), 0.5), np.array([1, classes, -1], np.int32)
        loss, _ = portable(cross_entropy_of_checked_ids)(p, ids)
        assert np.isfinite(loss[0])
        assert np.isnan(loss[1:]).all()

    @pytest.mark.parametrize(
        ("target", "message"),
        [
            (np.array([0, 3, 1, 4]), r"expected class ids from 0 to 2 \(3 classes\), got 3 at index \(1,\)"),
            (np.array([[0], [1], [2], [0]]), r"expected target \(class ids\) of shape \(4,\), got shape \(4, 1\)"),
            (np.ones((4, 2)), r"expected target \(distributions\) of shape \(4, 3\), got shape \(4, 2\)"),
            (np.ones((4, 3), np.float32), r"expected target of the same dtype as p \(float64\), got float32"),
            (np.ones((4, 3), bool), "expected target of dtype float32 or float64, got bool"),
        ],
    )
    def test_a_target_that_does_not_fit_is_named(self, rung: str, target: Array, message: str) -> None:
        with pytest.raises(InvalidInput, match=f"cross_entropy: {message}"):
            cross_entropy_forward(np.linspace(0.1, 1, 12).reshape(4, 3), target)
