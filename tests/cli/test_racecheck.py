"""`tinyseg racecheck` on files of CUDA C++ and of Numba kernels."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.cli.command import is_refused, succeeds, tinyseg

needs_greenlet = pytest.mark.skipif(
    find_spec("greenlet") is None, reason="NOT TESTED: the simulator needs greenlet (pip install 'tinyseg[test-gpu]')"
)

CUDA = r"""// racecheck: shift<<<2, 64>>>(float x[128] = random, float y[128], int n = 128)
// racecheck: double_all<<<2, 64>>>(float x[128] = random, int n = 128)
extern "C" __global__ void shift(const float *x, float *y, int n) {
  __shared__ float s[65];
  const int i = blockIdx.x * 64 + threadIdx.x;
  s[threadIdx.x] = x[i];
  if (threadIdx.x == 0) s[64] = i + 64 < n ? x[i + 64] : 0.0f;
  BARRIER
  y[i] = s[threadIdx.x + 1];
}
extern "C" __global__ void double_all(float *x, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) x[i] *= 2;
}
"""
NUMBA = """from numba import cuda

# racecheck: shift[1, 64](x: float32[64] = random, y: float32[64])
@cuda.jit
def shift(x, y):
    s = cuda.shared.array(64, "float32")
    i = cuda.threadIdx.x
    s[i] = x[i]
    y[i] = s[63 - i]
"""


def cuda_file(folder: Path, barrier: str) -> Path:
    """Write the file of CUDA C++."""
    path = folder / "shift.cu"
    path.write_text(CUDA.replace("BARRIER", barrier))
    return path


def test_a_right_file_gives_its_traffic_and_exit_code_0(tmp_path: Path) -> None:
    text = succeeds("racecheck", cuda_file(tmp_path, "__syncthreads();"))
    assert text.startswith("nothing found")
    assert "shift.cu:9" in text
    assert "y[i] = s[threadIdx.x + 1];" in text


@pytest.mark.parametrize("order", ["up", "down", "rotated:4"])
def test_a_race_gives_both_lines_and_exit_code_1(tmp_path: Path, order: str) -> None:
    outcome = tinyseg("racecheck", f"{cuda_file(tmp_path, '')}::shift", "--order", order)
    assert outcome.code == 1
    assert "race on shared array 's'" in outcome.out
    for line in ("shift.cu:6  s[threadIdx.x] = x[i];", "shift.cu:9  y[i] = s[threadIdx.x + 1];", "No barrier orders"):
        assert line in outcome.out
    assert "double_all" not in outcome.out


def test_json(tmp_path: Path) -> None:
    outcome = tinyseg("racecheck", cuda_file(tmp_path, ""), "--json")
    report = json.loads(outcome.out)
    assert {"Race"} <= {finding["kind"] for finding in report["findings"]} <= {"Race", "UninitialisedRead"}
    assert {line["kernel"] for line in report["traffic"]} == {"shift", "double_all"}


def test_an_error_that_ends_the_launch_is_a_finding(tmp_path: Path) -> None:
    outcome = tinyseg("racecheck", cuda_file(tmp_path, "if (threadIdx.x < 9) __syncthreads(); else __syncwarp();"))
    assert outcome.code == 1
    assert "deadlock" in outcome.out
    path = cuda_file(tmp_path, "__syncthreads();")
    path.write_text(path.read_text().replace("float y[128]", "float y[127]"))
    outcome = tinyseg("racecheck", path)
    assert outcome.code == 1
    assert outcome.out.count("out of bounds") == 1, outcome.out
    assert "'y' of shape (127,)" in outcome.out


def test_a_kernel_that_nobody_launches_is_told(tmp_path: Path) -> None:
    path = cuda_file(tmp_path, "__syncthreads();")
    path.write_text(path.read_text() + 'extern "C" __global__ void racing(float *x) { x[0] = threadIdx.x; }\n')
    outcome = tinyseg("racecheck", path)
    assert outcome.code == 1
    assert "not checked: racing (no racecheck comment says how to launch it)" in outcome.out
    assert "not checked" not in succeeds("racecheck", f"{path}::shift")
    outcome = tinyseg("racecheck", path, "--json")
    assert outcome.code == 1
    assert json.loads(outcome.out)["not_checked"] == ["racing"]


@needs_greenlet
def test_a_numba_kernel_that_nobody_launches_is_told(tmp_path: Path) -> None:
    path = tmp_path / "kernels.py"
    helper = "@cuda.jit(device=True)\ndef helper(x):\n    return x\n\n@cuda.jit\ndef racing(x):\n    x[0] = helper(1)\n"
    path.write_text(NUMBA + helper)
    assert "not checked: racing (" in tinyseg("racecheck", path).out


@needs_greenlet
def test_a_launch_that_touches_nothing_is_no_check(tmp_path: Path) -> None:
    path = tmp_path / "kernels.py"
    idle = "# racecheck: racing[1, 64](x: float32[64], n: int32 = 0)\n@cuda.jit\ndef racing(x, n):\n"
    path.write_text(f"from numba import cuda\n\n{idle}    if n:\n        x[0] = cuda.threadIdx.x\n")
    outcome = tinyseg("racecheck", path)
    assert outcome.code == 1
    assert "kernel 'racing': reads and writes no memory" in outcome.out


@needs_greenlet
def test_numba_files_go_to_the_simulator(tmp_path: Path) -> None:
    path = tmp_path / "kernels.py"
    path.write_text(NUMBA)
    outcome = tinyseg("racecheck", f"{path}::shift")
    assert outcome.code == 1
    assert "race on shared array" in outcome.out
    assert "kernels.py:8" in outcome.out


def test_what_the_simulator_needs_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "greenlet", None)
    (tmp_path / "kernels.py").write_text(NUMBA)
    assert "pip install 'tinyseg[emulator]'" in is_refused("racecheck", tmp_path / "kernels.py")


def test_what_is_refused(tmp_path: Path) -> None:
    path = cuda_file(tmp_path, "__syncthreads();")
    assert "no such file" in is_refused("racecheck", tmp_path / "none.cu")
    assert "did you mean 'shift'" in is_refused("racecheck", f"{path}::shft")
    assert "expected 'up', 'down' or 'rotated:<seed>'" in is_refused("racecheck", path, "--order", "sideways")
    (tmp_path / "plain.cu").write_text('extern "C" __global__ void k(float *y) {}')
    assert "// racecheck: k<<<2, 64>>>(float y[128])" in is_refused("racecheck", tmp_path / "plain.cu")
    (tmp_path / "text.txt").write_text("")
    assert "expected a .cu file" in is_refused("racecheck", tmp_path / "text.txt")
    path.write_text(path.read_text().replace("float x[128] = random, float", "int x[128] = random, float"))
    assert "shift.cu:1: " in is_refused("racecheck", path)
    assert "expected an array of f4, got i4" in is_refused("racecheck", path)
