"""Registers and occupancy of a launch: known examples of the formula, and a kernel that NVRTC compiles."""

from __future__ import annotations

import pytest
from tinyseg_emulator.cuda.resources import Launched, measure, table
from tinyseg_emulator.cuda.resources.occupancy import LIMITS, occupancy
from tinyseg_kernels.gpu.nvrtc import find_nvrtc


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
    uses, missing = measure("#include <vector>\n__global__ void k() {}", "k.cu", [Launched("k", 32, 0)])
    assert uses == []
    assert "NVRTC did not compile" in missing
    assert "vector" in missing


def test_all_architectures_have_limits() -> None:
    assert {"sm_75", "sm_80", "sm_86", "sm_89", "sm_90", "sm_100"} <= set(LIMITS)
