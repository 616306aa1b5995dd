"""Kernels whose traces several tests look at, in CUDA C++ and as Numba's."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tinyseg_emulator.checks.findings import Findings
from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.checks.trace import Trace
from tinyseg_emulator.cuda.check import check_cuda

SOURCE = """
// racecheck: sums<<<2, 64>>>(float x[128] = arange, float y[2])
// racecheck: turn<<<1, (32, 8)>>>(float x[32][32] = arange, float y[32][32], double z[32] = ones)
// racecheck: late<<<1, 64>>>(float y[64])
// racecheck: meet<<<40, 32>>>(int y[4] = zeros)

extern "C" __global__ void sums(const float *x, float *y) {
  __shared__ float part[64];
  const int thread = threadIdx.x;
  part[thread] = x[blockIdx.x * 64 + thread];
  for (int half = 32; half > 0; half /= 2) {
    __syncthreads();
    if (thread < half) part[thread] += part[thread + half];
  }
  if (thread == 1) y[blockIdx.x] = part[0];  // </script> <!-- of thread 0
}

extern "C" __global__ void turn(const float *x, float *y, const double *z) {
  __shared__ float tile[32][32];
  for (int i = threadIdx.y; i < 32; i += 8) tile[i][threadIdx.x] = x[i * 32 + threadIdx.x];
  __syncthreads();
  for (int i = threadIdx.y; i < 32; i += 8) y[i * 32 + threadIdx.x] = tile[threadIdx.x][i] + z[threadIdx.x / 2 * 2];
}

extern "C" __global__ void late(float *y) {
  y[threadIdx.x] = 1;
  if (threadIdx.x < 40) {
    __syncthreads();  // these
  } else {
    __syncthreads();  // and those
  }
}

extern "C" __global__ void meet(int *y) {
  if (threadIdx.x == 0) atomicAdd(&y[0], 1);
  __syncwarp();
  if (threadIdx.x == 3 && blockIdx.x == 7) y[1] = 7;
  if (threadIdx.x == 4 && blockIdx.x == 9) y[1] = 9;
}
"""

NUMBA = """
# racecheck: turn_back[2, 64](x: float32[128] = arange, y: float32[130])
from numba import cuda, float32

@cuda.jit
def turn_back(x, y):
    part = cuda.shared.array(64, float32)
    thread = cuda.threadIdx.x
    i = cuda.grid(1)
    part[thread] = x[i]
    if cuda.blockIdx.x == 0:
        cuda.syncthreads()
    y[i + 3] = part[63 - thread]
"""


def check(folder: Path, **options: int) -> tuple[Trace, Findings, Path]:
    """Check the CUDA C++ kernels with a trace."""
    path = folder / "traced.cu"
    path.write_text(SOURCE, encoding="utf-8")
    trace = Trace(**options)  # type: ignore[arg-type]
    with emulation(trace=trace):
        findings = check_cuda(path)
    return trace, findings, path


@cache
def line_of(text: str) -> int:
    """Return the number of the line of the CUDA C++ source that has a text."""
    return next(k for k, line in enumerate(SOURCE.splitlines(), start=1) if text in line)
