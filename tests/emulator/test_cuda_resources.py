"""Registers and occupancy of a launch: known examples of the formula, and a kernel that NVRTC compiles."""

from __future__ import annotations

from pathlib import Path

import pytest
from tinyseg_emulator.cuda.resources import Launched, device_part, measure, table
from tinyseg_emulator.cuda.resources.device_part import name_of
from tinyseg_emulator.cuda.resources.occupancy import LIMITS, occupancy
from tinyseg_kernels.gpu.nvrtc import find_nvrtc

from tinyseg.programs import check_program


@pytest.mark.parametrize(
    ("arch", "threads", "registers", "shared", "blocks", "percent", "limited_by"),
    [
        # By hand from the table of the programming guide: what runs out first.
        ("sm_80", 256, 32, 0, 8, 100.0, "threads and registers"),
        ("sm_86", 256, 40, 0, 6, 100.0, "threads and registers"),
        ("sm_75", 256, 64, 0, 4, 100.0, "threads and registers"),
        ("sm_90", 1024, 33, 0, 1, 50.0, "registers"),
        ("sm_80", 128, 255, 0, 2, 12.5, "registers"),
        ("sm_80", 32, 16, 0, 32, 50.0, "blocks"),
        ("sm_86", 32, 16, 0, 16, 100 / 3, "blocks"),
        ("sm_89", 32, 16, 0, 24, 50.0, "blocks"),
        # 48 KB and 1 KB of the system: 49 KB of 164, of 100 and of 228 KB; 7.5 takes nothing besides.
        ("sm_80", 128, 16, 48 << 10, 3, 18.75, "shared memory"),
        ("sm_86", 128, 16, 48 << 10, 2, 100 / 6, "shared memory"),
        ("sm_90", 128, 16, 48 << 10, 4, 25.0, "shared memory"),
        ("sm_75", 128, 16, 32 << 10, 2, 25.0, "shared memory"),
        ("sm_75", 128, 16, 65 << 10, 0, 0.0, "shared memory"),
        ("sm_100", 33, 32, 0, 32, 100.0, "threads and blocks and registers"),
    ],
)
def test_known_occupancies(
    arch: str, threads: int, registers: int, shared: int, blocks: int, percent: float, limited_by: str
) -> None:
    found = occupancy(arch, threads, registers, shared)
    assert (found.blocks, found.limited_by) == (blocks, limited_by)
    assert found.percent == pytest.approx(percent)


@pytest.mark.skipif(find_nvrtc() is None, reason="NVRTC is not installed")
def test_a_launch_is_measured() -> None:
    source = """
    template <class T> __global__ void sums(const T *x, T *y) {
      __shared__ T part[64];
      part[threadIdx.x] = x[threadIdx.x];
      __syncthreads();
      y[threadIdx.x] = part[63 - threadIdx.x] * SCALE;
    }
    template __global__ void sums<float>(const float *, float *);
    """
    uses, missing = measure(
        source, "sums.cu", [Launched("sums<float>", 64, 1024)], defines={"SCALE": 3}, architectures=("sm_80", "sm_90")
    )
    assert missing == ""
    assert [(use.arch, use.shared, use.stack, use.spills) for use in uses] == [
        ("sm_80", 1280, 0, 0),
        ("sm_90", 1280, 0, 0),
    ]
    assert all(4 <= use.registers <= 40 and use.occupancy == 100.0 for use in uses)
    assert "sums<float>  sm_80" in table(uses)


@pytest.mark.skipif(find_nvrtc() is None, reason="NVRTC is not installed")
def test_what_nvrtc_does_not_take_is_said() -> None:
    source = "#include <vector>\nstd::vector<int> v;\n__global__ void k() {}"
    uses, missing = measure(source, "k.cu", [Launched("k", 32, 0)])
    assert uses == []
    assert "NVRTC did not compile" in missing
    assert "vector" in missing


def test_all_architectures_have_limits() -> None:
    assert {"sm_75", "sm_80", "sm_86", "sm_89", "sm_90", "sm_100"} <= set(LIMITS)


PROGRAM = """
#include <cstdio>
#include <vector>
#include "own.cuh"
using namespace std;
constexpr int WIDTH = 32;
static vector<float> numbers(64, 1.0f);
struct Timer { cudaEvent_t begun; vector<int> laps; };
namespace inner {
template <typename T, int N> __global__ void sums(const T *x, T *y) {
  __shared__ T part[N];
  part[threadIdx.x] = twice(x[threadIdx.x]);
  __syncthreads();
  y[threadIdx.x] = part[N - 1 - threadIdx.x];
}
}  // namespace inner
__global__ void dynamic(float *x) {
  extern __shared__ float part[];
  part[threadIdx.x] = x[threadIdx.x];
  x[threadIdx.x] = part[threadIdx.x] * WIDTH;
}
template <typename T> int launch(T *x) {
  inner::sums<T, 64><<<1, 64>>>(x, x + 64);
  return 0;
}
int main() {
  float *x;
  double *z;
  check(cudaMalloc(&x, 1024));
  check(cudaMalloc(&z, 1024));
  check(cudaMemset(x, 0, 1024));
  check(cudaMemset(z, 0, 1024));
  launch(x);
  launch(z);
  dynamic<<<1, 128, 20000>>>(x);
  dynamic<<<1, 64, 512>>>(x);
  check(cudaDeviceSynchronize());
  check(cudaFree(x));
  check(cudaFree(z));
}
"""
OWN = """
#pragma once
#include <cstdlib>
#include <string>
inline void check(cudaError_t error) { if (error != cudaSuccess) std::exit(1); }
inline std::string name() { return "own"; }
template <typename T> __device__ T twice(T x) { return x + x; }
"""


@pytest.mark.skipif(find_nvrtc() is None, reason="NVRTC is not installed")
def test_a_whole_program_is_measured(tmp_path: Path) -> None:
    (tmp_path / "program.cu").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "own.cuh").write_text(OWN, encoding="utf-8")
    report = check_program(tmp_path / "program.cu", pass_on=False, resources=True)
    assert not len(report.findings), str(report)
    uses = {
        (use["kernel"], use["threads"], use["shared"], use["limited_by"])
        for use in report.findings.resources
        if use["arch"] == "sm_86"
    }
    # Of 100 KB of sm_86: 20,000 bytes and 1 KB of the system four times; 16 blocks at most.
    assert uses == {
        ("inner::sums<float, 64>", 64, 256, "blocks"),
        ("inner::sums<double, 64>", 64, 512, "blocks"),
        ("dynamic", 128, 20000, "shared memory"),
        ("dynamic", 64, 512, "blocks"),
    }
    assert {use["arch"] for use in report.findings.resources} == set(LIMITS)
    assert "inner::sums<double, 64>  sm_86" in str(report)


def test_the_device_part_keeps_lines() -> None:
    source = (
        "int main() {\n  return 1;\n}\n__global__ void k(int *x) {\n  *x = LINE;\n}\nint *host;\nconst int kept = 3;\n"
    )
    lines = device_part(source, "k.cu").split("\n")
    begin = lines.index('#line 1 "k.cu"')
    assert [line.strip() for line in lines[begin + 1 : begin + 9]] == [
        "", "", "", "__global__ void k(int *x) {", "*x = LINE;", "}", ";", "const int kept = 3;",
    ]  # fmt: skip


def test_symbols_are_readable() -> None:
    assert name_of("_ZN5inner4sumsIfLi64EEEvPKT_PS1_") == "inner::sums<float, 64>"
    assert name_of("_Z5plainPf") == "plain"
    assert name_of("plain") == "plain"
    asked = device_part("", "k.cu", ["_ZN5inner4sumsIfLi64EEEvPKT_PS1_", "_Z5plainPf"])
    assert asked.count("template __global__") == 1
    assert "template __global__ void inner::sums<float, 64>(float const*, float*);" in asked
