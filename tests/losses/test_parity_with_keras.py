"""Every loss against Keras's: the value, and the gradient from JAX."""

from __future__ import annotations

from typing import Any

import jax
import keras
import numpy as np
import pytest

from tests.support.errors import ErrorLog
from tests.utils.backends import loss_and_gradient
from tests.utils.comparing import LIMITS, assert_agrees
from tests.utils.keras_precision import keras_floatx
from tinyseg import losses

from .cases import KERAS_CASES, Case

_known: dict[tuple[str, str, bytes], tuple[np.ndarray, np.ndarray]] = {}


def run_keras(case: Case, dtype: str, weight: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return Keras's loss and its gradient: computed once, for all backends."""
    key = str(case), dtype, b"" if weight is None else f"{weight.dtype} {weight.shape}".encode() + weight.tobytes()
    if key not in _known:
        _known[key] = _run_keras(case, dtype, weight)
    return _known[key]


def _run_keras(case: Case, dtype: str, weight: Any) -> tuple[np.ndarray, np.ndarray]:
    with keras_floatx(dtype):
        loss = getattr(keras.losses, case.name)(**case.arguments, dtype=dtype)
        labels = case.labels() if case.name.startswith("Sparse") else case.labels().astype(dtype)
        # One compilation takes less time than one for each operation.
        run = jax.jit(jax.value_and_grad(lambda p: loss(labels, p, sample_weight=weight)))
        value, gradient = run(case.predictions(dtype))
    return np.asarray(value), np.asarray(gradient)


@pytest.mark.parametrize("dtype", LIMITS)
@pytest.mark.parametrize("weights", [None, "per sample", "per position"])
@pytest.mark.parametrize("case", KERAS_CASES, ids=str)
def test_value_and_gradient(
    case: Case, weights: str | None, dtype: str, computing: str, record_error: ErrorLog
) -> None:
    weight = None if weights is None else case.sample_weights()[weights].astype(dtype)
    # Keras takes a weight per sample only as an array that broadcasts; it has no rule from the left.
    broadcast = weight if weight is None else weight.reshape(weight.shape + (1,) * (len(case.shape) - 1 - weight.ndim))
    expected, expected_gradient = run_keras(case, dtype, broadcast)
    value, gradient = loss_and_gradient(case.loss(), case.labels(), case.predictions(dtype), weight)
    assert gradient.dtype == dtype
    assert_agrees(record_error, f"Keras {dtype}", value, expected, LIMITS[dtype], "value")
    assert_agrees(record_error, f"Keras {dtype}", gradient, expected_gradient, LIMITS[dtype], "gradient")


NAMES = [
    "mse", "mae", "mean_squared_error", "mean_absolute_error", "binary_crossentropy", "categorical_crossentropy",
    "sparse_categorical_crossentropy", "MeanSquaredError", "BinaryCrossentropy", "SparseCategoricalCrossentropy",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_means_the_same_loss(name: str, record_error: ErrorLog) -> None:
    case = Case(losses.get(name).__class__.__name__, {}, (6, 3))
    ours = losses.get(name)(case.labels(), case.predictions())
    found = keras.losses.get(name)
    with keras_floatx("float64"):
        labels = case.labels() if case.name.startswith("Sparse") else case.labels().astype("float64")
        theirs = np.mean(found(labels, case.predictions()))
    assert_agrees(record_error, "Keras float32", ours, theirs, 1e-6, name)


@pytest.mark.parametrize("reduction", ["mean", "mean_with_sample_weight"])
@pytest.mark.parametrize("name", ["MeanSquaredError", "SparseCategoricalCrossentropy", "Huber"])
@pytest.mark.parametrize("weights", [None, "some", "zero"])
def test_reductions(name: str, reduction: str, weights: str | None, rng: np.random.Generator) -> None:
    """Weights of the positions' shape: Keras sums a weight that broadcasts only once."""
    p = rng.dirichlet(np.ones(3), (2, 4))
    labels: Any = rng.integers(0, 3, (2, 4)) if name.startswith("Sparse") else rng.random((2, 4, 3))
    weight = {None: None, "some": rng.uniform(0, 2, (2, 4)), "zero": np.zeros((2, 4))}[weights]
    case = getattr(keras.losses, name)(reduction=reduction)
    expected = float(case(labels, p, sample_weight=weight))
    ours = getattr(losses, name)(reduction=reduction)
    assert ours(labels, p, weight) == pytest.approx(expected, rel=1e-6)
    per_sample = rng.uniform(0.1, 2, 2)
    everywhere = np.broadcast_to(per_sample[:, None], (2, 4))
    assert ours(labels, p, per_sample) == pytest.approx(ours(labels, p, everywhere), rel=1e-12)
