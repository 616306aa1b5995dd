"""CUDA C++ kernels that wait for each other make progress, and those without an end are ended.

With where each thread stood; without checks and with them.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

import numpy as np
import pytest
from tinyseg_emulator.checks.kernel_error import KernelError
from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.checks.records import Endless, Race
from tinyseg_emulator.cuda.native import COOPERATIVE, ORDINARY
from tinyseg_kernels.errors import InvalidInput

from tests.emulator.cuda_source import checked, compiled, launch, line_of

SOURCE = r"""
extern "C" __global__ void counts_down(float *x, int n) {
  for (unsigned i = n; i >= 0; i--)
    if (i < n) x[i] = 1;  // below zero comes the largest number
}
extern "C" __global__ void empty(float *x) {
  if (threadIdx.x == 3)
    while (true);  // nothing in it
  __syncthreads();  // the others wait
  x[threadIdx.x] = 1;
}
extern "C" __global__ void warps(int *y) {  // the first warp waits for the second
  __shared__ volatile int flag;
  if (threadIdx.x == 0) flag = 0;
  __syncthreads();
  if (threadIdx.x == 40) flag = 7;
  if (threadIdx.x == 5) {
    while (flag == 0);
    y[0] = flag;
  }
}
extern "C" __global__ void lanes(int *y) {  // and one lane for another
  __shared__ volatile int flag;
  if (threadIdx.x == 0) flag = 0;
  __syncwarp();
  if (threadIdx.x == 1) while (flag == 0);
  if (threadIdx.x == 2) flag = 1;
  __syncwarp();
  y[threadIdx.x] = flag;
}
extern "C" __global__ void atomics(int *flag, int *y) {  // the first block waits for the last
  if (threadIdx.x != 0) return;
  if (blockIdx.x + 1 < gridDim.x)
    while (atomicAdd(flag, 0) == 0);
  else
    atomicExch(flag, 1);
  y[blockIdx.x] = 1;
}
extern "C" __global__ void blocks(volatile int *flag, int *y) {
  if (threadIdx.x != 0) return;
  if (blockIdx.x == 0)
    while (flag[gridDim.x - 1] == 0);  // for the last block
  flag[blockIdx.x] = 1;
  y[blockIdx.x] = 1;
}
extern "C" __global__ void plain(int *y) {
  __shared__ int flag;
  if (threadIdx.x == 0) flag = 0;
  __syncthreads();
  if (threadIdx.x == 33) flag = 1;  // sets
  if (threadIdx.x == 0) while (flag == 0);  // reads
  y[threadIdx.x] = 1;
}
extern "C" __global__ void barriers(int *y) { while (y[0] == 0) __syncthreads(); }  // for ever
extern "C" __global__ void syncs(int *y) { y[threadIdx.x] = 1; tinyseg_sync_grid("grid.cu", 5); y[threadIdx.x] = 2; }
"""


def zeros(*counts: int) -> list[Any]:
    return [np.zeros(count, np.int32) for count in counts]


@pytest.mark.parametrize("races", [False, True])
@pytest.mark.parametrize("order", ["up", "down", "rotated:1"])
def test_threads_that_wait_for_others_make_progress(races: bool, order: str) -> None:
    def run(kernel: str, grid: int, block: int, arguments: list[Any]) -> Any:
        with emulation(races=races, thread_order=order, seconds=20.0) as findings:
            launch(SOURCE, kernel, grid, block, arguments)
        assert not findings, str(findings)
        return arguments[-1].tolist()

    assert run("warps", 1, 64, zeros(1)) == [7]
    assert run("lanes", 1, 32, zeros(32)) == [1] * 32
    assert run("atomics", 30, 1, zeros(1, 30)) == [1] * 30
    assert run("blocks", 20, 32, zeros(20, 20)) == [1] * 20


@pytest.mark.parametrize("races", [False, True])
def test_a_kernel_without_end_is_ended_at_the_limit(races: bool) -> None:
    with emulation(races=races, seconds=0.2) as findings, pytest.raises(KernelError) as error:
        launch(SOURCE, "empty", 1, 64, [np.zeros(64, np.float32)])
    text = str(error.value)
    assert "no end after 0.2 seconds" in text
    waits, loop = line_of(SOURCE, "// the others wait"), line_of(SOURCE, "// nothing in it")
    assert (
        f"63 threads, the first thread (0, 0, 0) of block (0, 0, 0), wait at __syncthreads\n           test.cu:{waits}"
        in text
    )
    assert f"thread (3, 0, 0) of block (0, 0, 0) is\n           test.cu:{loop}" in text
    assert len(findings.of(Endless)) == int(races)
    with emulation(races=races, seconds=0.2), pytest.raises(KernelError, match=r"no end after 0\.2 seconds"):
        launch(SOURCE, "counts_down", 1, 32, [np.zeros(4, np.float32), np.int32(4)])
    with emulation(races=races, seconds=0.2), pytest.raises(KernelError, match=r"for ever|no end after 0\.2 seconds"):
        launch(SOURCE, "barriers", 1, 32, zeros(1))
    launch(SOURCE, "warps", 1, 64, zeros(1))  # and the next launch runs


def test_steps_are_a_limit_too() -> None:
    findings, error = checked(SOURCE, "counts_down", 1, 1, [np.zeros(4, np.float32), np.int32(4)], steps=1)
    assert "no end after 1 steps" in str(error)
    (found,) = findings.of(Endless)
    assert found.stands[0].place.endswith(f":{line_of(SOURCE, '// below zero')}")
    with pytest.raises(InvalidInput, match="limits above 0"), emulation(steps=0):
        pass


def test_a_wait_that_nothing_ends_is_told_at_once() -> None:
    """Blocks that are resident at once wait for one that begins when one of them has ended."""
    with emulation(races=True, seconds=1.0) as findings, pytest.raises(KernelError) as error:
        launch(SOURCE, "atomics", 40, 1024, zeros(1, 40))
    assert findings.of(Endless)[0].waiting_blocks == 16
    assert "16 blocks had not begun" in str(error.value)
    launch(SOURCE, "blocks", 900, 32, zeros(900, 900))  # more than are resident, but those that end make room


def test_a_loop_over_a_plain_flag_is_a_race_with_advice() -> None:
    findings, _ = checked(SOURCE, "plain", 1, 64, zeros(64))
    races = [race for race in findings.of(Race) if race.array == "flag"]
    lines = {line_of(SOURCE, "// sets"), line_of(SOURCE, "// reads")}
    assert {int(access.place.rpartition(":")[2]) for access in races[0].accesses} == lines
    assert "must read a volatile variable" in races[0].advice
    with emulation(seconds=0.2), pytest.raises(KernelError, match="read once if it is neither volatile nor atomic"):
        launch(SOURCE, "plain", 1, 64, zeros(64))  # as a compiler for a GPU makes of it


def test_a_barrier_of_the_grid_wants_a_cooperative_launch() -> None:
    kernel, (y,) = compiled(SOURCE).kernel("syncs"), zeros(32)
    with pytest.raises(KernelError, match=r"needs a cooperative launch.*at grid\.cu:5"):
        kernel.launch((2, 1, 1), (32, 1, 1), [y], kind=ORDINARY)
    kernel.launch((2, 1, 1), (32, 1, 1), [y], kind=COOPERATIVE)
    assert y.tolist() == [2] * 32
    with pytest.raises(KernelError, match="only 24 of this size fit"):
        kernel.launch((30, 1, 1), (1024, 1, 1), zeros(1024), kind=COOPERATIVE)


@pytest.mark.parametrize("races", [False, True])
def test_control_c_says_where_the_threads_are(races: bool) -> None:
    compiled(SOURCE).library("checked" if races else "optimised")
    timer = threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    try:
        with emulation(races=races), pytest.raises(KeyboardInterrupt, match=r"interrupted\n.*63 threads"):
            launch(SOURCE, "empty", 1, 64, [np.zeros(64, np.float32)])
    finally:
        timer.cancel()
