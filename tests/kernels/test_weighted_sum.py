"""weighted_sum against NumPy's arithmetic in float64.

Weights that broadcast, ignored positions, and the same bits in every run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tinyseg_emulator.host.hostcupy import TRANSFERS
from tinyseg_kernels.device import is_device_array, to_backend, to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.weighted_sum import weighted_sum_backward, weighted_sum_forward, without_ignored

WEIGHTS = [None, (4, 1, 1), (4, 5, 3), (1, 5, 3), (1, 1, 1), (4, 1, 3), (1, 5, 1)]
DTYPES = ["float64", "float32"]


def there(array: Any) -> Any:
    """Bring an array to where the backend in use computes."""
    return None if array is None else to_backend(array)


def run(losses: Any, weight: Any = None, valid: Any = None, **options: Any) -> tuple[float, np.ndarray]:
    """Return the value and dl, on the host."""
    value, cache = weighted_sum_forward(there(losses), there(weight), there(valid), **options)
    return float(value), to_host(weighted_sum_backward(-1.5, cache))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("ignoring", [False, True])
@pytest.mark.parametrize("shape", WEIGHTS)
def test_value_and_gradient(
    rung: str, shape: tuple[int, ...] | None, ignoring: bool, dtype: str, rng: np.random.Generator
) -> None:
    losses = rng.standard_normal((4, 5, 3)).astype(dtype)
    weight = None if shape is None else rng.uniform(0, 2, shape).astype(dtype)
    spread = np.broadcast_to(1.0 if weight is None else weight, losses.shape)
    valid = None
    if ignoring:
        valid = rng.random(losses.shape) < 0.6
        losses[~valid] = np.nan
        spread = spread * valid
        weight = spread.astype(dtype)
    value, dl = run(losses, weight, valid, divisor=7.0)
    expected = (np.nan_to_num(losses).astype(np.float64) * spread).sum() / 7
    assert value == pytest.approx(expected, rel=1e-14 if dtype == "float64" else 1e-6)
    assert dl.dtype == dtype
    np.testing.assert_allclose(dl, -1.5 * spread / 7, rtol=1e-6 if dtype == "float32" else 1e-14)


def test_dtypes_may_differ(rung: str, rng: np.random.Generator) -> None:
    """As for a loss in float64 of predictions in float32."""
    losses, weight = rng.standard_normal((3, 4)), rng.uniform(0, 2, (3, 1)).astype(np.float32)
    value, dl = run(losses, weight, divisor=3.0, dtype=np.float32)
    assert value == pytest.approx((losses * weight).sum() / 3, rel=1e-14)
    assert dl.dtype == np.float32
    np.testing.assert_allclose(dl, np.broadcast_to(-0.5 * weight, (3, 4)), rtol=1e-6)


def test_the_sum_is_in_float64_and_has_the_same_bits_in_every_run(rung: str, rng: np.random.Generator) -> None:
    losses = rng.uniform(0, 1, (3, 1000)).astype(np.float32)
    first, _ = run(losses)
    assert first == pytest.approx(losses.astype(np.float64).sum(), rel=1e-14)
    assert run(losses)[0] == first


def test_millions_of_losses(rung: str, rng: np.random.Generator) -> None:
    if rung in ("naive", "numba-cuda"):
        return  # minutes
    losses = rng.uniform(0, 1, 3_000_001).astype(np.float32)
    value, _ = weighted_sum_forward(there(losses))
    assert float(value) == pytest.approx(losses.astype(np.float64).sum(), rel=1e-13)


def test_nothing_is_fetched(rung: str, rng: np.random.Generator) -> None:
    losses, valid = to_backend(rng.standard_normal((4, 5))), to_backend(rng.random((4, 5)) < 0.5)
    before = TRANSFERS.to_host
    value, cache = weighted_sum_forward(losses, None, valid)
    dl = weighted_sum_backward(2.0, cache)
    without_ignored(to_backend(rng.standard_normal((4, 5, 3))), valid)
    assert TRANSFERS.to_host == before
    assert is_device_array(value) == is_device_array(dl) == is_device_array(losses)
    assert isinstance(value, float) or (value.shape, value.dtype) == ((), np.float64)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0, 2)])
def test_no_losses(rung: str, shape: tuple[int, ...]) -> None:
    value, dl = run(np.zeros(shape, np.float32), divisor=1.0)
    assert value == 0
    assert dl.shape == shape


def test_a_loss_without_axes(rung: str) -> None:
    value, dl = run(np.array(3.0), np.array(0.5), divisor=2.0)
    assert value == 0.75
    assert (dl.shape, float(dl)) == ((), -0.375)


@pytest.mark.parametrize("rubbish", [np.nan, np.inf])
def test_ignored_positions_are_cleared(rung: str, rubbish: float, rng: np.random.Generator) -> None:
    gradient, valid = rng.standard_normal((4, 70, 3)), rng.random((4, 70)) < 0.6
    expected = np.where(valid[..., None], gradient, 0)
    gradient[~valid] = rubbish
    np.testing.assert_array_equal(to_host(without_ignored(to_backend(gradient), to_backend(valid))), expected)


@pytest.mark.parametrize(
    ("weight", "valid", "message"),
    [
        (np.ones(3), None, r"expected weight that broadcasts over \(4, 3\), got \(3,\)"),
        (np.ones((4, 2)), None, r"expected weight that broadcasts over \(4, 3\), got \(4, 2\)"),
        (np.ones((4, 3), np.int64), None, "expected weight of dtype float32 or float64, got int64"),
        (None, np.ones((4, 1), bool), r"expected valid of shape \(4, 3\) and bool, got \(4, 1\) and bool"),
        (None, np.ones((4, 3)), r"expected valid of shape \(4, 3\) and bool, got \(4, 3\) and float64"),
    ],
)
def test_what_does_not_fit(rung: str, weight: Any, valid: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=f"weighted_sum: {message}"):
        weighted_sum_forward(to_backend(np.ones((4, 3))), there(weight), there(valid))
