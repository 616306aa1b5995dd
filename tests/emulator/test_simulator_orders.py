"""Numba kernels: what fences and atomics order, blocks that wait for each other, and an end for kernels without one."""

from __future__ import annotations

import math
import os
import signal
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tinyseg_emulator.checks.findings import Findings
from tinyseg_emulator.checks.kernel_error import KernelError
from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.checks.records import Endless, Race
from tinyseg_emulator.simulator.simulate import cuda, simulate

ORDERS = ("up", "down", "rotated:1")


@cuda.jit
def last_block(x: Any, sums: Any, count: Any, y: Any, without: Any) -> None:
    is_last = cuda.shared.array(1, np.int32)
    if cuda.threadIdx.x == 0:
        sums[cuda.blockIdx.x] = x[cuda.blockIdx.x]
        if without != 0:
            cuda.threadfence()
        is_last[0] = cuda.atomic.add(count, 0, 1) == cuda.gridDim.x - 1  # last block counts
    if without != 1:
        cuda.syncthreads()
    if is_last[0]:
        total = 0.0
        for i in range(cuda.gridDim.x):
            total += sums[i]
        y[cuda.threadIdx.x] = total
        if cuda.threadIdx.x == 0:
            count[0] = 0


@cuda.jit
def lock(held: Any, y: Any, without: Any) -> None:
    while cuda.atomic.cas(held, 0, 0, 1) != 0:  # takes the lock
        pass
    if without != 0:
        cuda.threadfence()
    y[0] = y[0] + 1
    if without != 1:
        cuda.threadfence()
    cuda.atomic.exch(held, 0, 0)  # gives it back


@cuda.jit
def waits_for_the_next(flag: Any, y: Any) -> None:
    if cuda.threadIdx.x == 0:
        if cuda.blockIdx.x + 1 < cuda.gridDim.x:
            while cuda.atomic.cas(flag, cuda.blockIdx.x + 1, 2, 2) == 0:
                pass
            cuda.threadfence()
            y[cuda.blockIdx.x] = y[cuda.blockIdx.x + 1] + 1
        else:
            y[cuda.blockIdx.x] = 1
        cuda.threadfence()
        cuda.atomic.exch(flag, cuda.blockIdx.x, 1)


@cuda.jit
def grid_steps(x: Any, y: Any, without: Any) -> None:
    i, n = cuda.grid(1), cuda.gridsize(1)
    grid = cuda.cg.this_grid()
    for _ in range(2):
        y[i] = x[(i + 1) % n]
        if without != 0:
            grid.sync()
        x[i] = y[i] + 1
        if without != 1:
            grid.sync()


@cuda.jit
def endless(x: Any) -> None:
    if cuda.threadIdx.x == 1:
        while True:  # for ever
            math.sqrt(2.0)
    cuda.syncthreads()  # the others wait
    x[cuda.threadIdx.x] = 1


LAUNCHES: dict[str, tuple[Any, int, int, Any, int]] = {
    "last_block": (last_block, 4, 8, lambda: [np.ones(4), np.zeros(4), np.zeros(1, np.int32), np.zeros(8)], 2),
    "lock": (lock, 2, 8, lambda: [np.zeros(1, np.int32), np.zeros(1, np.int32)], 2),
    "grid_steps": (grid_steps, 3, 4, lambda: [np.ones(12), np.ones(12)], 2),
}


def checked(name: str, without: int, order: str) -> tuple[Findings, list[Any]]:
    kernel, grid, block, arguments, _ = LAUNCHES[name]
    values = arguments()
    with emulation(races=True, thread_order=order) as findings:
        simulate(kernel, grid, block, [*values, without])
    return findings, values


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", LAUNCHES)
def test_right_kernels_are_clean(name: str, order: str) -> None:
    findings, values = checked(name, -1, order)
    assert not findings, str(findings)
    if name == "lock":
        assert values[1][0] == 16
    if name == "last_block":
        assert values[3].tolist() == [4.0] * 8
    if name == "grid_steps":
        assert values[0].tolist() == [3.0] * 12


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", LAUNCHES)
def test_what_is_left_out_is_found(name: str, order: str) -> None:
    for without in range(LAUNCHES[name][4]):
        assert checked(name, without, order)[0].of(Race), (name, without)


def test_a_missing_fence_is_told_with_its_line() -> None:
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    counts, takes, gives = (
        next(k for k, line in enumerate(lines, start=1) if line.endswith(f"# {text}"))
        for text in ("last block counts", "takes the lock", "gives it back")
    )
    for name, without, text in (
        ("last_block", 0, f"between the first access and the atomic at test_simulator_orders.py:{counts}"),
        ("lock", 0, f"between the atomic at test_simulator_orders.py:{takes} and the second access"),
        ("lock", 1, f"between the first access and the atomic at test_simulator_orders.py:{gives}"),
    ):
        races = checked(name, without, "up")[0].of(Race)
        assert any(text in race.advice for race in races), (name, without, races)


@pytest.mark.parametrize("order", ORDERS)
def test_a_block_may_wait_for_a_later_one(order: str) -> None:
    flag, y = np.zeros(5, np.int32), np.zeros(5, np.int32)
    with emulation(races=True, thread_order=order) as findings:
        simulate(waits_for_the_next, 5, 4, [flag, y])
    assert not findings, str(findings)
    assert y.tolist() == [5, 4, 3, 2, 1]


def test_a_kernel_without_end_is_ended() -> None:
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    waits = next(k for k, line in enumerate(lines, start=1) if line.endswith("# the others wait"))
    with emulation(races=True, seconds=0.2) as findings, pytest.raises(KernelError, match=r"no end after 0\.2 seconds"):
        simulate(endless, 1, 4, [np.zeros(4)])
    (found,) = findings.of(Endless)
    stands = {(stand.waits_for, stand.threads): stand.place for stand in found.stands}
    assert stands["syncthreads", 1].endswith(f":{waits}")  # the others of the block have not begun
    assert "while True" in str(findings) or "math.sqrt" in str(findings)


@pytest.mark.skipif(os.name == "nt", reason="os.kill does something else there")
def test_control_c_says_where_the_threads_are() -> None:
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt, match="interrupted"):
            simulate(endless, 1, 4, [np.zeros(4)])
    finally:
        timer.cancel()
