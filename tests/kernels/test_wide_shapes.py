"""batch_norm, softmax and softmax_cross_entropy on a GPU.

Each way that a shape is computed, long sums, infinities, same bits, and what stays on the device.

The cases of the contract are small; the kernels choose by the number of channels or classes, of positions, and by
alignment. Expected values are computed here in float64 by the formula.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.host import hostcupy
from tinyseg_kernels.backend import GPU_BACKENDS
from tinyseg_kernels.batch_norm import batch_norm_train_backward, batch_norm_train_forward
from tinyseg_kernels.device import to_device, to_host
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.gpu.nvrtc import find_nvrtc
from tinyseg_kernels.softmax import softmax_backward, softmax_forward
from tinyseg_kernels.softmax_cross_entropy import (
    softmax_cross_entropy_backward,
    softmax_cross_entropy_forward,
    softmax_cross_entropy_of_checked_ids,
)
from tinyseg_kernels.types import Array

from tests.kernels.backends import BACKENDS, EMULATED, choose
from tests.support.errors import ErrorLog, relative_error

ON_GPU = [name for name in BACKENDS if name in GPU_BACKENDS]
TOLERANCE = {"float32": 2e-6, "float64": 4e-15}


@pytest.fixture(params=ON_GPU)
def gpu(request: pytest.FixtureRequest) -> Iterator[str]:
    """Run the test on each backend of a GPU; the value is its name."""
    with choose(request.param):
        yield request.param


def probabilities(x: Array) -> Array:
    """Softmax along the last axis in float64."""
    powers = np.exp(x.astype(np.float64) - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


ROWS = [
    (131, 2),
    (128, 3),
    (129, 8),
    (1, 11),
    (257, 11),
    (5, 16),
    (130, 17),
    (9, 32),
    (9, 33),
    (3, 300),
    (2, 1025),
    (2, 2100),
]
"""Around the sizes of blocks, and both sides of what lies in registers, is done by a warp, and by a block."""


@pytest.mark.parametrize("shape", ROWS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
class TestRows:
    """softmax and softmax_cross_entropy for all lengths of rows."""

    def test_softmax(self, gpu: str, shape: tuple[int, int], dtype: str, rng: np.random.Generator) -> None:
        x, dy = (3 * rng.standard_normal((2, *shape))).astype(dtype)
        y, cache = softmax_forward(to_device(x))
        dx = softmax_backward(to_device(dy), cache)
        p = probabilities(x)
        assert relative_error(to_host(y), p) < TOLERANCE[dtype]
        assert relative_error(to_host(dx), p * (dy - (dy * p).sum(axis=-1, keepdims=True))) < TOLERANCE[dtype]

    def test_along_another_axis(self, gpu: str, shape: tuple[int, int], dtype: str, rng: np.random.Generator) -> None:
        x, dy = (3 * rng.standard_normal((2, 2, *shape[::-1]))).astype(dtype)
        y, cache = softmax_forward(to_device(x), axis=1)
        dx = softmax_backward(to_device(dy), cache)
        p = np.swapaxes(probabilities(np.swapaxes(x, 1, 2)), 1, 2)
        assert relative_error(to_host(y), p) < TOLERANCE[dtype]
        assert relative_error(to_host(dx), p * (dy - (dy * p).sum(axis=1, keepdims=True))) < TOLERANCE[dtype]

    @pytest.mark.parametrize("by_ids", [True, False], ids=["ids", "distributions"])
    def test_cross_entropy(
        self, gpu: str, shape: tuple[int, int], dtype: str, by_ids: bool, rng: np.random.Generator
    ) -> None:
        rows, classes = shape
        logits, dloss = (3 * rng.standard_normal(shape)).astype(dtype), rng.standard_normal(rows).astype(dtype)
        ids = rng.integers(0, classes, rows)
        weights = np.eye(classes)[ids] if by_ids else rng.uniform(0, 2, shape).astype(dtype)
        loss, cache = softmax_cross_entropy_forward(to_device(logits), to_device(ids if by_ids else weights))
        dlogits = softmax_cross_entropy_backward(to_device(dloss), cache)
        p, t = probabilities(logits), weights.astype(np.float64)
        assert relative_error(to_host(loss), -(t * np.log(p)).sum(axis=-1)) < TOLERANCE[dtype]
        expected = (p * t.sum(axis=-1, keepdims=True) - t) * dloss[:, None]
        assert relative_error(to_host(dlogits), expected) < TOLERANCE[dtype]


@pytest.mark.skipif(not EMULATED, reason="a GPU has no such checks")
@pytest.mark.parametrize("shape", [(129, 11), (9, 33), (2, 2100), (411, 3), (130, 64), (3, 1028)])
def test_no_races_in_any_way_of_computing(gpu: str, shape: tuple[int, int], rng: np.random.Generator) -> None:
    """No race, no access out of bounds, no read of unset shared memory, in the kernels that the contract's small cases
    do not reach.
    """
    rows, columns = shape if gpu == "cupy" else (min(shape[0], 20), min(shape[1], 1030))  # Numba's checks are slow
    x, vector = (
        to_device(rng.standard_normal((rows, columns)).astype(np.float32)),
        to_device(np.ones(columns, np.float32)),
    )
    with emulation(races=True, thread_order="down") as findings:
        y, cache = softmax_forward(x)
        softmax_backward(x, cache)
        for target in (to_device(rng.integers(0, columns, rows)), y):
            loss, cache = softmax_cross_entropy_forward(x, target)
            softmax_cross_entropy_backward(loss, cache)
        _, cache = batch_norm_train_forward(x, vector, vector)
        batch_norm_train_backward(x, cache)
    assert not list(findings), str(findings)


@pytest.mark.parametrize("classes", [4, 40, 2100])
def test_infinities_are_what_numpy_makes_of_them(gpu: str, classes: int, rng: np.random.Generator) -> None:
    x = rng.standard_normal((7, classes))
    x[0, 1] = -np.inf
    x[1, :-1] = -np.inf
    x[2, 0] = np.inf
    x[3, [0, -1]] = np.inf
    x[4] = -np.inf
    x[5, 2] = np.nan
    ids = np.array([1, 0, 1, 0, 1, 1, 3])
    results = []
    for name in (gpu, "numpy"):
        with choose(name), np.errstate(all="ignore"):
            there = to_device if name == gpu else np.asarray
            y, _ = softmax_forward(there(x))
            loss, cache = softmax_cross_entropy_forward(there(x), there(ids))
            dlogits = softmax_cross_entropy_backward(there(np.ones(7)), cache)
            results.append([to_host(a) for a in (y, loss, dlogits)])
    for actual, expected in zip(*results, strict=True):
        np.testing.assert_allclose(actual, expected, rtol=1e-13, atol=1e-15)
    y, loss, _ = results[0]
    assert np.isinf(loss[:2]).all()
    np.testing.assert_array_equal(np.isnan(loss), [False, False, True, True, True, True, False])
    np.testing.assert_array_equal(np.isnan(y).any(axis=1), np.isnan(loss))


@pytest.mark.parametrize("classes", [3, 40])
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"])
def test_ids_of_any_integer_dtype(gpu: str, classes: int, dtype: str, rng: np.random.Generator) -> None:
    logits, ids = rng.standard_normal((6, classes)), np.array([0, 2, 1, 1, 0, classes - 1], dtype)
    loss, cache = softmax_cross_entropy_forward(to_device(logits), to_device(ids))
    p = probabilities(logits)
    np.testing.assert_allclose(to_host(loss), -np.log(p[np.arange(6), ids]), rtol=1e-13)
    dlogits = to_host(softmax_cross_entropy_backward(to_device(np.ones(6)), cache))
    np.testing.assert_allclose(dlogits, p - np.eye(classes)[ids.astype(int)], atol=1e-14)


@pytest.mark.parametrize("classes", [3, 40, 2100])
@pytest.mark.parametrize("dtype", ["int32", "int64", "uint64", "uint8"])
def test_an_id_that_is_no_class_gives_nan_and_nothing_else(
    gpu: str, classes: int, dtype: str, rng: np.random.Generator
) -> None:
    """Ids that nobody checked are never used as an index; guard pages would show it."""
    bad = {"int32": [-1, 2**31 - 1], "int64": [2**32, -(2**63)], "uint64": [2**64 - 1, 2**63], "uint8": [255, 254]}[
        dtype
    ]
    if dtype == "uint8" and classes > 254:
        bad = []
    ids = np.array([1, *bad, 2], np.dtype(dtype))
    logits = rng.standard_normal((len(ids), classes)).astype(np.float32)
    loss, cache = softmax_cross_entropy_of_checked_ids(to_device(logits), to_device(ids))
    dlogits = softmax_cross_entropy_backward(to_device(np.ones(len(ids), np.float32)), cache)
    good = np.ones(len(ids), bool)
    good[1:-1] = False
    np.testing.assert_array_equal(np.isfinite(to_host(loss)), good)
    np.testing.assert_array_equal(np.isfinite(to_host(dlogits)).all(axis=1), good)
    np.testing.assert_array_equal(np.isnan(to_host(dlogits)).all(axis=1), ~good)
    if bad:
        with pytest.raises(InvalidInput, match=rf"expected class ids from 0 to {classes - 1} .* at index \(1,\)"):
            softmax_cross_entropy_forward(to_device(logits), to_device(ids))


@pytest.mark.skipif(not EMULATED, reason="the emulator counts transfers")
def test_nothing_crosses_to_the_host_for_checked_ids(gpu: str, rng: np.random.Generator) -> None:
    logits, ids = to_device(rng.standard_normal((5, 3))), to_device(rng.integers(0, 3, 5))
    dloss, x = to_device(np.ones(5)), to_device(rng.standard_normal((5, 3)))
    hostcupy.TRANSFERS.reset()
    _, cache = softmax_cross_entropy_of_checked_ids(logits, ids)
    softmax_cross_entropy_backward(dloss, cache)
    _, norm = batch_norm_train_forward(x, None, None)
    batch_norm_train_backward(x, norm)
    assert (hostcupy.TRANSFERS.to_host, hostcupy.TRANSFERS.to_device) == (0, 0)


MATRICES = [(3000, 1), (1000, 2), (411, 3), (64, 64), (65, 64), (700, 20), (9, 300), (3, 1028), (2, 2050), (1, 5)]
"""One chunk of rows and several, one tile of columns and several, with packs of 16 bytes and without."""


class TestBatchNorm:
    """batch_norm for all shapes of matrices."""

    @pytest.mark.parametrize("shape", MATRICES)
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_shapes(
        self, gpu: str, shape: tuple[int, int], dtype: str, rng: np.random.Generator, record_error: ErrorLog
    ) -> None:
        x, dy = (rng.standard_normal((2, *shape)) + np.array([5, 0])[:, None, None]).astype(dtype)
        gamma, beta = rng.uniform(0.5, 2, (2, shape[1])).astype(dtype)
        results = run_batch_norm(x, gamma, beta, dy)
        for name, actual, expected in zip(NAMES, results, expected_batch_norm(x, gamma, beta, dy), strict=True):
            error = relative_error(actual, expected)
            record_error(f"batch_norm {dtype} {name}", error)
            assert error < {"float32": 1e-5, "float64": 1e-13}[dtype], name

    @pytest.mark.parametrize("columns", [1, 3, 8])
    def test_a_mean_far_above_the_spread(self, gpu: str, columns: int, rng: np.random.Generator) -> None:
        """float32 holds these numbers to 1/4096 of their spread; the variance of what it holds is right to 1e-6."""
        x = (2.0**11 + rng.standard_normal((1500, columns))).astype(np.float32)
        x[0] += 100  # relative to a first row that is an outlier, too
        _, cache = batch_norm_train_forward(to_device(x), None, None)
        exact = x.astype(np.float64)
        assert relative_error(to_host(cache.variance), exact.var(axis=0)) < 2e-6
        assert relative_error(to_host(cache.mean), exact.mean(axis=0)) < 1.2e-7

    @pytest.mark.parametrize("columns", [1, 4])
    def test_long_sums(self, gpu: str, columns: int, rng: np.random.Generator, record_error: ErrorLog) -> None:
        """Sums over up to two million numbers of one sign, on which a running total in float32 loses three digits."""
        rows = 2_000_000 // columns if gpu == "cupy" else 8_000
        dy = (rng.random((rows, columns)) + 0.1).astype(np.float32)
        x = (rng.random((rows, columns)) + 7).astype(np.float32)
        _, cache = batch_norm_train_forward(to_device(x), None, None)
        _, dgamma, dbeta = batch_norm_train_backward(to_device(dy), cache)
        mean, inverse = (to_host(a).astype(np.float64) for a in (cache.mean, cache.inverse_deviation))
        exact = x.astype(np.float64)
        for name, actual, expected, size in (
            ("mean", to_host(cache.mean), exact.mean(axis=0), 7),
            ("variance", to_host(cache.variance), exact.var(axis=0), 1 / 12),
            ("dbeta", to_host(dbeta), dy.sum(axis=0, dtype=np.float64), 0.6 * rows),
            # The terms of dgamma have both signs: the error is relative to the sum of their sizes.
            ("dgamma", to_host(dgamma), (dy * (exact - mean)).sum(axis=0) * inverse, 0.5 * rows),
        ):
            error = float(np.abs(actual - expected).max() / size)
            record_error(f"long sums {gpu} {name}", error)
            assert error < 1e-6, name

    @pytest.mark.parametrize("columns", [3, 64])
    def test_any_order_of_threads_gives_the_same_bits(self, gpu: str, columns: int, rng: np.random.Generator) -> None:
        x, dy = rng.standard_normal((2, 600, columns)).astype(np.float32)
        gamma, beta = rng.standard_normal((2, columns)).astype(np.float32)
        first = run_batch_norm(x, gamma, beta, dy)
        for order in ("up", "down", "rotated:5") if EMULATED else ("as the GPU has it",):
            with emulation(thread_order=order) if EMULATED else nullcontext():
                for name, a, b in zip(NAMES, run_batch_norm(x, gamma, beta, dy), first, strict=True):
                    assert a.tobytes() == b.tobytes(), name

    def test_views_that_are_not_aligned(self, gpu: str, rng: np.random.Generator) -> None:
        """A part of an array may begin anywhere: then packs of 16 bytes are not loaded, with the same result."""
        arrays = [rng.standard_normal(shape).astype(np.float32) for shape in ((90, 8), (8,), (8,), (90, 8))]
        expected = run_batch_norm(*arrays)
        shifted = []
        for array in arrays:
            storage = to_device(np.concatenate([np.full(1, np.nan, np.float32), array.reshape(-1)]))
            shifted.append(storage[1:].reshape(array.shape))
        for name, a, b in zip(NAMES, run_batch_norm(*shifted), expected, strict=True):
            assert relative_error(a, b) < 1e-6, name


NAMES = ("y", "mean", "variance", "dx", "dgamma", "dbeta")


def run_batch_norm(x: Any, gamma: Any, beta: Any, dy: Any) -> list[Array]:
    """Return what `NAMES` says, fetched."""
    x, gamma, beta, dy = (to_device(a) for a in (x, gamma, beta, dy))
    y, cache = batch_norm_train_forward(x, gamma, beta)
    return [to_host(a) for a in (y, cache.mean, cache.variance, *batch_norm_train_backward(dy, cache))]


def expected_batch_norm(x: Array, gamma: Array, beta: Array, dy: Array) -> list[Array]:
    """Return what `NAMES` says, by the formulas in float64."""
    x, gamma, beta, dy = (a.astype(np.float64) for a in (x, gamma, beta, dy))
    mean, variance = x.mean(axis=0), x.var(axis=0)
    s = 1 / np.sqrt(variance + 1e-3)
    z = (x - mean) * s
    dx = gamma * s * (dy - dy.mean(axis=0) - z * (dy * z).mean(axis=0))
    return [gamma * z + beta, mean, variance, dx, (dy * z).sum(axis=0), dy.sum(axis=0)]


@pytest.mark.skipif(find_nvrtc() is None, reason="NOT CHECKED: NVRTC is not installed")
@pytest.mark.parametrize("classes", [8, 12, 13, 24, 32])
def test_rows_of_up_to_32_classes_lie_in_registers(classes: int) -> None:
    """Numbers of classes that the rungs do not list: in float32 none of them spills."""
    from tinyseg_kernels.gpu.resources import PACKAGE, compile_file, violations

    for file in ("softmax/softmax_registers.cu", "softmax_cross_entropy/cross_entropy_registers.cu"):
        kernels = compile_file(PACKAGE / file, "sm_80", "float32", {"CLASSES": classes, "ID_BYTES": 1})
        assert kernels
        assert [problem for kernel in kernels for problem in violations(kernel)] == []
