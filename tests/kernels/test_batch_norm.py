"""batch_norm, training and inference, against JAX; its statistics against Keras."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from tinyseg_kernels.device import to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tests.kernels.case import Case
from tests.kernels.contract import OperationContract
from tests.kernels.portable import (
    batch_norm_inference_backward,
    batch_norm_inference_forward,
    batch_norm_train_backward,
    batch_norm_train_forward,
)
from tests.support.errors import ErrorLog, relative_error


def inference(x: Any, gamma: Any, beta: Any, mean: Any, variance: Any, *, epsilon: float = 1e-3) -> jax.Array:
    """The formula, with statistics given."""
    y = (x - mean) / jnp.sqrt(variance + epsilon)
    return y * (1 if gamma is None else gamma) + (0 if beta is None else beta)


def training(x: Any, gamma: Any, beta: Any, *, epsilon: float = 1e-3) -> jax.Array:
    """The formula, with statistics that depend on x."""
    axes = tuple(range(x.ndim - 1))
    return inference(x, gamma, beta, x.mean(axis=axes), x.var(axis=axes), epsilon=epsilon)


def statistics(rng: np.random.Generator, shapes: Mapping[str, Any]) -> list[Array]:
    """Moving mean and variance."""
    channels = shapes["x"][-1]
    return [rng.standard_normal(channels), rng.uniform(0.2, 3, channels)]


def without_unused(backward: Callable[..., Any]) -> Callable[..., Any]:
    """The kernel always returns dgamma and dbeta; a case without gamma and beta asks for dx alone."""

    def only_dx(dy: Array, cache: Any) -> list[Array | None]:
        dx, _, _ = backward(dy, cache)
        return [dx, None, None]

    return only_dx


def make_cases(kind: str, *, constants: Any = None) -> list[Case]:
    """Make the cases of training or inference."""
    functions: tuple[Any, Any, Any] = {
        "train": (batch_norm_train_forward, batch_norm_train_backward, training),
        "inference": (batch_norm_inference_forward, batch_norm_inference_backward, inference),
    }[kind]
    rest = {} if constants is None else {"constants": constants}

    def case(name: str, x: tuple[int, ...], *, affine: bool = True, large: bool = False, **options: Any) -> Case:
        forward, backward, reference = functions
        vector = (x[-1],) if affine else None
        return Case(
            f"{kind}-{name}",
            forward,
            backward if affine else without_unused(backward),
            reference,
            {"x": x, "gamma": vector, "beta": vector},
            options,
            batched=(),
            scattered=name.startswith("scattered"),
            large=large,
            **rest,
        )

    return [
        case("images", (2, 4, 5, 3)),
        case("rows", (11, 4)),
        case("one-channel", (3, 5, 2, 1)),
        case("one-image", (1, 3, 5, 2)),
        case("epsilon", (3, 4, 2), epsilon=0.5),
        case("without-scale-and-shift", (2, 3, 4, 2), affine=False),
        case("scattered", (3, 4, 5, 3)),
        # Several blocks of rows and a rest.
        case("blocks", (5, 83, 61, 7), large=True),
    ]


class TestBatchNorm(OperationContract):
    """batch_norm_train and batch_norm_inference."""

    cases = (*make_cases("train"), *make_cases("inference", constants=statistics))

    def test_one_position_becomes_the_shift(self, rung: str, rng: np.random.Generator) -> None:
        """A batch of one number per channel has variance 0; epsilon keeps the division possible."""
        x, beta = rng.standard_normal((1, 4)), rng.standard_normal(4)
        y, cache = batch_norm_train_forward(x, np.full(4, 2.0), beta)
        np.testing.assert_array_equal(y, beta[None])
        dx, _, dbeta = batch_norm_train_backward(np.ones((1, 4)), cache)
        np.testing.assert_array_equal(dx, 0)
        np.testing.assert_array_equal(dbeta, 1)

    def test_statistics_are_those_of_keras(self, rung: str, rng: np.random.Generator, record_error: ErrorLog) -> None:
        """The variance divides by the number of positions, not by one less.

        Momentum 0 makes Keras keep the batch's own.
        """
        x = rng.normal(3, 2, (2, 3, 4, 5)).astype(np.float32)
        ones, zeros = np.ones(5, np.float32), np.zeros(5, np.float32)
        layer = keras.layers.BatchNormalization(momentum=0.0)  # it computes in float32 whatever its dtype
        expected = np.asarray(layer(x, training=True))
        y, cache = batch_norm_train_forward(x, ones, zeros)
        inferred, _ = batch_norm_inference_forward(x + 1, ones, zeros, cache.mean, cache.variance)
        for actual, keras_value in (
            (y, expected),
            (to_host(cache.mean), np.asarray(layer.moving_mean)),
            (to_host(cache.variance), np.asarray(layer.moving_variance)),
            (inferred, np.asarray(layer(x + 1, training=False))),
        ):
            error = relative_error(actual, keras_value)
            record_error("Keras float32", error)
            assert error < 1e-5

    def test_a_small_spread_far_from_zero_keeps_its_variance(self, rung: str, rng: np.random.Generator) -> None:
        """The difference of two large sums would give 0 here, or less."""
        x = (1000 + rng.standard_normal((3, 20, 20, 2))).astype(np.float32)
        _, cache = batch_norm_train_forward(x, None, None)
        assert relative_error(to_host(cache.variance), x.astype(np.float64).var(axis=(0, 1, 2))) < 1e-3

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"x": ()}, r"expected x \(\.\.\., C\) with at least one position, got shape \(\)"),
            ({"x": (3,)}, r"expected x \(\.\.\., C\) with at least one position, got shape \(3,\)"),
            ({"x": (0, 4, 3)}, r"expected x .* with at least one position, got shape \(0, 4, 3\)"),
            ({"gamma": (4,)}, r"expected gamma of shape \(3,\) \(one number per channel\), got shape \(4,\)"),
            ({"beta": (1, 3)}, r"expected beta of shape \(3,\) .* got shape \(1, 3\)"),
            ({"mean": (2,)}, r"expected mean of shape \(3,\) .* got shape \(2,\)"),
            ({"variance": ()}, r"expected variance of shape \(3,\) .* got shape \(\)"),
            ({"epsilon": 0}, "epsilon: expected a number above 0, got 0"),
            ({"epsilon": float("nan")}, "epsilon: expected a number above 0, got nan"),
        ],
    )
    def test_a_mistake_is_named(self, rung: str, rng: np.random.Generator, changes: Any, message: str) -> None:
        shapes = {"x": (2, 4, 3), "gamma": (3,), "beta": (3,), "mean": (3,), "variance": (3,)}
        epsilon = changes.get("epsilon", 1e-3)
        x, gamma, beta, mean, variance = (
            np.asarray(rng.standard_normal(changes.get(name, shape))) for name, shape in shapes.items()
        )
        with pytest.raises(InvalidInput, match=f"batch_norm: {message}"):
            batch_norm_inference_forward(x, gamma, beta, mean, variance, epsilon=epsilon)
        if "mean" not in changes and "variance" not in changes:
            with pytest.raises(InvalidInput, match=f"batch_norm: {message}"):
                batch_norm_train_forward(x, gamma, beta, epsilon=epsilon)
