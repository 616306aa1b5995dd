"""Accesses out of bounds and misaligned ones under the checks, and what the memory report counts."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from tinyseg_emulator.checks.records import LineTraffic, Misaligned, OutOfBounds

from tests.emulator.cuda_source import checked, line_of

SOURCE = r"""
extern "C" __global__ void copy(const float *x, float *y, int n, int shift) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = x[i + shift];  // shifted
}
extern "C" __global__ void image(float *y, int h, int w) { y[threadIdx.y * w + threadIdx.x] = 1; }  // pixel
extern "C" __global__ void vector(const float *x, float *y, int i) {
  const float4 v = *reinterpret_cast<const float4 *>(x + i);  // vector
  y[0] = v.x + v.y + v.z + v.w;
}
extern "C" __global__ void declared(float *y, int i) {
  __shared__ float s[32];
  s[threadIdx.x] = 1;
  __syncthreads();
  y[threadIdx.x] = s[threadIdx.x + i];  // declared
}
extern "C" __global__ void dynamic(float *y, int i) {
  extern __shared__ float s[];
  const int place = i + (int)threadIdx.x;
  s[place] = 1;  // dynamic
  y[threadIdx.x] = s[place];
}
extern "C" __global__ void strided(const float *x, float *y, int stride) {
  y[threadIdx.x] = x[threadIdx.x * stride];  // strided
}
extern "C" __global__ void quads(const float4 *x, float4 *y) { y[threadIdx.x] = x[threadIdx.x]; }  // quads
extern "C" __global__ void banks(float *y, int stride) {
  __shared__ float s[1024];
  for (int i = threadIdx.x; i < 1024; i += 32) s[i] = i;  // fill
  __syncthreads();
  y[threadIdx.x] = s[threadIdx.x * stride];  // banks
}
extern "C" __global__ void wide(float *y) {
  __shared__ float4 s[32];
  s[threadIdx.x] = make_float4(1, 2, 3, 4);  // wide
  __syncthreads();
  y[threadIdx.x] = s[blockDim.x - 1 - threadIdx.x].y;
}
extern "C" __global__ void loops(const float *x, float *y, int n) {
  float sum = 0;
  for (int i = threadIdx.x; i < n; i += blockDim.x) sum += x[i];  // loops
  y[threadIdx.x] = sum;
}
extern "C" __global__ void through_table(const unsigned long long *table, int which) {
  reinterpret_cast<float *>(table[which])[threadIdx.x] = 1;
}
"""


def traffic(
    kernel: str, block: int, args: tuple[Any, ...], text: str, kind: str, memory: str, grid: int = 1
) -> LineTraffic:
    """Return what one line of a kernel moves."""
    findings, error = checked(SOURCE, kernel, grid, block, args, memory_report=True)
    assert error is None
    assert len(findings) == 0
    (line,) = [
        line
        for line in findings.traffic
        if (line.place, line.kind, line.memory) == (f"test.cu:{line_of(SOURCE, text)}", kind, memory)
    ]
    json.dumps(findings.to_json())
    assert line.place.partition(":")[0] in str(findings)
    return line


def f4(*shape: int) -> np.ndarray:
    """Return an array full of ones."""
    return np.ones(shape, np.float32)


@pytest.mark.parametrize("order", ["up", "down"])
def test_global_accesses_out_of_bounds_name_the_array(order: str) -> None:
    x, y, n = f4(100), f4(100), np.int32(100)
    findings, error = checked(SOURCE, "copy", 4, 32, (x, y, n, np.int32(1)), thread_order=order)
    (found,) = findings.of(OutOfBounds)
    assert (found.memory, found.array, found.index, found.shape) == ("global", "x", "100", "(100,)")
    assert (found.access.kind, found.access.block, found.access.thread) == ("read", (3, 0, 0), (3, 0, 0))
    assert found.access.place == f"test.cu:{line_of(SOURCE, '// shifted')}"
    assert "out of bounds: reads global array 'x'" in str(error)
    findings, _ = checked(SOURCE, "copy", 4, 32, (x, y, n, np.int32(-1)))
    assert findings.of(OutOfBounds)[0].index == "-1"
    findings, error = checked(SOURCE, "copy", 4, 32, (x, y, n, np.int32(0)))
    assert (len(findings), error) == (0, None)


def test_a_swapped_height_and_width_leaves_the_array() -> None:
    y = f4(5, 9)
    findings, _ = checked(SOURCE, "image", 1, (9, 5), (y, np.int32(9), np.int32(10)))
    (found,) = findings.of(OutOfBounds)
    assert (found.array, found.shape, found.index) == ("y", "(5, 9)", "45")


def test_shared_accesses_out_of_bounds() -> None:
    findings, error = checked(SOURCE, "declared", 1, 32, (f4(32), np.int32(1)))
    assert (findings.of(OutOfBounds)[0].index, error is not None) == ("32", True)
    findings, _ = checked(SOURCE, "dynamic", 1, 32, (f4(32), np.int32(1)), 128)
    (found,) = findings.of(OutOfBounds)
    assert (found.memory, found.array, found.index, found.shape) == ("shared", "s", "32", "(32,)")
    findings, _ = checked(SOURCE, "dynamic", 1, 32, (f4(32), np.int32(-1)), 128)
    assert findings.of(OutOfBounds)[0].index == "-1"
    for kernel, shared in (("declared", 0), ("dynamic", 128)):
        findings, error = checked(SOURCE, kernel, 1, 32, (f4(32), np.int32(0)), shared)
        assert (len(findings), error) == (0, None)


def test_misaligned_vectors() -> None:
    findings, error = checked(SOURCE, "vector", 1, 1, (f4(16), f4(1), np.int32(6)))
    (found,) = findings.of(Misaligned)
    assert (found.array, found.offset, found.alignment, found.access.kind) == ("x", 24, 16, "read")
    assert error is not None
    assert checked(SOURCE, "vector", 1, 1, (f4(16), f4(1), np.int32(8)))[1] is None


def test_arrays_reached_through_a_table_of_addresses() -> None:
    from tinyseg_emulator.host.guarded import guarded

    inside = guarded(64 * 4).view(np.float32)
    table = np.array([inside.ctypes.data, inside.ctypes.data + 4], np.uint64)
    assert checked(SOURCE, "through_table", 1, 64, (table, np.int32(0)))[1] is None
    assert inside.all()
    assert checked(SOURCE, "through_table", 1, 64, (table, np.int32(1)))[0].of(OutOfBounds)


@pytest.mark.parametrize(("stride", "sectors"), [(1, 4), (2, 8), (8, 32), (33, 32), (0, 1)])
def test_sectors_of_strided_access(stride: int, sectors: int) -> None:
    x = f4(32 * 33 + 1)
    line = traffic("strided", 32, (x, f4(32), np.int32(stride)), "// strided", "read", "global")
    assert (line.requests, line.sectors, line.ideal_sectors) == (1, sectors, 1 if stride == 0 else 4)
    assert line.array == "x"


def test_vectors_are_one_request() -> None:
    line = traffic("quads", 64, (f4(64, 4), f4(64, 4)), "// quads", "write", "global")
    assert (line.requests, line.sectors, line.ideal_sectors, line.array) == (2, 32, 32, "y")


@pytest.mark.parametrize(("stride", "ways"), [(1, 1), (2, 2), (3, 1), (4, 4), (31, 1), (16, 16), (0, 1)])
def test_bank_conflicts_of_strided_access(stride: int, ways: int) -> None:
    line = traffic("banks", 32, (f4(32), np.int32(stride)), "// banks", "read", "shared")
    assert (line.requests, line.wavefronts, line.ideal_wavefronts, line.worst_ways) == (1, ways, 1, ways)
    assert line.bank_conflicts == ways - 1
    fill = traffic("banks", 32, (f4(32), np.int32(stride)), "// fill", "write", "shared")
    assert (fill.requests, fill.bank_conflicts) == (32, 0)


def test_vectors_in_shared_memory_take_four_passes_without_conflict() -> None:
    line = traffic("wide", 32, (f4(32),), "// wide", "write", "shared")
    assert (line.requests, line.wavefronts, line.ideal_wavefronts) == (1, 4, 4)
    line = traffic("wide", 8, (f4(32),), "// wide", "write", "shared")  # a quarter of a warp
    assert (line.requests, line.wavefronts, line.ideal_wavefronts) == (1, 1, 1)


def test_each_turn_of_a_loop_is_a_request() -> None:
    line = traffic("loops", 64, (f4(200), f4(64), np.int32(200)), "// loops", "read", "global")
    assert line.requests == 3 * 2 + 1  # 200 = 3 * 64 + 8: the last turn is one warp's
    assert line.sectors == line.ideal_sectors == 25
