"""What the simulator refuses.

Divergent barriers, deadlocks, indices out of bounds, launches that a GPU would refuse.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("greenlet", reason="NOT TESTED: the simulator needs greenlet (pip install 'tinyseg[test-gpu]')")

from tinyseg_emulator.checks.kernel_error import KernelError
from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.checks.records import DivergentBarrier
from tinyseg_emulator.simulator.simulate import cuda, simulate
from tinyseg_kernels.errors import InvalidInput

from tests.emulator.numba_kernels import ORDERS, line_of


@cuda.jit
def two_barriers(x: Any) -> None:
    if cuda.threadIdx.x < x[0]:
        cuda.syncthreads()  # first
    else:
        cuda.syncthreads()  # second


@cuda.jit
def half_a_warp_waits(x: Any) -> None:
    if cuda.threadIdx.x < 16:
        cuda.syncwarp()
    else:
        cuda.syncthreads()


@cuda.jit
def wrong_masks(x: Any) -> None:
    if cuda.threadIdx.x < 16:
        cuda.syncwarp(0xFFFFFFFF)
    else:
        cuda.syncwarp(0xFFFF0000)
    cuda.syncthreads()


@cuda.jit
def foreign_mask(x: Any) -> None:
    cuda.shfl_sync(0xFF, x[0], 0)


@cuda.jit
def never_unlocked(lock: Any) -> None:
    while cuda.atomic.cas(lock, 0, 0, 1) != 0:
        pass


@cuda.jit
def reads_at(x: Any, y: Any, i: Any) -> None:
    if cuda.grid(1) == 37:
        y[0] = x[i]


@cuda.jit
def writes_at(x: Any, y: Any, i: Any) -> None:
    cuda.syncthreads()
    if cuda.grid(1) == 37:
        y[i] = x[0]


@cuda.jit
def raises(x: Any) -> None:
    assert x[0] > 0, "too small"


@cuda.jit
def refused(x: Any) -> None:
    x[0] = x.no_such_thing


@cuda.jit
def nothing(x: Any) -> None:
    pass


@cuda.jit
def too_much_shared(x: Any) -> None:
    a = cuda.shared.array((64, 97), np.float64)
    a[0, 0] = 0


@pytest.mark.parametrize("order", ORDERS)
def test_threads_at_different_barriers(order: str) -> None:
    with emulation(thread_order=order), pytest.raises(KernelError) as caught:
        two_barriers[2, 64](np.array([40]))
    text = str(caught.value)
    assert "'two_barriers'" in text
    assert "40 threads" in text
    assert "24 threads" in text
    assert f"test_simulator_errors.py:{line_of(two_barriers, 'first')}" in text
    assert f"test_simulator_errors.py:{line_of(two_barriers, 'second')}" in text
    assert "block (0, 0, 0)" in text
    two_barriers[2, 64](np.array([64]))  # all at one line: right


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kernel", [half_a_warp_waits, wrong_masks])
def test_deadlocks(kernel: Any, order: str) -> None:
    with (
        emulation(thread_order=order, races=True) as findings,
        pytest.raises(KernelError, match=r"deadlock.*syncwarp at .*:\d+"),
    ):
        kernel[1, 32](np.zeros(1))
    assert len(findings.of(DivergentBarrier)) == 1


def test_the_mask_must_name_the_lane_that_calls() -> None:
    with pytest.raises(
        KernelError, match=r"shfl_sync: the mask 0x000000ff does not name the lane 8 .*thread \(8, 0, 0\)"
    ):
        foreign_mask[1, 32](np.zeros(1))


def test_waiting_for_ever_ends() -> None:
    with pytest.raises(KernelError, match="wait for ever"):
        never_unlocked[1, 3](np.zeros(1, np.int32))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("i", [5, 1000, -6])
@pytest.mark.parametrize("kernel", [reads_at, writes_at])
def test_out_of_bounds(kernel: Any, i: int, order: str) -> None:
    with emulation(thread_order=order), pytest.raises(KernelError) as caught:
        kernel[2, 32](np.zeros(5), np.zeros(5), i)
    text = str(caught.value)
    assert "out of bounds" in text
    assert str(i) in text
    assert f"test_simulator_errors.py:{line_of(kernel, '] =')}" in text
    assert "block (1, 0, 0), thread (5, 0, 0)" in text


@pytest.mark.parametrize("kernel", [reads_at, writes_at])
def test_indices_from_minus_n_are_good_as_in_numba(kernel: Any) -> None:
    x, y = np.arange(1.0, 6), np.zeros(5)
    x[0] = 7
    kernel[2, 32](x, y, -5)
    assert y[0] == 7


def test_what_a_thread_raises_says_where() -> None:
    with pytest.raises(
        KernelError, match=rf"AssertionError: too small.*:{line_of(raises, 'too small')}, block"
    ) as caught:
        raises[1, 1](np.zeros(1))
    assert isinstance(caught.value.__cause__, AssertionError)


def test_what_numba_refuses_is_refused_in_its_words_with_the_line() -> None:
    with pytest.raises(
        KernelError,
        match=rf"(?s)Numba does not compile it: Unknown attribute 'no_such_thing'.*:{line_of(refused, 'no_such')}",
    ):
        refused[1, 1](np.zeros(1))


@pytest.mark.parametrize(
    ("grid", "block", "shared_mem", "text"),
    [
        (1, 1025, 0, r"block.*\(1025, 1, 1\)"),
        (1, (32, 33), 0, "at most 1024 threads"),
        (1, (1, 1, 65), 0, "block"),
        ((1, 65536), 1, 0, "grid"),
        (0, 1, 0, "grid"),
        (1, 1, 227 * 1024 + 1, "dynamic shared memory"),
    ],
)
def test_limits_of_a_gpu(grid: Any, block: Any, shared_mem: int, text: str) -> None:
    with pytest.raises(KernelError, match=text):
        nothing[grid, block, 0, shared_mem](np.zeros(1))
    nothing[(1, 1, 1), (32, 32), 0, 227 * 1024](np.zeros(1))


def test_static_shared_memory_has_48_kb() -> None:
    with pytest.raises(KernelError, match="at most 49152 bytes of static shared memory, got 49664"):
        too_much_shared[1, 1](np.zeros(1))


def test_arguments_and_options() -> None:
    with pytest.raises(TypeError, match="argument 0: expected a NumPy array or a number, got list"):
        simulate(nothing, 1, 1, ([1.0],))
    with pytest.raises(TypeError, match="say how many blocks"):
        nothing(np.zeros(1))
    for wrong in ("left", "rotated:", "rotated:x"):
        with pytest.raises(InvalidInput, match="thread_order"), emulation(thread_order=wrong):
            pass
    with pytest.raises(InvalidInput, match=r"unknown option 'racess'.*'races'"), emulation(racess=True):
        pass


def test_the_simulator_works_after_an_error() -> None:
    for _ in range(3):
        with pytest.raises(KernelError):
            two_barriers[1, 64](np.array([40]))
        two_barriers[1, 64](np.array([0]))
