"""The emulator takes the CUDA C++ that nvcc takes, refuses what it refuses, and computes what PTX defines.

A part of the one-feature files in features/; TINYSEG_FULL=1 takes all, and asks nvcc where it is installed.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from tinyseg_emulator.checks.records import Race
from tinyseg_emulator.cuda.module import CudaModule
from tinyseg_kernels.errors import InvalidInput

from benchmarks.gpu_features.cases import FOLDER, Case, read_cases, record
from benchmarks.gpu_features.compilers import ask_emulator, ask_nvcc, find_nvcc
from benchmarks.gpu_features.report import Outcome, page, table
from tests.emulator.cuda_source import checked

FULL = os.environ.get("TINYSEG_FULL", "0") not in ("", "0")
LIBRARY = {
    "atomics", "bfloat16", "curand", "fast_math", "groups", "half", "integers", "math", "rounding", "simd", "vectors",
    "warp", "wmma",
}  # fmt: skip
"""Groups about the device library; the others are about the language, which the rules and the translation decide."""

REFUSED = (
    "half plus float", "half times int", "atomicAdd of a long long", "atomicMax of a float", "shuffle of a float4",
    "shuffle without _sync", "max of float and int", "match_any of a half", "float matrix_a", "bfloat16 with half sums",
)  # fmt: skip
"""A sample of what the overloads of the device library refuse."""


def test_the_files_are_well_formed() -> None:
    cases = read_cases()
    assert len(cases) >= 500
    assert len({(case.group, case.name) for case in cases}) == len(cases)
    assert all(case.accepted is not None for case in cases)  # nvcc was asked about each
    assert not [case.name for case in cases if case.numbers and not case.accepted]
    assert {case.group for case in cases} > LIBRARY


def test_results_are_those_that_ptx_defines() -> None:
    cases = [case for case in read_cases() if case.group in LIBRARY and case.numbers]
    sample = cases if FULL else cases[::5]
    answers = ask_emulator(sample)
    wrong = [(case.name, answer.words) for case, answer in zip(sample, answers, strict=True) if not answer.right]
    assert not wrong


def test_what_nvcc_refuses_is_refused() -> None:
    sample = [case for case in read_cases() if case.name in REFUSED]
    assert len(sample) == len(REFUSED)
    assert not any(case.accepted for case in sample)
    for case, answer in zip(sample, ask_emulator(sample), strict=True):
        assert not answer.accepted, case.name
        assert "case.cu" in answer.words


@pytest.mark.skipif(not FULL, reason="all files: TINYSEG_FULL=1")
def test_agreement_over_all_files() -> None:
    cases = read_cases()
    groups = [[case for case in cases if case.group == group] for group in sorted({case.group for case in cases})]
    outcomes = [Outcome(*pair) for some in groups for pair in zip(some, ask_emulator(some), strict=True)]
    print(table(outcomes))
    assert sum(outcome.agrees for outcome in outcomes) >= 0.97 * len(outcomes)


@pytest.mark.skipif(not FULL or find_nvcc() is None, reason="nvcc: TINYSEG_FULL=1 where it is installed")
def test_recorded_verdicts_are_those_of_nvcc() -> None:
    sample = [case for case in read_cases() if case.group != "curand"][::40]
    assert [case.name for case in sample if ask_nvcc(case).accepted != case.accepted] == []


def test_a_verdict_is_written_into_its_file(tmp_path: Path) -> None:
    text = "//= one | ? | int 3\nout[0] = 3;\n//= two | ?\nout[0] = 1;\n"
    (tmp_path / "small.cu").write_text(text, encoding="utf-8")
    record(tmp_path, {("small", "two"): False})
    one, two = read_cases(tmp_path)
    assert (one.accepted, two.accepted) == (None, False)
    assert one.expected().tolist() == [3]
    assert one.source == 'extern "C" __global__ void k(int *out) {\n  out[0] = 3;\n}\n'
    record(tmp_path, {("small", "one"): True})
    assert (tmp_path / "small.cu").read_text(encoding="utf-8").startswith("//= one | accepted | int 3\n")


def test_wrong_numbers_and_wrong_verdicts_count_as_differing() -> None:
    wrong = Case("g", "three", True, "int", ("3",), 'extern "C" __global__ void k(int *out) { out[0] = 4; }')
    refused = Case("g", "taken", False, "int", (), 'extern "C" __global__ void k(int *out) { out[0] = 4; }')
    outcomes = [Outcome(case, answer) for case in (wrong, refused) for answer in ask_emulator([case])]
    assert [outcome.agrees for outcome in outcomes] == [False, False]
    assert "| g | 2 | 0 (0 %) | 0 | 1 | 1 |" in table(outcomes)
    assert "- g: taken (nvcc refuses it)" in page(outcomes)
    assert FOLDER.is_dir()


RACES = r"""
#include <mma.h>
using namespace nvcuda;
extern "C" __global__ void own_lane(float *out, int barrier) {
  __shared__ float s[256];
  wmma::fragment<wmma::accumulator, 16, 16, 16, float> f;
  wmma::fill_fragment(f, 1.0f);
  wmma::store_matrix_sync(s, f, 16, wmma::mem_row_major);
  if (barrier) __syncwarp();
  for (int i = threadIdx.x; i < 256; i += 32) out[i] = s[i];
}
"""


@pytest.mark.parametrize("barrier", [0, 1])
def test_a_stored_fragment_is_not_where_a_loop_over_lanes_reads(barrier: int) -> None:
    out = np.zeros(256, np.float32)
    findings, error = checked(RACES, "own_lane", 1, 32, (out, np.int32(barrier)))
    assert error is None
    assert {race.array for race in findings.of(Race)} == ({"s"} if not barrier else set())


PTX = r"""
extern "C" __global__ void k(unsigned *out) {
  unsigned lane, sum, bits;
  asm volatile("mov.u32 %0, %%laneid;" : "=r"(lane));
  asm("{ .reg .u32 t;\n\t mul.lo.u32 t, %1, 3;\n\t shl.b32 %0, t, 2; }" : "=r"(sum) : "r"(lane + 1));
  asm("mov.b32 %0, %1;" : "=r"(bits) : "f"(1.0f));
  asm volatile("prefetch.global.L2 [%0];" ::"l"(out));
  asm volatile("membar.gl;" ::: "memory");
  out[lane] = sum + bits;
}
"""


def test_plain_inline_ptx_is_executed_and_other_is_named() -> None:
    out = np.zeros(32, np.uint32)
    CudaModule(PTX, "ptx.cu").kernel("k").launch((1, 1, 1), (32, 1, 1), [out])
    np.testing.assert_array_equal(out, (np.arange(32) + 1) * 12 + 0x3F800000)
    other = PTX.replace("membar.gl;", "ld.global.cg.u32 %0, [%1];")
    with pytest.raises(
        InvalidInput, match=r"ptx\.cu:8: inline PTX: the emulator does not execute 'ld\.global\.cg\.u32'"
    ):
        CudaModule(other, "ptx.cu")


def test_lanes_of_a_branch_are_known() -> None:
    module = CudaModule(
        """
        #include <cooperative_groups.h>
        extern "C" __global__ void k(unsigned *out) {
          if (threadIdx.x % 4 == 1) out[threadIdx.x] = __activemask();
          else out[threadIdx.x] = cooperative_groups::coalesced_threads().size();
        }""",
        "lanes.cu",
    )
    out = np.zeros(32, np.uint32)
    module.kernel("k").launch((1, 1, 1), (32, 1, 1), [out])
    assert (out[1::4] == 0x22222222).all()
    assert (out[[0, 2, 31]] == 24).all()
