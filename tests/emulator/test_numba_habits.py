"""What scripts do that examples do not: waits for plain variables, records in shared memory, kernels made of text."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tinyseg_emulator.checks.findings import Findings
from tinyseg_emulator.checks.kernel_error import KernelError
from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.checks.records import Failure, Race
from tinyseg_emulator.simulator.script import check_script
from tinyseg_emulator.simulator.simulate import cuda, simulate
from tinyseg_emulator.simulator.typed import front_end

pytest.importorskip("greenlet")

RECORD = np.dtype([("x", np.float32), ("pair", np.int16, (2,)), ("inner", np.dtype([("a", np.int64)]))])


@cuda.jit
def hand_over(flag: Any, data: Any, out: Any) -> None:
    if cuda.blockIdx.x == 0:
        while flag[0] == 0 and data[1] == 0:
            pass
        out[0] = data[0]
    else:
        data[0] = 42
        flag[0] = 1


@cuda.jit
def hand_over_well(flag: Any, data: Any, out: Any) -> None:
    if cuda.blockIdx.x == 0:
        while cuda.atomic.add(flag, 0, 0) == 0:
            pass
        cuda.threadfence()
        out[0] = data[0]
    else:
        data[0] = 42
        cuda.threadfence()
        cuda.atomic.add(flag, 0, 1)


@cuda.jit
def each_for_the_other(flag: Any) -> None:
    while flag[1 - cuda.blockIdx.x] == 0:
        pass
    flag[cuda.blockIdx.x] = 1


@cuda.jit
def reversed_records(x: Any, y: Any) -> None:
    part = cuda.shared.array(8, RECORD)
    t = cuda.threadIdx.x
    part[t] = x[t]
    cuda.syncthreads()
    y[t] = part[7 - t].x + part[7 - t].pair[1] + part[7 - t].inner.a


@cuda.jit
def some_leave(x: Any) -> None:
    i = cuda.threadIdx.x
    if i < 20:
        x[i] += cuda.shfl_down_sync(0xFFFFFFFF, x[i], 16)


@cuda.jit
def quotients(x: Any, by: Any) -> None:
    i = cuda.threadIdx.x
    x[i, 0] = 7 // by[i]
    x[i, 1] = 7 % by[i]


def run(kernel: Any, grid: int, block: int, *arguments: Any) -> Findings:
    with emulation(races=True, seconds=20) as findings:
        simulate(kernel, grid, block, arguments)
    return findings


def test_a_thread_that_waits_for_a_plain_variable_lets_others_run() -> None:
    flag, out = np.zeros(1, np.int32), np.zeros(1)
    assert {race.array for race in run(hand_over, 2, 1, flag, np.zeros(2), out).of(Race)} == {"flag", "data"}
    assert out[0] == 42


def test_an_atomic_of_any_name_in_a_loop_is_a_wait() -> None:
    out = np.zeros(1)
    findings = run(hand_over_well, 2, 1, np.zeros(1, np.int32), np.zeros(2), out)
    assert not findings, str(findings)
    assert out[0] == 42


def test_a_wait_that_nothing_ends_is_told_at_once() -> None:
    with pytest.raises(KernelError, match=r"wait for ever .*test_numba_habits\.py"):
        run(each_for_the_other, 2, 2, np.zeros(2, np.int32))


def test_every_number_of_a_record_is_written_with_it() -> None:
    x = np.zeros(8, RECORD)
    x["x"], x["pair"][:, 1], x["inner"]["a"] = 0.5, 10, np.arange(8)
    y = np.zeros(8)
    findings = run(reversed_records, 1, 8, x, y)
    assert not findings, str(findings)
    assert y.tolist() == [17.5 - t for t in range(8)]


def test_a_shuffle_from_a_lane_that_has_ended_is_told() -> None:
    (found,) = run(some_leave, 1, 32, np.ones(32)).of(Failure)
    assert "has ended" in found.what
    assert found.thread == (4, 0, 0)


@pytest.mark.skipif(not front_end.available(), reason="numba-cuda is not installed")
def test_an_integer_division_by_zero_gives_zero_and_is_told() -> None:
    x = np.full((3, 2), -1, np.int32)
    findings = run(quotients, 1, 3, x, np.array([0, 2, 0], np.int32))
    assert x.tolist() == [[0, 0], [3, 1], [0, 0]]
    assert ["//" in found.what or "%" in found.what for found in findings.of(Failure)] == [True, True]


@pytest.mark.skipif(not front_end.available(), reason="numba-cuda is not installed")
def test_a_kernel_made_of_text_has_numbas_types(tmp_path: Path) -> None:
    script = tmp_path / "text.py"
    script.write_text(
        "import numpy as np\nfrom numba import cuda\n"
        "text = 'def add(x, y):\\n    y[0] = x[0] + x[1]\\n'\n"
        "for make in (exec, lambda t, names: exec(compile(t, '<made>', 'exec'), names)):\n"
        "    names = {}\n    make(text, names)\n    y = np.zeros(1, np.int64)\n"
        "    cuda.jit(names['add'])[1, 1](np.full(2, 200, np.uint8), y)\n    assert y[0] == 400, y\n",
        encoding="utf-8",
    )
    findings = check_script(script)
    assert not findings, str(findings)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
def test_an_interrupt_of_the_command_alone_says_where_the_kernel_stood(tmp_path: Path) -> None:
    script, begun = tmp_path / "endless.py", tmp_path / "begun"
    script.write_text(
        "from pathlib import Path\nimport numpy as np\nfrom numba import cuda\n"
        "@cuda.jit\ndef endless(x):\n    n = 0\n    while x[0] == 0:\n        n += 1\n"
        f"Path({str(begun)!r}).touch()\nendless[1, 1](np.zeros(1))\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-c", "from tinyseg.cli import main; main()", "racecheck", str(script)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=tmp_path)
    until = time.monotonic() + 60
    while not begun.exists() and time.monotonic() < until and process.poll() is None:
        time.sleep(0.05)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=30)
    assert "kernel 'endless': interrupted" in told
    assert "while x[0] == 0:" in told
