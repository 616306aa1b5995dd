"""The race detector's quick ways hide nothing: accesses that a word knows already, and what comes among them."""

from __future__ import annotations

import numpy as np
import pytest
from tinyseg_emulator.checks.records import Race

from tests.emulator.cuda_source import THREAD_ORDERS, checked, line_of

SOURCE = r"""
extern "C" __global__ void counts(int *y, int barrier, int other, int store) {
  __shared__ int bins[4];
  if (threadIdx.x < 4) bins[threadIdx.x] = 0;
  __syncthreads();
  for (int i = 0; i < 40; i++) {
    atomicAdd(&bins[i % 4], 1);  // count
    if (i == 20 && !barrier && threadIdx.x == other) {
      if (store) bins[3] = 0;  // plain store
      else y[1] = bins[3];  // plain load
    }
  }
  __syncthreads();
  if (threadIdx.x == other) y[0] = bins[2];
}
extern "C" __global__ void rounds(float *y, int lane) {
  __shared__ float s[1];
  if (threadIdx.x == 0) s[0] = 1;
  __syncthreads();
  float sum = 0;
  for (int k = 0; k < 3; k++) {
    sum += s[0];  // load in each round
    if (k < 2) __syncwarp();
  }
  if (threadIdx.x == lane) s[0] = sum;  // store behind the rounds
  y[threadIdx.x] = sum;
}
extern "C" __global__ void arrays(const float *x, float *y, float *z, int n) {
  for (int k = 0; k < 2; k++) {
    const float *from = k ? z : x;
    float sum = 0;
    for (int i = 0; i < n; i++) sum += from[i];  // one load, two arrays
    if (k == 0) z[threadIdx.x] = sum;  // keep the sum
    else y[threadIdx.x] = sum;
  }
}
"""


def lines_of(race: Race) -> set[int]:
    """Return the numbers of the two lines."""
    return {int(access.place.rpartition(":")[2]) for access in (race.first, race.second)}


@pytest.mark.parametrize("order", THREAD_ORDERS)
@pytest.mark.parametrize("other", [0, 77, 255])
def test_a_plain_access_among_thousands_of_atomics(order: str, other: int) -> None:
    for store, text in enumerate(("plain load", "plain store")):
        y = np.zeros(2, np.int32)
        findings, error = checked(
            SOURCE, "counts", 1, 256, (y, np.int32(0), np.int32(other), np.int32(store)), thread_order=order
        )
        assert error is None
        races = [finding for finding in findings if isinstance(finding, Race)]
        expected = {line_of(SOURCE, "// count"), line_of(SOURCE, f"// {text}")}
        assert [lines_of(race) for race in races] == [expected]
    y = np.zeros(2, np.int32)
    findings, error = checked(
        SOURCE, "counts", 1, 256, (y, np.int32(1), np.int32(other), np.int32(0)), thread_order=order, memory_report=True
    )
    assert (error, list(findings), y[0]) == (None, [], 256 * 10)


@pytest.mark.parametrize("order", THREAD_ORDERS)
@pytest.mark.parametrize("lane", [0, 5, 31])
def test_loads_in_rounds_of_a_warp_race_with_a_store_behind_the_last_one(order: str, lane: int) -> None:
    y = np.zeros(32, np.float32)
    findings, _ = checked(SOURCE, "rounds", 1, 32, (y, np.int32(lane)), thread_order=order)
    expected = {line_of(SOURCE, "load in each round"), line_of(SOURCE, "store behind")}
    assert expected in [lines_of(f) for f in findings if isinstance(f, Race)]


def test_one_instruction_that_reads_an_array_nobody_writes_and_one_that_is_written() -> None:
    x, y, z = np.ones(64, np.float32), np.zeros(64, np.float32), np.zeros(64, np.float32)
    findings, _ = checked(SOURCE, "arrays", 1, 64, (x, y, z, np.int32(64)))
    expected = {line_of(SOURCE, "one load, two arrays"), line_of(SOURCE, "keep the sum")}
    assert [lines_of(f) for f in findings if isinstance(f, Race)] == [expected]
