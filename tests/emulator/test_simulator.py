"""Numba kernels on the CPU: what they compute."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

pytest.importorskip("greenlet", reason="NOT TESTED: the simulator needs greenlet (pip install 'tinyseg[test-gpu]')")

from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.simulator.simulate import cuda, simulate

from tests.emulator.numba_kernels import (
    ORDERS,
    bits,
    block_votes,
    every_atomic,
    locked_count,
    multiply,
    scale,
    sum_of_exponentials,
    warp_operations,
    warp_sums,
)


@pytest.mark.parametrize("order", ORDERS)
def test_a_grid_stride_loop_covers_every_number(rng: np.random.Generator, order: str) -> None:
    x = rng.standard_normal(1000).astype(np.float32)
    y = np.full_like(x, np.nan)
    with emulation(thread_order=order):
        scale[3, 64](x, y, np.float32(1.5))
    np.testing.assert_array_equal(y, x * np.float32(1.5))


@pytest.mark.parametrize("order", ORDERS)
def test_barriers_order_a_block(rng: np.random.Generator, order: str) -> None:
    x = rng.standard_normal(300).astype(np.float32)
    sums = np.full(5, np.nan, np.float32)
    with emulation(thread_order=order):
        sum_of_exponentials[5, 64](x, sums)
    expected = [np.exp(x[start : start + 64].astype(np.float64)).sum() for start in range(0, 300, 64)]
    np.testing.assert_allclose(sums, expected, rtol=1e-5)


@pytest.mark.parametrize("order", ORDERS)
def test_dynamic_shared_memory_in_two_dimensions(rng: np.random.Generator, order: str) -> None:
    a, b = rng.standard_normal((24, 16)).astype(np.float32), rng.standard_normal((16, 40)).astype(np.float32)
    c = np.full((24, 40), np.nan, np.float32)
    with emulation(thread_order=order):
        multiply[(5, 3), (8, 8), 0, 2 * 64 * 4](a, b, c)
    np.testing.assert_allclose(c, a @ b, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("order", ORDERS)
def test_shuffles(rng: np.random.Generator, order: str) -> None:
    x = rng.standard_normal(256).astype(np.float32)
    sums = np.full(8, np.nan, np.float32)
    with emulation(thread_order=order):
        warp_sums[2, 128](x, sums)
    np.testing.assert_allclose(sums, x.reshape(8, 32).sum(axis=1, dtype=np.float64), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("order", ORDERS)
def test_warp_operations_by_their_definition(rng: np.random.Generator, order: str) -> None:
    numbers = rng.integers(0, 9, 64)
    out = np.full((8, 64), -1, np.int64)
    with emulation(thread_order=order):
        warp_operations[1, 64](numbers, out)
    for base in (0, 32):
        warp = numbers[base : base + 32]
        lanes = np.arange(32)
        ours = out[:, base : base + 32]
        ours[[3, 5, 6]] &= 0xFFFFFFFF  # Numba gives masks as int32
        np.testing.assert_array_equal(ours[0], np.full(32, warp[3]))
        np.testing.assert_array_equal(ours[1], warp[np.where(lanes >= 2, lanes - 2, lanes)])
        np.testing.assert_array_equal(ours[2], warp[lanes ^ 5])
        np.testing.assert_array_equal(ours[3], np.full(32, sum(1 << k for k in range(32) if warp[k] > 4)))
        np.testing.assert_array_equal(ours[4], np.full(32, 1 + 2 * (warp > 8).any() + 4 * (len(set(warp > 4)) == 1)))
        np.testing.assert_array_equal(ours[5], [sum(1 << k for k in range(32) if warp[k] == value) for value in warp])
        np.testing.assert_array_equal(ours[6], np.full(32, 0xFFFFFFFF))
        half = [warp[k + 8] if k + 8 < 16 else None for k in range(16)]  # above, no lane of the mask answers
        assert [a for a, b in zip(ours[7], half, strict=False) if b is not None] == [b for b in half if b is not None]
        np.testing.assert_array_equal(ours[7, 16:], warp[lanes[16:] ^ 1])


def test_block_votes(rng: np.random.Generator) -> None:
    x = rng.standard_normal(96)
    out = np.zeros((96, 3), np.int64)
    block_votes[1, 96](x, out)
    np.testing.assert_array_equal(out, np.tile([(x > 0).sum(), 0, 1], (96, 1)))


@pytest.mark.parametrize("order", ORDERS)
def test_atomics(rng: np.random.Generator, order: str) -> None:
    x = rng.standard_normal(64).astype(np.float32)
    integers, floats = np.zeros(5, np.uint32), np.array([0, -9, 9, 0], np.float32)
    with emulation(thread_order=order):
        every_atomic[2, 32](x, integers, floats)
    np.testing.assert_allclose(floats, [x.sum(), x.max(), x.min(), -x.sum()], rtol=1e-4, atol=1e-5)
    assert integers[0] == 64
    assert integers[1] == np.bitwise_xor.reduce([1 << (i % 31) for i in range(64)])
    assert integers[2] == (1 << 31) - 1
    assert integers[3] == 64 % 10
    assert integers[4] == 5


@pytest.mark.parametrize("order", ORDERS)
def test_a_lock_is_passed_on(order: str) -> None:
    lock, total = np.zeros(1, np.int32), np.zeros(1, np.int32)
    with emulation(thread_order=order):
        locked_count[2, 40](lock, total)
    assert total[0] == 80


def test_bits_of_32_and_64(rng: np.random.Generator) -> None:
    for dtype, width in ((np.uint32, 32), (np.uint64, 64)):
        numbers = np.array([0, 1, 2**31, *rng.integers(0, 2**32, 13)], dtype)
        out = np.zeros((16, 4), np.uint64)
        bits[1, 16](numbers, out)
        for number, row in zip(numbers.tolist(), out.tolist(), strict=True):
            text = f"{number:0{width}b}"
            assert row == [
                text.count("1"),
                len(text) - len(text.lstrip("0")),
                (text[::-1].find("1") + 1),
                int(text[::-1], 2),
            ]


def test_shared_and_local_memory_starts_undefined_in_every_block() -> None:
    @cuda.jit
    def peek(floats: Any, integers: Any) -> None:
        shared, local = cuda.shared.array(2, np.float32), cuda.local.array(2, np.float32)
        counts = cuda.shared.array((2, 2), np.int32)
        floats[cuda.blockIdx.x, 0], floats[cuda.blockIdx.x, 1] = shared[1], local[1]
        integers[cuda.blockIdx.x] = counts[1, 1]
        shared[1], local[1], counts[1, 1] = np.float32(1), np.float32(1), 1

    floats, integers = np.zeros((3, 2), np.float32), np.zeros(3, np.int32)
    peek[3, 1](floats, integers)
    assert np.isnan(floats).all()
    assert (integers == integers[0]).all()
    assert integers[0] not in (0, 1)


def test_several_shared_arrays_of_one_line_are_several() -> None:
    @cuda.jit
    def fill(out: Any) -> None:
        a, b = cuda.shared.array(4, np.float32), cuda.shared.array(4, np.float32)
        i = cuda.threadIdx.x
        a[i], b[i] = np.float32(i), np.float32(10 + i)
        cuda.syncthreads()
        out[i] = a[3 - i] + 100 * b[3 - i]

    out = np.zeros(4)
    fill[1, 4](out)
    np.testing.assert_array_equal(out, [1303, 1202, 1101, 1000])


def test_float32_stays_float32_and_nothing_warns() -> None:
    @cuda.jit
    def values(x: Any, y: Any) -> None:
        i = cuda.grid(1)
        y[i, 0] = math.exp(x[i])  # overflows at 100: infinity, as on a GPU
        y[i, 1] = math.log(x[i] - x[i])
        y[i, 2] = math.sqrt(-x[i])
        y[i, 3] = x[i] / (x[i] - x[i])
        y[i, 4] = cuda.fma(x[i], x[i], x[i])
        y[i, 5] = x[i] * x.dtype.type(3e38)  # float64 would not overflow
        cuda.syncthreads()

    x, y = np.array([100, 2], np.float32), np.zeros((2, 6), np.float32)
    values[1, 2](x, y)  # the suite turns warnings into errors
    np.testing.assert_array_equal(y[0], np.array([np.inf, -np.inf, np.nan, np.inf, 10100, np.inf], np.float32))
    np.testing.assert_array_equal(y[1], np.array([math.exp(2), -np.inf, np.nan, np.inf, 6, np.inf], np.float32))


def test_kernels_made_by_a_function_keep_their_constants() -> None:
    def make(size: int) -> Any:
        @cuda.jit
        def kernel(out: Any) -> None:
            shared = cuda.shared.array(size, np.int64)
            shared[cuda.threadIdx.x] = size
            cuda.syncthreads()
            out[cuda.threadIdx.x] = shared[size - 1 - cuda.threadIdx.x]

        return kernel

    for size in (3, 5):
        out = np.zeros(size)
        make(size)[1, size](out)
        np.testing.assert_array_equal(out, np.full(size, size))


def test_threads_may_return_before_a_barrier_and_the_original_is_untouched(rng: np.random.Generator) -> None:
    x = rng.standard_normal(70).astype(np.float32)
    before = dict(sum_of_exponentials.py_func.__globals__)

    @cuda.jit
    def early(x: Any, y: Any) -> None:
        i = cuda.grid(1)
        if i >= x.size:
            return
        y[i] = x[i]
        cuda.syncthreads()
        y[i] += y[i - i]

    y = np.zeros_like(x)
    simulate(early, 3, 32, (x, y))
    assert np.isfinite(y).all()
    assert before == sum_of_exponentials.py_func.__globals__


@pytest.mark.skipif(find_spec("numba_cuda") is None, reason="numba-cuda is not installed")
def test_kernels_of_the_real_numba_cuda_run_beside_it() -> None:
    code = """
import numpy as np
from numba import cuda, float32
from tinyseg_emulator.simulator.simulate import simulate

@cuda.jit(device=True)
def twice(x):
    return x + x

@cuda.jit
def kernel(x, y):
    s = cuda.shared.array(8, float32)
    s[cuda.threadIdx.x] = twice(x[cuda.threadIdx.x])
    cuda.syncthreads()
    y[cuda.threadIdx.x] = s[7 - cuda.threadIdx.x]

assert type(kernel).__name__ == "CUDADispatcher"
x = np.arange(8, dtype=np.float32)
y = np.zeros_like(x)
simulate(kernel, 1, 8, (x, y))
assert (y == 2 * x[::-1]).all(), y
assert kernel.py_func.__globals__["cuda"] is cuda
"""
    subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "NUMBA_ENABLE_CUDASIM": "0"}, check=True, timeout=120
    )


def test_nothing_of_numba_is_loaded() -> None:
    code = "import sys, tinyseg_emulator.simulator.simulate; assert not {'numba', 'cupy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
