"""exp, log and log(1 + u) over their whole range against float64; vectors as values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest
from tinyseg_kernels.cpu.gemm.micro_kernel import LANES
from tinyseg_kernels.cpu.vectors.exponential import HIGHEST, LOWEST, VANISHED, exponential, exponential_of_negatives
from tinyseg_kernels.cpu.vectors.lanes import first_lanes, first_number, largest, sum_of
from tinyseg_kernels.cpu.vectors.logarithm import logarithm, logarithm_of_1_plus
from tinyseg_kernels.cpu.vectors.probabilities import at_least_smallest, log_of_clipped
from tinyseg_kernels.cpu.vectors.vectors import load, maximum, splat, store
from tinyseg_kernels.cross_entropy.numpy_cpu import bounded, clipped_log

from tests.support.errors import ErrorLog

TINY = np.finfo(np.float32).tiny


def applied(function: Any) -> Callable[[Any], np.ndarray]:
    """Return a function of arrays that applies a compiled function to each number."""

    @numba.njit(error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
    def loop(x, y):  # type: ignore[no-untyped-def]
        for k in range(x.size):
            y[k] = function(x[k])

    def apply(x: Any) -> np.ndarray:
        x = np.asarray(x, np.float32)
        y = np.empty_like(x)
        loop(x, y)
        return y

    return apply


def largest_error(actual: np.ndarray, expected: np.ndarray) -> float:
    return float(np.max(np.abs(actual.astype(float) - expected) / np.abs(expected)))


EXP, LOG, LOG_OF_1_PLUS = applied(exponential), applied(logarithm), applied(logarithm_of_1_plus)


def test_exponential(rng: np.random.Generator, record_error: ErrorLog) -> None:
    x = np.concatenate(
        [rng.uniform(-87.3, float(HIGHEST), 500_000), rng.normal(0, 1, 200_000), np.linspace(-1e-3, 1e-3, 9999)]
    ).astype(np.float32)
    error = largest_error(EXP(x), np.exp(x.astype(float)))
    record_error("exponential", error)
    assert error < 2e-7


def test_exponential_at_the_limits() -> None:
    nearly = np.nextafter(HIGHEST, np.float32(0))
    assert largest_error(EXP([nearly]), np.exp(np.array([nearly], float))) < 2e-7
    assert EXP([np.nextafter(HIGHEST, np.float32(100))])[0] == np.inf
    x = np.linspace(float(LOWEST), -87.3, 100_000).astype(np.float32)  # results without all digits
    np.testing.assert_allclose(EXP(x), np.exp(x.astype(float)), rtol=2e-7, atol=2e-45)
    special = EXP([0, -0.0, np.inf, -np.inf, np.nan, -1e30, 1e30, -104, 1e-45])
    np.testing.assert_array_equal(special, np.float32([1, 1, np.inf, 0, np.nan, 0, np.inf, 0, 1]))
    ordered = EXP(np.linspace(-110, 95, 1_000_001).astype(np.float32))
    assert (ordered[1:] >= ordered[:-1] * (1 - 2.5e-7)).all()


@numba.njit
def exp_of_negatives(x, y):  # type: ignore[no-untyped-def]
    """Write exp of x, whose size is a multiple of LANES."""
    for k in range(0, x.size * 4, LANES * 4):
        store(y.ctypes.data + k, exponential_of_negatives(load(x.ctypes.data + k)))


def test_exponential_of_negatives(rng: np.random.Generator, record_error: ErrorLog) -> None:
    numbers = [
        rng.uniform(float(VANISHED), 0, 64 * LANES),
        -rng.exponential(1, 64 * LANES),
        np.linspace(-1e-3, 0, LANES),
    ]
    x = np.concatenate(numbers).astype(np.float32)
    y = np.empty_like(x)
    exp_of_negatives(x, y)
    error = largest_error(y, np.exp(x.astype(float)))
    record_error("exponential of negatives", error)
    assert error < 2e-7
    special = np.zeros(LANES, np.float32)
    special[:6] = [0, -0.0, -np.inf, np.nan, np.nextafter(VANISHED, np.float32(-100)), -1e30]
    y = np.empty_like(special)
    exp_of_negatives(special, y)
    np.testing.assert_array_equal(y[:6], np.float32([1, 1, 0, np.nan, 0, 0]))


def test_logarithm(rng: np.random.Generator, record_error: ErrorLog) -> None:
    exponents = rng.uniform(-37.9, 38.5, 500_000)
    near = [1 + rng.uniform(-0.5, 1, 200_000), 1 + 10 ** rng.uniform(-7, -1, 100_000), rng.uniform(1e-7, 1, 100_000)]
    x = np.concatenate([10**exponents, *near]).astype(np.float32)
    x = x[x != 1]
    error = largest_error(LOG(x), np.log(x.astype(float)))
    record_error("logarithm", error)
    assert error < 3e-7


def test_logarithm_at_the_limits() -> None:
    small = np.float32([1e-45, 1e-40, TINY, np.nextafter(TINY, np.float32(0)), np.finfo(np.float32).max])
    assert largest_error(LOG(small), np.log(small.astype(float))) < 3e-7
    special = LOG([1, 0, -0.0, -1, -np.inf, np.inf, np.nan, -1e-45])
    np.testing.assert_array_equal(special, [0, -np.inf, -np.inf, np.nan, np.nan, np.inf, np.nan, np.nan])


def test_logarithm_of_1_plus(rng: np.random.Generator, record_error: ErrorLog) -> None:
    x = np.concatenate([rng.uniform(0, 1, 300_000), 10 ** rng.uniform(-37, 0, 300_000), [1, TINY]]).astype(np.float32)
    error = largest_error(LOG_OF_1_PLUS(x), np.log1p(x.astype(float)))
    record_error("logarithm of 1 + u", error)
    assert error < 3e-7
    np.testing.assert_array_equal(LOG_OF_1_PLUS([0, np.nan]), np.float32([0, np.nan]))


def test_probabilities_are_treated_as_everywhere() -> None:
    p = np.float32([0, 1e-45, 1e-31, 1e-30, 1e-8, 1e-7, 0.3, 1 - 1e-7, 1, 1.5, -1, np.nan, np.inf])
    np.testing.assert_allclose(applied(log_of_clipped)(p), clipped_log(p), rtol=3e-7)
    np.testing.assert_array_equal(applied(at_least_smallest)(p), bounded(p))


@numba.njit
def run_vectors(a, b, factor, out):  # type: ignore[no-untyped-def]
    """Write a + b, a - b, a * b, factor * b, max(a, b) and a splat to rows of out."""
    x, y, step = load(a.ctypes.data), load(b.ctypes.data), out.strides[0]
    store(out.ctypes.data, x + y)
    store(out.ctypes.data + step, x - y)
    store(out.ctypes.data + 2 * step, x * y)
    store(out.ctypes.data + 3 * step, factor * y)
    store(out.ctypes.data + 4 * step, maximum(x, y))
    store(out.ctypes.data + 5 * step, splat(factor))


@pytest.mark.parametrize("shift", [0, 1])
def test_vectors(shift: int, rng: np.random.Generator) -> None:
    """At any address that a float32 may have, and nothing but LANES numbers are written."""
    a, b = (rng.standard_normal(LANES + 1).astype(np.float32)[shift:][:LANES] for _ in range(2))
    out, factor = np.full((6, LANES + 3), 9, np.float32), np.float32(2.5)
    run_vectors(a, b, factor, out)
    expected = [a + b, a - b, a * b, factor * b, np.maximum(a, b), np.full(LANES, factor)]
    np.testing.assert_allclose(out[:, :LANES], expected, rtol=1e-7)
    assert (out[:, LANES:] == 9).all()


@numba.njit
def run_lanes(a, count, out):  # type: ignore[no-untyped-def]
    """Write the largest number, the first lanes, the sum and the first number of a."""
    x, step = load(a.ctypes.data), out.strides[0]
    store(out.ctypes.data, largest(x))
    store(out.ctypes.data + step, first_lanes(count, x, splat(np.float32(7))))
    out[2, 0], out[2, 1] = sum_of(x), first_number(x)


@pytest.mark.parametrize("count", [1, LANES - 1, LANES])
def test_between_lanes(count: int, rng: np.random.Generator) -> None:
    a, out = rng.standard_normal(LANES).astype(np.float32), np.empty((3, LANES), np.float32)
    run_lanes(a, count, out)
    np.testing.assert_array_equal(out[0], a.max())
    np.testing.assert_array_equal(out[1], np.where(np.arange(LANES) < count, a, 7))
    np.testing.assert_allclose(out[2, :2], [a.sum(), a[0]], rtol=1e-5, atol=1e-6)


def test_the_larger_of_nan_is_nan() -> None:
    a, b = np.full(LANES, np.nan, np.float32), np.ones(LANES, np.float32)
    out = np.empty((6, LANES), np.float32)
    run_vectors(a, b, np.float32(1), out)
    assert np.isnan(out[4]).all()
