"""Every CUDA C++ file compiles, and each kernel keeps within registers and shared memory.

No GPU is needed. Each file is compiled for one generation of GPUs, for three of them with TINYSEG_FULL=1.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from tinyseg_kernels.gpu import resources, resources_table
from tinyseg_kernels.gpu.nvrtc import HOW_TO_GET, CompileError, compile_cubin, find_nvrtc
from tinyseg_kernels.gpu.resources import ARCHITECTURES, KernelResources, Report, compile_all, compile_file, violations
from tinyseg_kernels.gpu.resources_table import main, page, table

pytestmark = pytest.mark.skipif(
    find_nvrtc() is None, reason=f"GPU KERNELS NOT COMPILED: NVRTC was not found; {HOW_TO_GET}"
)

SOURCES = resources.sources()

FULL = os.environ.get("TINYSEG_FULL", "0") not in ("", "0")
SETS = None if os.environ.get("TINYSEG_NVRTC") == "all" else 1
"""Sets of constants per file, architecture and floating type: all of them take minutes.

`python -m tinyseg_kernels.gpu.resources_table` compiles them too.
"""


def test_there_are_sources() -> None:
    assert len(SOURCES) > 10


ALWAYS = ("sm_80", "sm_90")
"""Every file has kernels for these; some have none for older ones."""


@pytest.mark.parametrize("path", SOURCES, ids=resources.name_of)
def test_a_file_compiles_without_spills_and_within_the_limits(path: Path) -> None:
    """One test for all questions about a file, since compiling is what takes time.

    Every kernel that the text names must be in the compiler's report.
    """
    architectures = ARCHITECTURES if FULL else (ALWAYS[SOURCES.index(path) % 2],)
    report = compile_all(architectures, paths=[path], most=SETS)
    assert not report.errors, "\n".join(report.errors)
    assert {k.arch for k in report.kernels} >= set(architectures) & set(ALWAYS)
    problems = [text for kernel in report.kernels for text in violations(kernel)]
    # exp, erf and log of float64 need more registers than the bound leaves: gelu and squareplus spill some. Training on
    # a GPU is in float32, which must not.
    problems = [text for text in problems if not ("activation/table.cu" in text and "float64" in text)]
    assert not problems, "\n".join(problems)
    names = {k.kernel for k in report.kernels}
    text = path.read_text(encoding="utf-8")
    if re.search(
        r"#define(?:.*\\\n)*.*__global__", text
    ):  # a macro writes kernels, whose names the text does not have in this place
        assert names
    else:
        assert len(names) == len(re.findall(r'^extern "C" __global__', text, re.MULTILINE))


RIGHT = """
#include "common.cuh"
extern "C" __global__ void __launch_bounds__(128) scale(real *x, real a, int n) {
  __shared__ real unused[64];
  unused[threadIdx.x % 64] = a;
  __syncthreads();
  for (int i = grid_thread(); i < n; i += grid_threads()) x[i] *= unused[(threadIdx.x + 1) % 64];
}
extern "C" __global__ void plain(real *x) { x[threadIdx.x] += 1; }
"""
SPILLS = """
extern "C" __global__ void __launch_bounds__(1024, 2) greedy(const float *x, float *y, int n) {
  float a[96];
#pragma unroll
  for (int k = 0; k < 96; k++) a[k] = x[k * n + threadIdx.x];
  for (int round = 0; round < n; round++) {
#pragma unroll
    for (int k = 0; k < 96; k++) a[k] = a[k] * a[(k * 7 + 1) % 96] + x[round];
  }
#pragma unroll
  for (int k = 0; k < 96; k++) y[k * n + threadIdx.x] = a[k];
}
"""
LOCAL_ARRAY = """
extern "C" __global__ void indexed(const int *order, float *y) {
  float a[16];
  for (int k = 0; k < 16; k++) a[order[k] & 15] = y[k];
  for (int k = 0; k < 16; k++) y[k] = a[order[k + 16] & 15];
}
"""


def only_kernel(folder: Path, text: str, arch: str = "sm_80") -> KernelResources:
    """Compile a file with one kernel."""
    (kernel,) = compile_file(written(folder, text), arch, "float32", {})
    return kernel


def written(folder: Path, text: str) -> Path:
    """Write a source."""
    path = folder / "file.cu"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_the_report_holds_what_the_compiler_says(tmp_path: Path, arch: str) -> None:
    for real, size in (("float32", 4), ("float64", 8)):
        scale, plain = sorted(
            compile_file(written(tmp_path, RIGHT), arch, real, {}), key=lambda k: k.kernel, reverse=True
        )
        assert (scale.kernel, plain.kernel) == ("scale", "plain")
        assert plain.shared == 0
        assert scale.shared - 64 * size in (0, 1024)  # newer architectures keep 1 KiB of a block for themselves
        assert (scale.threads, plain.threads) == (128, 1024)
        assert 2 < plain.registers < 32
        assert (scale.real, scale.arch) == (real, arch)
        assert violations(scale) == violations(plain) == []


def test_spilled_registers_are_found(tmp_path: Path) -> None:
    kernel = only_kernel(tmp_path, SPILLS)
    assert kernel.spills > 0
    assert any("spilled" in text and "greedy" in text for text in violations(kernel))


def test_an_array_in_local_memory_is_found(tmp_path: Path) -> None:
    kernel = only_kernel(tmp_path, LOCAL_ARRAY)
    assert kernel.stack == 64
    (text,) = violations(kernel)
    assert "64 bytes of stack" in text


def test_too_many_registers_for_a_block_are_found(tmp_path: Path) -> None:
    text = SPILLS.replace("__launch_bounds__(1024, 2) ", "")
    kernel = only_kernel(tmp_path, text)
    assert kernel.threads == 1024
    assert kernel.registers > 64
    (problem,) = violations(kernel)
    assert "__launch_bounds__" in problem
    bounded = only_kernel(tmp_path, SPILLS.replace("(1024, 2)", "(128)"))
    assert bounded.threads == 128
    assert violations(bounded) == []


def test_limits_by_number() -> None:
    kernel = KernelResources("f.cu", "k", "sm_80", "float32", "", 64, 48 << 10, 0, 0, 1024)
    assert violations(kernel) == []
    assert len(violations(replace(kernel, registers=65))) == 1  # 72 are handed out
    assert len(violations(replace(kernel, shared=(48 << 10) + 4))) == 1
    assert len(violations(replace(kernel, registers=256, threads=32))) == 1
    assert len(violations(replace(kernel, spills=4, stack=8))) == 2


def test_too_much_static_shared_memory_does_not_compile(tmp_path: Path) -> None:
    text = (
        'extern "C" __global__ void k(int *x) { __shared__ int a[12289]; a[*x] = 1; __syncthreads(); x[0] = a[x[1]]; }'
    )
    with pytest.raises(CompileError, match="shared"):
        only_kernel(tmp_path, text)


def test_a_mistake_is_told_with_its_line() -> None:
    with pytest.raises(CompileError, match=r'name\.cu.*2.*"missing" is undefined'):
        compile_cubin('extern "C" __global__ void k(int *x) {\n *x = missing; }', "name.cu", "sm_80", ())


def test_headers_for_half_precision_and_tensor_cores_are_found() -> None:
    text = (
        '#include <cuda_fp16.h>\n#include <mma.h>\nextern "C" __global__ void k(half *x) { x[0] = __hadd(x[1], x[2]); }'
    )
    assert "k" in resources.parse_log(compile_cubin(text, "half.cu", "sm_80", ()).log)


def test_lines_at_the_top_leave_out_what_does_not_apply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "// Tensor cores.\n// requires sm_80\n// only float\n" + RIGHT)
    monkeypatch.setattr(resources, "sources", lambda words=(): [path])
    report = compile_all()
    assert {k.arch for k in report.kernels} == {"sm_80", "sm_90"}
    assert {k.real for k in report.kernels} == {"float32"}
    assert report.left_out == ["file.cu for sm_75: it requires sm_80"]
    assert not report.errors


def test_an_error_does_not_stop_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = tmp_path / "wrong.cu"
    wrong.write_text("nonsense", encoding="utf-8")
    monkeypatch.setattr(resources, "sources", lambda words=(): [wrong, written(tmp_path, RIGHT)])
    report = compile_all(["sm_80"])
    assert len(report.errors) == 2
    assert {k.file for k in report.kernels} == {"file.cu"}


def test_constants_of_the_rung_are_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        'extern "C" __global__ void k(float *x) { __shared__ float a[TILE * 32]; a[threadIdx.x] = *x; '
        "__syncthreads(); *x = a[threadIdx.x ^ 1]; }"
    )
    path = written(tmp_path, text)
    monkeypatch.setattr(resources, "sources", lambda words=(): [path])
    monkeypatch.setattr(resources, "constants_of", lambda path: [{"TILE": 4}, {"TILE": 8}])
    kernels = compile_all(["sm_80"]).kernels
    assert {k.constants for k in kernels} == {"TILE=4", "TILE=8"}
    by_constants = {k.constants: k.shared for k in kernels if k.real == "float32"}
    assert by_constants["TILE=8"] - by_constants["TILE=4"] == 4 * 32 * 4
    monkeypatch.setattr(
        resources, "constants_of", lambda path: [{"TILE": 4, "REQUIRES_SM": 90}, {"TILE": 2, "REAL_IS_FLOAT": 1}]
    )
    report = compile_all(["sm_80", "sm_90"])
    found = {(k.arch, k.real, k.constants) for k in report.kernels}
    assert found == {
        ("sm_90", "float32", "TILE=4 REQUIRES_SM=90"), ("sm_90", "float64", "TILE=4 REQUIRES_SM=90"),
        ("sm_80", "float32", "TILE=2 REAL_IS_FLOAT=1"), ("sm_90", "float32", "TILE=2 REAL_IS_FLOAT=1"),
    }  # fmt: skip
    assert set(report.left_out) == {"file.cu (TILE=4 REQUIRES_SM=90) for sm_80: it requires sm_90"}


def test_the_table_and_the_page_name_every_kernel(tmp_path: Path) -> None:
    kernels = [k for arch in ARCHITECTURES for k in compile_file(written(tmp_path, RIGHT), arch, "float32", {})]
    lines = table(kernels).splitlines()
    assert len(lines) == 7
    assert len({line.index(kernels[0].arch[:3]) for line in lines[1:]}) == 1  # columns
    text = page(Report(kernels, ["old.cu for sm_75: it requires sm_80"]), (13, 5))
    assert "2 kernels in 1 files" in text
    assert text.count("| `scale` |") == text.count("| `plain` |") == 1
    plain = [k.registers for k in kernels if k.kernel == "plain"]
    assert f"| {' / '.join(map(str, plain))} |" in text
    assert "old.cu for sm_75" in text


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, RIGHT)
    monkeypatch.setattr(resources_table, "sources", lambda words=(): [path])
    assert main(["--arch", "sm_90", "--write", str(tmp_path / "page.md")]) == 0
    assert "scale" in capsys.readouterr().out
    assert "`scale`" in (tmp_path / "page.md").read_text(encoding="utf-8")
    written(tmp_path, SPILLS)
    assert main(["--arch", "sm_80"]) == 1
    assert "PROBLEM" in capsys.readouterr().err
