"""What kernels print, assert and stop at: CUDA's printf and assert, Numba's print and breakpoint, one chosen thread."""

from __future__ import annotations

import ctypes
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tinyseg_emulator.checks.focus import Focus, focus_of
from tinyseg_emulator.checks.kernel_error import KernelError
from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.cuda.native import runtime
from tinyseg_emulator.simulator.simulate import cuda, simulate
from tinyseg_kernels.errors import InvalidInput

from tests.emulator.cuda_source import launch
from tests.emulator.numba_kernels import line_of

SOURCE = r"""
#include <cassert>
#include <cstdio>

extern "C" __global__ void say(int *given) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  given[i] = printf("%d of %s: %5.2f|%-4d|%04x|%c|%%|%lld|%*.*f\n",
                    i, "all", 1.5f * i, 7, 255, 'a' + i, 1ll << 40, 7, 2, 3.14159);
  if (i == 1) given[8] = std::printf("plain\n");
  if (i == 2) given[9] = printf((const char *)nullptr);
  if (i == 3) printf("%q %s %hd %p\n", (const char *)nullptr, 70000, (void *)16);
}

extern "C" __global__ void many(int *given) {
  given[0] = printf(
    "%d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d [%d %5.1f]\n",
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
    31, 32, 33, 34.0);
}

extern "C" __global__ void flood(int *given) {
  for (int i = 0; i < 40; i++) printf("%d %d %0100d\n", threadIdx.x, i, 0);
}

extern "C" __global__ void count_into(int *given) { printf("a%n", given); }

template <class T>
__device__ void check(const T *x, int &n) { assert(x[n] < 5 && "it is small"); }
extern "C" __global__ void asserted(int *given) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  printf("%d\n", i);
  check(given, i);
}
"""


def given(count: int = 16) -> np.ndarray[Any, Any]:
    return np.arange(count, dtype=np.int32)


def test_printf_writes_what_cuda_writes(capsys: pytest.CaptureFixture[str]) -> None:
    numbers = given()
    launch(SOURCE, "say", 2, 2, (numbers,))
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "0 of all:  0.00|7   |00ff|a|%|1099511627776|   3.14",
        "1 of all:  1.50|7   |00ff|b|%|1099511627776|   3.14",
        "plain",
        "2 of all:  3.00|7   |00ff|c|%|1099511627776|   3.14",
        "3 of all:  4.50|7   |00ff|d|%|1099511627776|   3.14",
        "%q (null) 4464 0x10",
    ]
    assert numbers[:4].tolist() == [10] * 4  # arguments: seven, and three of the last
    assert numbers[8:10].tolist() == [0, -1]


def test_printf_takes_32_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    numbers = given()
    launch(SOURCE, "many", 1, 1, (numbers,))
    assert capsys.readouterr().out == " ".join(map(str, range(1, 33))) + " [%d %5.1f]\n"
    assert numbers[0] == 32


def test_the_buffer_keeps_the_newest(capsys: pytest.CaptureFixture[str]) -> None:
    runtime().tinyseg_print_limit(ctypes.c_size_t(10_000))
    try:
        launch(SOURCE, "flood", 1, 32, (given(),))
    finally:
        runtime().tinyseg_print_limit(ctypes.c_size_t(1 << 20))
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert lines[-1].startswith("31 39 0")
    assert 9_800 < len(shown.out) <= 10_000
    assert f"the first {32 * 40 - len(lines)} texts are lost" in shown.err


def test_what_printf_does_not_have_is_refused() -> None:
    with pytest.raises(KernelError, match=r"printf: %n is no conversion") as caught:
        launch(SOURCE, "count_into", 1, 1, (given(),))
    assert caught.value.place == "test.cu:" + str(
        next(k for k, line in enumerate(SOURCE.splitlines(), start=1) if "a%n" in line)
    )


def test_an_assertion_says_what_cuda_says(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KernelError) as caught:
        launch(SOURCE, "asserted", 2, 4, (given(),))
    line = next(k for k, text in enumerate(SOURCE.splitlines(), start=1) if "assert(x" in text)
    assert (caught.value.place, caught.value.block, caught.value.thread) == (f"test.cu:{line}", (1, 0, 0), (1, 0, 0))
    assert caught.value.what == 'Assertion `x[n] < 5 && "it is small"` failed'
    shown = capsys.readouterr()
    assert shown.out == "0\n1\n2\n3\n4\n5\n"  # what was printed before is not lost
    said = re.fullmatch(
        r"test\.cu:(\d+): (.*): block: \[1,0,0\], thread: \[1,0,0\] Assertion `(.*)` failed\.\n", shown.err
    )
    assert said is not None
    assert said[1] == str(line)
    assert said[2].startswith("void check(const T *, int &)")
    assert said[3] == 'x[n] < 5 && "it is small"'


@pytest.mark.parametrize("options", [{}, {"races": True}])
def test_one_thread_prints(options: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    with emulation(focus=Focus((1, 0, 0), (1, 0, 0)), **options):
        launch(SOURCE, "say", 2, 2, (given(),))
    assert [line[:4] for line in capsys.readouterr().out.splitlines()] == ["3 of", "%q ("]
    with emulation(output=False, **options):
        launch(SOURCE, "say", 2, 2, (given(),))
    assert capsys.readouterr().out == ""


def test_a_thread_is_chosen_by_its_index() -> None:
    assert focus_of(None, None) is None
    assert focus_of("3", None) == Focus((3, 0, 0), (0, 0, 0))
    assert focus_of(None, "2, 1") == Focus((0, 0, 0), (2, 1, 0))
    for wrong in ("", "1,2,3,4", "-1", "x"):
        with pytest.raises(InvalidInput, match="--thread: expected an index"):
            focus_of(wrong, None)


@cuda.jit
def speaking(x: Any, y: Any) -> None:
    i = cuda.grid(1)
    if i < 2:
        print("at", i, x[i], i == 0, (1, 2.5), cuda.blockIdx)
    y[i] = x[i]


@cuda.jit
def stopping(x: Any, y: Any) -> None:
    part = cuda.shared.array(64, np.float32)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    part[t] = x[i]
    breakpoint()
    cuda.syncthreads()
    y[i] = part[63 - t]


@cuda.jit
def printing_an_array(x: Any, y: Any) -> None:
    print(x)


def floats(count: int) -> np.ndarray[Any, Any]:
    return np.arange(count, dtype=np.float32)


@pytest.mark.parametrize("options", [{}, {"races": True}])
def test_print_writes_what_numba_writes(options: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    with emulation(**options):
        simulate(speaking, 2, 4, (floats(8), floats(8)))
    # On a GPU Numba hands these to printf, as %lld, %f and (%d, %d, %d).
    assert (
        capsys.readouterr().out
        == "at 0 0.000000 True (1, 2.500000) (0, 0, 0)\nat 1 1.000000 False (1, 2.500000) (0, 0, 0)\n"
    )
    with emulation(focus=Focus((1, 0, 0)), **options):
        simulate(speaking, 2, 4, (floats(8), floats(8)))
    assert capsys.readouterr().out.startswith("at 1 ")
    if not options:
        with pytest.raises(KernelError, match=r"print in a kernel: .* got an array of shape \(8,\)"):
            simulate(printing_an_array, 1, 1, (floats(8), floats(8)))


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Commands for the debugger, typed by somebody."""
    commands: list[str] = []
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setattr("builtins.input", lambda prompt="": sys.stdout.write(prompt) and commands.pop(0))
    monkeypatch.delenv("PYTHONBREAKPOINT", raising=False)
    yield commands
    assert commands == []


@pytest.mark.parametrize("options", [{}, {"races": True, "raise_on_finding": True}])
def test_a_breakpoint_stops_the_chosen_thread(
    options: dict[str, Any], typed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    # `next` goes over the barrier, where the other 63 threads run; what is looked at is no access, and no race.
    typed += ["p t, i", "p part[3], part[63]", "next", "next", "p y[i]", "p part", "continue"]
    y = floats(128) * 0
    with emulation(focus=Focus((3, 0, 0), (1, 0, 0)), **options):
        simulate(stopping, 2, 64, (floats(128), y))
    shown = capsys.readouterr().out
    assert shown.count("(block (1, 0, 0) thread (3, 0, 0)) ") == 7
    assert "(3, 67)" in shown
    assert f"({line_of(stopping, 'y[i] = part')})stopping()" in shown
    assert re.search(r"67\.0.*nan", shown)  # the threads behind it have not come here
    assert re.search(r"124\.0", shown)
    np.testing.assert_array_equal(y[64:], floats(128)[64:][::-1])


def test_without_a_chosen_thread_the_first_one_stops(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    typed += ["p t", "quit"]
    y = floats(64) * 0
    simulate(stopping, 1, 64, (floats(64), y))  # to its end
    assert capsys.readouterr().out.count("thread (0, 0, 0)") == 2
    np.testing.assert_array_equal(y, floats(64)[::-1])
    with emulation(output=False):
        simulate(stopping, 1, 64, (floats(64), y))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("gdb") is None, reason="NOT TESTED: a debugger in a CUDA C++ kernel (apt install gdb)")
def test_gdb_stops_the_chosen_thread(tmp_path: Path) -> None:
    """As docs/gpu_trace.md says."""
    source = tmp_path / "stop.cu"
    source.write_text(
        "// racecheck: stop<<<2, 8>>>(float x[16] = arange)\n"
        "__global__ void stop(float *x) {\n"
        "  __shared__ float part[8];\n"
        "  int t = threadIdx.x;\n"
        "  part[t] = x[blockIdx.x * 8 + t];\n"
        "#ifdef TINYSEG_EMULATOR\n  tinyseg_breakpoint();\n#endif\n"
        "  x[blockIdx.x * 8 + t] = 2 * part[t];\n"
        "}\n"
    )
    commands = [
        "set breakpoint pending on",
        "handle SIG39 nostop noprint",  # the clock that looks for kernels without end
        "break tinyseg_stopped",
        "run",
        "up 2",
        "print t",
        "print part[5]",
        "continue",
    ]
    program = "from tinyseg.cli import main; main()"
    words = ["racecheck", str(source), "--order", "up", "--thread", "5", "--block", "1"]
    outcome = subprocess.run(
        ["gdb", "-q", "-batch", *(part for c in commands for part in ("-ex", c)), "--args",
            sys.executable, "-c", program, *words,
        ],
        capture_output=True, text=True, timeout=500, check=False, env={**os.environ, "TINYSEG_CXXFLAGS": "-g"},
    )  # fmt: skip
    assert "$1 = 5" in outcome.stdout, outcome.stdout + outcome.stderr
    assert "$2 = 13" in outcome.stdout
    assert "nothing found" in outcome.stdout
