"""float32 kernels of Numba compute in float32: their PTX has no float64 instruction."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tinyseg_kernels
from tinyseg_emulator.simulator.ptx import ON_PURPOSE, CompiledKernel, compile_listed, float64_lines
from tinyseg_kernels.errors import InvalidInput

PACKAGE = Path(tinyseg_kernels.__file__).parent
NUMBA_FILES = sorted(
    path for path in PACKAGE.rglob("*.py") if re.search(r"^PTX_SIGNATURES\b", path.read_text("utf-8"), re.MULTILINE)
)
MODULES = [".".join(("tinyseg_kernels", *path.relative_to(PACKAGE).with_suffix("").parts)) for path in NUMBA_FILES]


@pytest.fixture(scope="module")
def compiled() -> dict[str, list[CompiledKernel]]:
    pytest.importorskip("numba", reason="NOT CHECKED for float64: numba is not installed")
    pytest.importorskip("numba_cuda", reason="NOT CHECKED for float64: numba-cuda is not installed")
    try:
        kernels = compile_listed(MODULES)
    except InvalidInput as error:
        pytest.skip(f"NOT CHECKED for float64: {error}")
    return {module: [kernel for kernel in kernels if kernel.module == module] for module in MODULES}


def test_every_rung_lists_its_kernels() -> None:
    rungs = set(PACKAGE.glob("*/numba_gpu.py"))
    assert rungs
    assert rungs - set(NUMBA_FILES) == set()


def test_every_kernel_is_listed(compiled: dict[str, list[CompiledKernel]]) -> None:
    written = {
        name
        for path in PACKAGE.rglob("*.py")
        for name in re.findall(r"^[ ]*@jit\n[ ]*def (\w+)", path.read_text("utf-8"), re.MULTILINE)
    }
    assert written
    assert written - {kernel.kernel for kernels in compiled.values() for kernel in kernels} == set()


@pytest.mark.parametrize("module", MODULES)
def test_no_float64_in_float32_kernels(compiled: dict[str, list[CompiledKernel]], module: str) -> None:
    problems = []
    for kernel in compiled[module]:
        if kernel.error:
            problems.append(f"{kernel.kernel} does not compile: {kernel.error}")
            continue
        found = float64_lines(kernel.ptx)
        if kernel.reason:
            assert kernel.reason.startswith(ON_PURPOSE), f"{kernel.kernel}: a reason begins with {ON_PURPOSE!r}"
            assert found, f"{kernel.kernel}: has no float64, so it needs no excuse"
        elif found:
            problems.append("\n  ".join([f"{kernel.kernel} ({', '.join(kernel.signature)}):", *found[:5]]))
    assert not problems, "\n".join(problems)
