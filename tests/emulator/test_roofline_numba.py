"""Operations and bytes of Numba kernels whose numbers are known by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("greenlet", reason="NOT TESTED: the simulator needs greenlet (pip install 'tinyseg[test-gpu]')")
pytest.importorskip("numba", reason="NOT TESTED: Numba is not installed")

from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.checks.roofline import Buffer, Work
from tinyseg_emulator.simulator.check import check_numba
from tinyseg_emulator.simulator.typed import front_end

pytestmark = pytest.mark.skipif(not front_end.available(), reason="NOT TESTED: numba-cuda is not installed")

SCRIPT = """
import math
import numpy as np
from numba import cuda, float32

@cuda.jit
def saxpy(x, y, a):
    i = cuda.grid(1)
    if i < x.size:
        y[i] = a * x[i] + y[i]

@cuda.jit(device=True)
def square(v):
    return v * v

@cuda.jit
def matmul(a, b, c):
    i, j = cuda.grid(2)
    s = float32(0)
    for k in range(a.shape[1]):
        s += a[i, k] * b[k, j]
    c[i, j] = math.exp(s) + square(s)

@cuda.jit
def mixed(x, y, n):
    i = cuda.grid(1)
    v = x[i] * 0.5
    y[i] = v + cuda.fma(x[i], x[i], x[i]) - math.sqrt(x[i]) + (i + n) * 2 + abs(x[i]) + max(x[i], v)

@cuda.jit
def total(x, out):
    part = cuda.shared.array(64, float32)
    t = cuda.threadIdx.x
    part[t] = x[t]
    half = 32
    while half > 0:
        cuda.syncthreads()
        if t < half:
            part[t] += part[t + half]
        half //= 2
    if t == 0:
        cuda.atomic.add(out, 0, part[0])

x = np.ones(100, np.float32)
saxpy[1, 128](x, x.copy(), np.float32(2))
a = np.full((8, 8), 0.1, np.float32)
matmul[(2, 2), (4, 4)](a, a.copy(), a.copy())
mixed[1, 32](x[:32].copy(), np.zeros(32), 3)
total[1, 64](np.ones(64, np.float32), np.zeros(1, np.float32))
total[1, 64](np.ones(64, np.float32), np.zeros(1, np.float32))
"""


@pytest.fixture(scope="module")
def works(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Work]:
    path = tmp_path_factory.mktemp("roofline") / "script.py"
    path.write_text(SCRIPT, encoding="utf-8")
    with emulation(roofline=True):
        findings = check_numba(path)
    assert not len(findings), str(findings)
    return {work.kernel: work for work in findings.works}


COUNTS = {
    "saxpy": {"fp32 mul": 100, "fp32 add": 100},
    "matmul": {"fp32 mul": 512 + 64, "fp32 add": 512 + 64, "fp32 special": 64},
    # x * 0.5 is a float64, and so are the sums; `(i + n) * 2` are integers.
    "mixed": {"fp64 mul": 32, "fp32 fma": 32, "fp64 add": 5 * 32, "fp32 special": 32},
    "total": {"fp32 add": 2 * 63},
}


@pytest.mark.parametrize("kernel", COUNTS)
def test_operations(works: dict[str, Work], kernel: str) -> None:
    counts = works[kernel].counts
    assert counts is not None
    assert {kind: count for kind, count in counts.items() if count} == COUNTS[kernel]


def test_bytes(works: dict[str, Work]) -> None:
    found = {buffer.name: buffer for buffer in works["saxpy"].buffers}
    assert found == {"x": Buffer("x", 416, 400, 416, 0), "y": Buffer("y", 832, 800, 416, 416)}
    assert works["total"].launches == 2
    assert {buffer.name: buffer.least for buffer in works["total"].buffers} == {"x": 2 * 256, "out": 2 * 64}
    # A warp is four rows of eight; a[i, k]: 4 rows in blocks of 4x4, so 16 threads and four sectors in each step.
    assert {buffer.name: buffer.moved for buffer in works["matmul"].buffers}["a"] == 4 * 8 * 4 * 32


def test_without_types_nothing_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_end, "available", lambda: False)
    path = tmp_path / "kernel.py"
    path.write_text(
        "from numba import cuda\n# racecheck: double[1, 32](x: float32[32] = random)\n"
        "@cuda.jit\ndef double(x):\n    x[cuda.threadIdx.x] *= 2\n",
        encoding="utf-8",
    )
    with emulation(roofline=True):
        findings = check_numba(path)
    (work,) = findings.works
    assert work.counts is None
    assert "numba-cuda" in work.why
    assert work.least == 256
    assert "not counted" in str(findings)
