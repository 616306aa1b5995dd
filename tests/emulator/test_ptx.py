"""PTX without a GPU, and the search for float64 in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("greenlet", reason="NOT TESTED: the simulator needs greenlet (pip install 'tinyseg[test-gpu]')")

from tinyseg_emulator.simulator.ptx import CompiledKernel, compile_listed, float64_lines, ptx_of
from tinyseg_emulator.simulator.simulate import cuda
from tinyseg_kernels.errors import InvalidInput

FILE = """
import math
import numpy as np
from numba import cuda

@cuda.jit(device=True)
def power(x):
    return x * x

@cuda.jit
def clean(x, y, n):
    i = cuda.grid(1)
    if i < n:
        y[i] = math.exp(power(x[i])) * x.dtype.type(0.1)

@cuda.jit
def by_literal(x, y, n):
    i = cuda.grid(1)
    if i < n:
        y[i] = power(x[i]) * 0.1  # here

@cuda.jit
def by_sum(x, y, n):
    total = 0.0
    for k in range(n):
        total += x[k]  # here
    y[cuda.grid(1)] = total

@cuda.jit
def wrong(x):
    x[0] = undefined_name

ARRAYS = ("float32[::1]", "float32[::1]", "int32")
PTX_SIGNATURES = [
    (clean, ARRAYS), (by_literal, ARRAYS, "float64-on-purpose: to see it"), (by_sum, ARRAYS), (wrong, ("float32[::1]",))
]
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, CompiledKernel]:
    pytest.importorskip("numba_cuda", reason="NOT CHECKED: numba-cuda is not installed")
    path = tmp_path_factory.mktemp("ptx") / "kernels.py"
    path.write_text(FILE, "utf-8")
    try:
        return {kernel.kernel: kernel for kernel in compile_listed([str(path)])}
    except InvalidInput as error:
        pytest.skip(f"NOT CHECKED: {error}")


def test_float32_is_found_clean(compiled: dict[str, CompiledKernel]) -> None:
    assert ".visible .entry" in compiled["clean"].ptx
    assert ".target sm_90" in compiled["clean"].ptx
    assert float64_lines(compiled["clean"].ptx) == []


@pytest.mark.parametrize("kernel", ["by_literal", "by_sum"])
def test_float64_is_found_with_its_line(compiled: dict[str, CompiledKernel], kernel: str) -> None:
    start = FILE.splitlines().index(f"def {kernel}(x, y, n):")
    line = 1 + next(k for k, text in enumerate(FILE.splitlines()) if k > start and "# here" in text)
    found = float64_lines(compiled[kernel].ptx)
    assert found
    assert any(text.startswith(f"kernels.py:{line} ") for text in found), found


def test_reasons_and_errors_come_back(compiled: dict[str, CompiledKernel]) -> None:
    assert compiled["by_literal"].reason == "float64-on-purpose: to see it"
    assert compiled["clean"].reason == compiled["clean"].error == ""
    assert "undefined_name" in compiled["wrong"].error
    assert compiled["wrong"].ptx == ""


def test_the_kernel_of_a_function_cannot_be_found_again() -> None:
    @cuda.jit
    def inner(x: Any) -> None:
        pass

    with pytest.raises(InvalidInput, match="expected a kernel of a module"):
        ptx_of(inner, ("float32[::1]",))


def test_ptx_of_a_kernel_that_was_loaded_for_the_simulator(compiled: dict[str, CompiledKernel], tmp_path: Path) -> None:
    from tinyseg_emulator.simulator.check import _run
    from tinyseg_emulator.simulator.numba_modules import numba_of

    path = tmp_path / "kernels.py"
    path.write_text(FILE, "utf-8")
    with numba_of(cuda):
        module = _run(path)
    ptx = ptx_of(module.by_sum, ("float32[::1]", "float32[::1]", "int32"), cc=(8, 0))
    assert ".target sm_80" in ptx
    with pytest.raises(
        InvalidInput, match=r"'wrong' with types float32\[::1\] does not compile: (?s:.*)undefined_name"
    ):
        ptx_of(module.wrong, ("float32[::1]",))


def test_lines_without_locations_are_found_as_well() -> None:
    assert float64_lines("\t.reg .f64 %fd<3>;\n\tcvt.f64.f32 \t%fd1, %f1; // x\n\tadd.f32 %f1, %f2;\n") == [
        "cvt.f64.f32 %fd1, %f1; // x"
    ]
