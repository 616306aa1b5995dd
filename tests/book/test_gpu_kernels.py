"""Kernels in chapters: executed where that can be, and else a word about what is missing."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from tinyseg_kernels.errors import InvalidInput

from tinyseg.book import kernels
from tinyseg.book.kernels import cuda_module, missing, racecheck

CUDA = """
// racecheck: shift<<<1, 32>>>(float x[32] = random)
extern "C" __global__ void shift(float *x) {
  const float next = x[(threadIdx.x + 1) % 32];
  BARRIER
  x[threadIdx.x] = next;
}
"""

NUMBA = """
from numba import cuda

# racecheck: shift[1, 32](x: float32[32] = random)
@cuda.jit
def shift(x):
    t = cuda.threadIdx.x
    number = x[(t + 1) % 32]
    BARRIER
    x[t] = number
"""


@pytest.mark.parametrize(
    ("language", "text", "barrier"),
    [("CUDA C++", CUDA, "__syncthreads();"), ("Numba CUDA", NUMBA, "cuda.syncthreads()")],
)
def test_a_race_is_found_and_printed(
    language: str, text: str, barrier: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if missing(language) is not None:
        pytest.skip(f"NOT TESTED: {missing(language)}")
    found = racecheck(text.replace("BARRIER", "pass" if language == "Numba CUDA" else ""), orders=("up",))
    assert found is not None
    assert len(found) == 1
    printed = capsys.readouterr().out
    assert "race on global array 'x'" in printed
    assert ("x[threadIdx.x] = next;" if language == "CUDA C++" else "x[t] = number") in printed  # its line is shown
    mended = racecheck(text.replace("BARRIER", barrier), orders=("up",))
    assert mended is not None
    assert len(mended) == 0


def test_a_module_is_compiled_once_and_launched() -> None:
    if missing("CUDA C++") is not None:
        pytest.skip(f"NOT TESTED: {missing('CUDA C++')}")
    text = CUDA.replace("BARRIER", "__syncthreads();")
    module = cuda_module(text)
    assert module is not None
    assert cuda_module(text) is module
    x = np.arange(32, dtype=np.float32)
    module.kernel("shift").launch((1, 1, 1), (32, 1, 1), [x])
    assert x.tolist() == [*range(1, 32), 0]


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(kernels, "why_not_emulated", lambda backend: f"no compiler for {backend}")
    monkeypatch.setitem(sys.modules, "greenlet", None)
    assert missing("CUDA C++") == "no compiler for cupy"
    assert racecheck(CUDA + "// not compiled yet") is None
    assert cuda_module(CUDA + "// nor this") is None
    assert racecheck(NUMBA) is None
    printed = capsys.readouterr().out
    assert printed.count("no compiler for cupy") == 2
    assert printed.count("greenlet is not installed") == 1


def test_another_language_is_refused() -> None:
    with pytest.raises(InvalidInput, match="language"):
        missing("HIP")
