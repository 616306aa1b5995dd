"""`check_numba`: files as a learner writes them, with `from numba import cuda`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("greenlet", reason="NOT TESTED: the simulator needs greenlet (pip install 'tinyseg[test-gpu]')")

from tinyseg_emulator.checks.records import DivergentBarrier, Failure, OutOfBounds, Race, UninitialisedRead
from tinyseg_emulator.simulator.check import check_numba
from tinyseg_kernels.errors import InvalidInput

HEAD = """
import math
import numpy as np
from numba import cuda
import numba.cuda as also_cuda
from neighbour import STEP

@cuda.jit(device=True)
def half(x):
    return x * np.float32(0.5)

"""

GOOD = """
# racecheck: blur[2, 64](x: float32[130] = random, y: float32[130])
# racecheck: blur[(1, 1), (32, 2)](x: float32[34] = random, y: float32[34])
@cuda.jit("void(float32[:], float32[:])")
def blur(x, y):
    tile = cuda.shared.array(66, np.float32)
    thread = cuda.threadIdx.x + cuda.blockDim.x * cuda.threadIdx.y
    i = thread + cuda.blockIdx.x * 64
    if i < x.size:
        tile[thread] = x[i]
    if thread < 2 and i + 64 < x.size:
        tile[thread + 64] = x[i + 64]
    also_cuda.syncthreads()
    if i + 2 < x.size:
        y[i + STEP] = half(tile[thread] + tile[thread + 2])

if __name__ != "__main__":
    a = cuda.to_device(np.arange(130, dtype=np.float32))
    b = cuda.device_array_like(a)
    blur[2, 64](a, b)
    assert b.copy_to_host()[10] == 10, b
"""

BAD = GOOD.replace("    also_cuda.syncthreads()\n", "")

WORSE = """
# racecheck: diverges[1, 64](x: float32[64] = arange)
@cuda.jit
def diverges(x):
    if x[cuda.threadIdx.x] > 5:
        cuda.syncthreads()
    else:
        cuda.syncthreads()

# racecheck: outside[1, 64](x: float32[63] = arange)
@cuda.jit
def outside(x):
    x[cuda.grid(1)] = 0

# racecheck: unset[1, 32](x: float32[32])
@cuda.jit
def unset(x):
    s = cuda.shared.array(32, np.float32)
    x[cuda.grid(1)] = s[cuda.grid(1)]

# racecheck: fails[1, 32](x: float32[32])
@cuda.jit
def fails(x):
    x[cuda.grid(1)] = x.sigmoid()

# racecheck: too_many[1, 2000](x: float32[32])
@cuda.jit
def too_many(x):
    pass
"""


def write(folder: Path, text: str) -> Path:
    (folder / "neighbour.py").write_text("STEP = 1\n", "utf-8")
    path = folder / "kernels.py"
    path.write_text(HEAD + text, "utf-8")
    return path


def test_a_right_file_is_clean_and_its_traffic_is_told(tmp_path: Path) -> None:
    findings = check_numba(write(tmp_path, GOOD))
    assert not list(findings), str(findings)
    assert {(line.array, line.kind) for line in findings.traffic} == {
        ("x", "read"),
        ("tile", "write"),
        ("tile", "read"),
        ("y", "write"),
    }


@pytest.mark.parametrize("orders", [("up",), ("down",), ("rotated:5",)])
def test_a_missing_barrier_is_found(tmp_path: Path, orders: tuple[str, ...]) -> None:
    findings = check_numba(write(tmp_path, BAD.partition("if __name__")[0]), "blur", thread_orders=orders)
    races = findings.of(Race)
    assert races
    assert all(race.array == "tile" and "kernels.py:" in race.first.place for race in races)
    assert "tile[thread] = x[i]" in str(findings)


def test_each_kind_of_mistake_is_told_of_its_kernel(tmp_path: Path) -> None:
    path = write(tmp_path, WORSE)
    kinds = {(finding.kernel, type(finding)) for finding in check_numba(path)}
    assert kinds == {
        ("diverges", DivergentBarrier),
        ("outside", OutOfBounds),
        ("unset", UninitialisedRead),
        ("fails", Failure),
        ("too_many", Failure),
    }
    (failure,) = check_numba(path, "fails")
    assert "sigmoid" in str(failure)
    assert failure.count == 3  # once in each order


def test_the_process_is_left_as_it_was(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    before = sys.modules.get("numba.cuda"), list(sys.path)
    check_numba(path)
    assert (sys.modules.get("numba.cuda"), list(sys.path)) == before


@pytest.mark.parametrize(
    ("text", "kernel", "message"),
    [
        ("def f(:\n", None, r"kernels.py:12: expected Python"),
        ("x = 1\n", None, "found no comment that says how to launch"),
        ("# racecheck: k[1, 1]()\n1 / 0\n", None, "running it raised ZeroDivisionError"),
        ("# racecheck: k[1, 1]()\n", None, r"kernels.py:12: expected the name of a kernel .*'k'"),
        ("# racecheck: half[1, 1]()\n", None, r"kernels.py:12: half takes 1 arguments \(x\), got 0"),
        (WORSE, "outsid", "did you mean 'outside'"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, text: str, kernel: str | None, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        check_numba(write(tmp_path, text), kernel)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="expected a Python file"):
        check_numba(tmp_path / "missing.py")


def test_the_command(tmp_path: Path) -> None:
    path = write(tmp_path, WORSE)
    command = [sys.executable, "-c", "from tinyseg.cli import main; main()", "racecheck"]

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=120, check=False)

    found = run(f"{path}::outside")
    assert found.returncode == 1
    assert "'x' of shape (63,) accessed out of bounds at [63]" in found.stdout
    report = json.loads(run(f"{path}::outside", "--json").stdout)
    assert [entry["kind"] for entry in report["findings"]] == ["OutOfBounds"]
    assert run(str(write(tmp_path, GOOD))).returncode == 0
