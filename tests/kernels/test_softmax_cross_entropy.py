"""softmax_cross_entropy against JAX's log_softmax, for class ids and for distributions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tests.kernels.case import Case
from tests.kernels.contract import OperationContract
from tests.kernels.portable import softmax_cross_entropy_backward, softmax_cross_entropy_forward


def reference(logits: Any, target: Any) -> jax.Array:
    """Minus the sum of target * log_softmax."""
    if target.ndim < logits.ndim:
        target = jax.nn.one_hot(target, logits.shape[-1], dtype=logits.dtype)
    return -jnp.sum(target * jax.nn.log_softmax(logits), axis=-1)


def class_ids(rng: np.random.Generator, shapes: Mapping[str, Any]) -> list[Array]:
    """One class for each position."""
    *places, classes = shapes["logits"]
    return [rng.integers(0, classes, places)]


def bytes_as_ids(rng: np.random.Generator, shapes: Mapping[str, Any]) -> list[Array]:
    """Masks read from files have bytes."""
    return [class_ids(rng, shapes)[0].astype(np.uint8)]


def distributions(rng: np.random.Generator, shapes: Mapping[str, Any]) -> list[Array]:
    """Random probabilities."""
    return [rng.dirichlet(np.ones(shapes["logits"][-1]), shapes["logits"][:-1])]


def weights(rng: np.random.Generator, shapes: Mapping[str, Any]) -> list[Array]:
    """Targets that do not add up to 1."""
    return [rng.uniform(0, 3, shapes["logits"])]


def make(name: str, logits: tuple[int, ...], constants: Any, *, scattered: bool = False) -> Case:
    """Make a case from the logits' shape."""
    functions = (softmax_cross_entropy_forward, softmax_cross_entropy_backward, reference)
    batched = None if len(logits) > 1 else ()
    return Case(name, *functions, {"logits": logits}, constants=constants, batched=batched, scattered=scattered)


class TestSoftmaxCrossEntropy(OperationContract):
    """softmax_cross_entropy."""

    cases = (
        make("ids", (5, 4), class_ids),
        make("ids-of-pixels", (2, 3, 4, 5), class_ids),
        make("ids-in-bytes", (2, 3, 5), bytes_as_ids),
        make("ids-of-many-classes", (5, 300), class_ids),
        make("ids-of-one-class", (3, 1), class_ids),
        make("ids-scattered", (4, 3, 2), class_ids, scattered=True),
        make("distributions", (5, 4), distributions),
        make("distributions-of-pixels", (2, 3, 4, 5), distributions),
        make("distribution-of-one-sample", (6,), distributions),
        make("distributions-scattered", (4, 3, 2), distributions, scattered=True),
        make("weights", (4, 5), weights),
    )

    @pytest.mark.parametrize("dtype", ["float64", "float32"])
    @pytest.mark.parametrize("one_hot", [False, True])
    def test_logits_of_ten_thousands(self, rung: str, dtype: str, one_hot: bool) -> None:
        """Right where exp would overflow.

        The loss is the distance to the largest logit, the gradient p - t times dloss.
        """
        logits = np.array([[1e4, -1e4, 0], [1e4, -1e4, 0], [-1e4, -1e4, -1e4], [0, 1e4, 1e4]], dtype)
        ids = np.array([0, 1, 2, 0])
        target = np.eye(3, dtype=dtype)[ids] if one_hot else ids
        loss, cache = softmax_cross_entropy_forward(logits, target)
        np.testing.assert_allclose(loss, [0, 2e4, np.log(3), 1e4 + np.log(2)], rtol=1e-6)
        dlogits = softmax_cross_entropy_backward(np.array([1, 2, 3, -4], dtype), cache)
        expected = [[0, 0, 0], [2, -2, 0], [1, 1, -2], [4, -2, -2]]
        np.testing.assert_allclose(dlogits, expected, atol=1e-6)

    def test_ids_are_the_same_as_one_hot_distributions(self, rung: str, rng: np.random.Generator) -> None:
        logits, ids = rng.standard_normal((2, 3, 4, 6)), rng.integers(0, 6, (2, 3, 4))
        by_ids, ids_cache = softmax_cross_entropy_forward(logits, ids)
        by_vectors, vectors_cache = softmax_cross_entropy_forward(logits, np.eye(6)[ids])
        np.testing.assert_allclose(by_ids, by_vectors, rtol=1e-13)
        dloss = rng.standard_normal(by_ids.shape)
        np.testing.assert_allclose(
            softmax_cross_entropy_backward(dloss, ids_cache),
            softmax_cross_entropy_backward(dloss, vectors_cache),
            atol=1e-14,
        )

    @pytest.mark.parametrize(
        ("target", "message"),
        [
            (np.array([0, 3, 1, 4]), r"expected class ids from 0 to 2 \(3 classes\), got 3 at index \(1,\)"),
            (np.array([0, 1, -1, 2]), r"expected class ids from 0 to 2 \(3 classes\), got -1 at index \(2,\)"),
            (np.array([[0], [1], [2], [0]]), r"expected target \(class ids\) of shape \(4,\), got shape \(4, 1\)"),
            (np.ones((4, 2)), r"expected target \(distributions\) of shape \(4, 3\), got shape \(4, 2\)"),
            (np.ones(4), r"expected target \(distributions\) of shape \(4, 3\), got shape \(4,\)"),
            (np.ones((4, 3), np.float32), r"expected target of the same dtype as logits \(float64\), got float32"),
            (np.ones((4, 3), bool), "expected target of dtype float32 or float64, got bool"),
        ],
    )
    def test_a_target_that_does_not_fit_is_named(self, rung: str, target: Array, message: str) -> None:
        with pytest.raises(InvalidInput, match=f"softmax_cross_entropy: {message}"):
            softmax_cross_entropy_forward(np.linspace(0, 1, 12).reshape(4, 3), target)

    def test_logits_without_an_axis_are_refused(self, rung: str) -> None:
        with pytest.raises(InvalidInput, match=r"expected logits \(\.\.\., K\), got shape \(\)"):
            softmax_cross_entropy_forward(np.array(1.5), np.array(0))
