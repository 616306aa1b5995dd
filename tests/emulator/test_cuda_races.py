"""The race detector for CUDA C++: wrong kernels are found, in every thread order, with both lines.

Right ones stay clean.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tinyseg_emulator.checks.kernel_error import KernelError
from tinyseg_emulator.checks.records import Race, UninitialisedRead

from tests.emulator.cuda_source import THREAD_ORDERS, checked, line_of

SOURCE = r"""
#include "common.cuh"
extern "C" __global__ void neighbour(const float *x, float *y, int barrier) {
  __shared__ float s[64];
  s[threadIdx.x] = x[threadIdx.x];  // own
  if (barrier) __syncthreads();
  y[threadIdx.x] = s[(threadIdx.x + 33) % 64];  // other
}
extern "C" __global__ void across(const float *x, float *y) {
  __shared__ float s[64];
  s[threadIdx.x] = x[threadIdx.x];  // one warp
  __syncwarp();
  y[threadIdx.x] = s[threadIdx.x ^ 32];  // the other warp
}
extern "C" __global__ void tiles(const float *x, float *y, int first, int second) {
  __shared__ float t[64];
  float sum = 0;
  for (int k = 0; k < 3; k++) {
    t[threadIdx.x] = x[k * 64 + threadIdx.x];  // load the tile
    if (first) __syncthreads();
    for (int i = 0; i < 64; i++) sum += t[i];  // use the tile
    if (second) __syncthreads();
  }
  y[threadIdx.x] = sum;
}
extern "C" __global__ void lanes(float *y, int barrier, int shuffle) {
  __shared__ float s[32];
  s[threadIdx.x] = threadIdx.x;  // lane writes
  if (barrier) __syncwarp();
  if (shuffle) y[0] = __shfl_sync(0xffffffffu, 1.0f, 0);
  y[threadIdx.x + 1] = s[31 - threadIdx.x];  // lane reads
}
extern "C" __global__ void halves(float *y) {
  __shared__ float s[32];
  const unsigned mine = threadIdx.x < 16 ? 0x0000ffffu : 0xffff0000u;
  s[threadIdx.x] = threadIdx.x;  // half writes
  __syncwarp(mine);
  y[threadIdx.x] = s[threadIdx.x ^ 1] + s[threadIdx.x ^ 16];  // half reads
}
extern "C" __global__ void chain(float *y) {
  __shared__ float s[2];
  const int lane = threadIdx.x;
  if (lane == 0) s[0] = 1;
  if (lane < 2) __syncwarp(3u);
  if (lane == 1 || lane == 2) __syncwarp(6u);
  if (lane == 2) y[0] = s[0];  // knows through lane 1
}
extern "C" __global__ void counter(int *n, int mode) {
  if (mode == 0) atomicAdd(n, 1);
  else if (mode == 1) n[0] = n[0] + 1;  // lost
  else if (threadIdx.x == 0) atomicAdd(n, 1);  // atomic side
  else if (threadIdx.x == 1) n[1] = n[0];  // plain side
}
extern "C" __global__ void blocks(float *y, int stride) {
  if (threadIdx.x == 0) y[blockIdx.x * stride] = blockIdx.x;  // block writes
}
extern "C" __global__ void handover(float *y, float *z) {
  if (threadIdx.x == 0) y[blockIdx.x] = 1;  // this block's
  __syncthreads();
  if (threadIdx.x == 1) z[blockIdx.x] = y[(blockIdx.x + 1) % gridDim.x];  // the next one's
}
extern "C" __global__ void flag(int *y) { __shared__ int done; done = 1; __syncthreads(); y[threadIdx.x] = done; }
extern "C" __global__ void swaps(int *n, int *y, int mode) {
  __shared__ int s;
  int *p = mode & 1 ? &s : n;
  if (mode & 1) {
    if (threadIdx.x == 0) s = 0;
    __syncthreads();
  }
  if (mode & 2) y[threadIdx.x] = *p;  // never compared
  if (mode & 2) {
    atomicAdd(p, 1);  // counts
    return;
  }
  int old = *p, seen;  // guess
  if ((mode & 4) && threadIdx.x == 33) {
    *p = 7;  // overwritten
    return;
  }
  do {
    seen = old;
    if (seen >= int(threadIdx.x)) break;
    old = atomicCAS(p, seen, int(threadIdx.x));
  } while (seen != old);
}
extern "C" __global__ void bytes(unsigned char *y) { y[threadIdx.x] = threadIdx.x; }
extern "C" __global__ void sums(const float *x, float *y, int n) {
  __shared__ float scratch[32];
  float v = 0;
  for (int i = threadIdx.x; i < n; i += blockDim.x) v += x[blockIdx.x * n + i];
  v = block_sum(v, scratch);
  if (threadIdx.x == 0) y[blockIdx.x] = v;
}
extern "C" __global__ void broadcast(float *y) { __shared__ float s[2]; y[threadIdx.x] = s[1]; }
extern "C" __global__ void unset(float *y, int n) {
  __shared__ float s[64];
  if (threadIdx.x < n) s[threadIdx.x] = 1;
  __syncthreads();
  y[threadIdx.x] = s[threadIdx.x];  // perhaps unset
}
"""
X, I0, I1 = np.random.default_rng(3).standard_normal(192).astype(np.float32), np.int32(0), np.int32(1)


def out(n: int = 64, dtype: Any = np.float32) -> np.ndarray:
    """Return an array for results."""
    return np.zeros(n, dtype)


def places(race: Race) -> set[tuple[str, str]]:
    """Return which accesses race."""
    return {(a.kind, a.place) for a in (race.first, race.second)}


def at(kind: str, text: str) -> tuple[str, str]:
    """Return an access of the source."""
    return kind, f"test.cu:{line_of(SOURCE, text)}"


@pytest.mark.parametrize("order", THREAD_ORDERS)
@pytest.mark.parametrize(
    ("kernel", "grid", "block", "args", "expected"),
    [
        ("neighbour", 1, 64, lambda: (X, out(), I0), {at("write", "// own"), at("read", "// other")}),
        ("across", 1, 64, lambda: (X, out()), {at("write", "// one warp"), at("read", "// the other warp")}),
        ("tiles", 1, 64, lambda: (X, out(), I0, I1), {at("write", "// load the tile"), at("read", "// use the tile")}),
        ("tiles", 1, 64, lambda: (X, out(), I1, I0), {at("write", "// load the tile"), at("read", "// use the tile")}),
        ("lanes", 1, 32, lambda: (out(), I0, I0), {at("write", "// lane writes"), at("read", "// lane reads")}),
        ("halves", 1, 32, lambda: (out(),), {at("write", "// half writes"), at("read", "// half reads")}),
        ("counter", 1, 64, lambda: (out(2, np.int32), np.int32(2)),
         {at("atomic", "// atomic side"), at("read", "// plain side")}),
        ("blocks", 3, 32, lambda: (out(), I0), {at("write", "// block writes")}),
        ("handover", 4, 32, lambda: (out(), out()), {at("write", "// this block's"), at("read", "// the next one's")}),
    ],
)  # fmt: skip
def test_races_are_found_in_every_order(
    order: str, kernel: str, grid: int, block: int, args: Any, expected: set[tuple[str, str]]
) -> None:
    findings, error = checked(SOURCE, kernel, grid, block, args(), thread_order=order)
    assert error is None
    races = findings.of(Race)
    assert [places(race) for race in races] == [expected]
    assert races[0].first.thread != races[0].second.thread or races[0].first.block != races[0].second.block
    assert races[0].count >= 1


@pytest.mark.parametrize("order", THREAD_ORDERS)
@pytest.mark.parametrize(
    ("kernel", "grid", "block", "args"),
    [
        ("neighbour", 2, 64, lambda: (X, out(128), I1)),
        ("tiles", 1, 64, lambda: (X, out(), I1, I1)),
        ("lanes", 1, 32, lambda: (out(), I1, I0)),
        ("chain", 1, 32, lambda: (out(),)),
        ("counter", 3, 64, lambda: (out(2, np.int32), I0)),
        ("blocks", 3, 32, lambda: (out(), I1)),
        ("bytes", 1, 64, lambda: (out(64, np.uint8),)),
        ("sums", 3, 64, lambda: (X, out(3), np.int32(64))),
    ],
)
def test_right_kernels_stay_clean(order: str, kernel: str, grid: int, block: int, args: Any) -> None:
    if kernel == "neighbour":
        grid = 1  # its blocks write the same results
    findings, error = checked(SOURCE, kernel, grid, block, args(), thread_order=order)
    assert error is None
    assert list(findings) == []


@pytest.mark.parametrize("order", THREAD_ORDERS)
@pytest.mark.parametrize("shared", [0, 1])
def test_the_plain_first_read_of_a_compare_and_swap_loop(order: str, shared: int) -> None:
    def races(mode: int) -> set[tuple[str, str]]:
        args = (out(1, np.int32), out(64, np.int32), np.int32(mode + shared))
        found = checked(SOURCE, "swaps", 1, 64, args, thread_order=order)[0].of(Race)
        return {place for race in found for place in places(race)}

    assert races(0) == set()
    assert races(2) == {at("read", "// never compared"), at("atomic", "// counts")}
    assert {at("write", "// overwritten"), at("read", "// guess")} <= races(4)


def test_shuffles_order_no_memory() -> None:
    # Of shared memory: y[0] is written by all lanes on purpose.
    findings, _ = checked(SOURCE, "lanes", 1, 32, (out(), I0, I1))
    assert [race.array for race in findings.of(Race) if race.memory == "shared"] == ["s"]


def test_a_lost_update_shows_its_values() -> None:
    findings, _ = checked(SOURCE, "counter", 1, 2, (out(2, np.int32), I1))
    race = next(race for race in findings.of(Race) if race.second.kind == "read")
    assert (race.memory, race.array, race.index) == ("global", "n", "0")
    assert (race.first.kind, race.first.value, race.second.value) == ("write", "1", "1")
    assert (race.first.thread, race.second.thread) == ((0, 0, 0), (1, 0, 0))


def test_equal_values_are_called_benign() -> None:
    findings, _ = checked(SOURCE, "flag", 1, 64, (out(64, np.int32),))
    (race,) = findings.of(Race)
    assert race.benign
    assert (race.array, race.first.value, race.second.value) == ("done", "1", "1")
    (different,) = checked(SOURCE, "blocks", 3, 32, (out(), I0))[0].of(Race)
    assert not different.benign


@pytest.mark.parametrize("order", THREAD_ORDERS)
def test_reads_of_unset_shared_memory(order: str) -> None:
    findings, _ = checked(SOURCE, "unset", 2, 64, (out(), np.int32(63)), thread_order=order)
    (read,) = findings.of(UninitialisedRead)
    assert (read.array, read.index, read.access.value) == ("s", "63", "nan")
    assert (read.access.kind, read.access.place) == at("read", "// perhaps unset")
    findings, _ = checked(SOURCE, "unset", 1, 64, (out(), np.int32(64)), thread_order=order)
    assert len(findings) == 0


def test_each_read_of_unset_memory_counts() -> None:
    findings, _ = checked(SOURCE, "broadcast", 1, 64, (out(),))
    (read,) = findings.of(UninitialisedRead)
    assert (read.index, read.count) == ("1", 64)


def test_raise_on_finding() -> None:
    findings, error = checked(SOURCE, "neighbour", 1, 64, (X, out(), I0), raise_on_finding=True)
    assert isinstance(error, KernelError)
    assert "race on shared array 's'" in str(error) or "before anything was written" in str(error)
    assert len(findings) >= 1


def test_results_under_the_checks_are_the_same() -> None:
    plain, with_checks = out(3), out(3)
    checked(SOURCE, "sums", 3, 64, (X, plain, np.int32(64)), races=False)
    checked(SOURCE, "sums", 3, 64, (X, with_checks, np.int32(64)))
    np.testing.assert_array_equal(plain, with_checks)


TEMPLATES = r"""
template <int N> __device__ float total(const float *x) {
  __shared__ float part[N];
  part[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  float sum = 0;
  for (int k = 0; k < N; k++) sum += part[k];
  return sum;
}
struct Mirror {
  template <int N> __device__ float of(const float *x, int barrier) const {
    __shared__ float held[N];
    held[threadIdx.x] = x[threadIdx.x];  // own
    if (barrier) __syncthreads();
    return held[N - 1 - threadIdx.x];  // other
  }
};
extern "C" __global__ void both(const float *x, float *y, int barrier) {
  y[threadIdx.x] = total<32>(x) + Mirror().of<32>(x, barrier);
}
"""


@pytest.mark.parametrize("order", THREAD_ORDERS)
def test_shared_memory_of_templates_belongs_to_its_own_library(order: str) -> None:
    """The C++ rule that such variables exist once in a program would make the second library use the first one's."""
    for source in (TEMPLATES, TEMPLATES + "// another file\n"):
        y = out(32)
        findings, error = checked(source, "both", 1, 32, (X[:32], y, I1), thread_order=order)
        assert error is None
        assert list(findings) == []
        np.testing.assert_allclose(y, X[:32].sum() + X[:32][::-1], atol=1e-5)
        findings, error = checked(source, "both", 1, 32, (X[:32], y, I0), thread_order=order)
        assert error is None
        (race,) = findings.of(Race)
        assert race.array == "held"
        assert {a.place.rpartition(":")[2] for a in race.accesses} == {
            str(line_of(source, "// own")),
            str(line_of(source, "// other")),
        }
