"""Sectors and bank conflicts that the simulator counts, against what can be worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

pytest.importorskip("greenlet", reason="NOT TESTED: the simulator needs greenlet (pip install 'tinyseg[test-gpu]')")

from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.checks.records import LineTraffic
from tinyseg_emulator.simulator.simulate import cuda


@cuda.jit
def strided(x: Any, y: Any, stride: Any) -> None:
    i = cuda.grid(1)
    y[i] = x[i * stride]


@cuda.jit
def transpose(x: Any, y: Any, width: Any) -> None:
    tile = cuda.shared.array(0, np.float32)
    column, row = cuda.threadIdx.x, cuda.threadIdx.y
    tile[row * width + column] = x[row, column]
    cuda.syncthreads()
    y[row, column] = tile[column * width + row]


@cuda.jit
def broadcast(x: Any, y: Any) -> None:
    i = cuda.threadIdx.x
    total = x.dtype.type(0)
    for k in range(3):
        total += x[k]
    y[i] = total


@cuda.jit
def wide(y: Any) -> None:
    shared = cuda.shared.array(64, np.float64)
    i = cuda.threadIdx.x
    shared[i] = i
    cuda.syncthreads()
    y[i] = shared[i]


def traffic(kernel: Any, launch: tuple[Any, ...], *args: Any) -> dict[tuple[str, str], LineTraffic]:
    with emulation(memory_report=True) as findings:
        kernel[launch](*args)
    json.dumps(findings.to_json())
    return {(line.array, line.kind): line for line in findings.traffic}


@pytest.mark.parametrize(("stride", "sectors"), [(1, 4), (2, 8), (3, 12), (8, 32), (9, 32)])
def test_sectors_of_strided_reads(stride: int, sectors: int) -> None:
    x, y = np.zeros(64 * stride, np.float32), np.zeros(64, np.float32)
    lines = traffic(strided, (1, 64), x, y, stride)
    read, write = lines["x", "read"], lines["y", "write"]
    assert (read.requests, read.sectors, read.ideal_sectors) == (2, 2 * sectors, 8)
    assert (write.requests, write.sectors, write.ideal_sectors) == (2, 8, 8)


def test_a_view_that_starts_between_sectors_touches_one_more() -> None:
    x = np.zeros(65, np.float32)
    lines = traffic(strided, (1, 32), x[1:], np.zeros(32, np.float32), 1)
    assert lines["x", "read"].sectors == 5


@pytest.mark.parametrize(("width", "ways"), [(32, 32), (33, 1), (34, 2), (36, 4), (40, 8)])
def test_bank_conflicts_of_a_transposed_read(width: int, ways: int) -> None:
    x, y = np.zeros((32, 32), np.float32), np.zeros((32, 32), np.float32)
    lines = traffic(transpose, (1, (32, 32), 0, 4 * 32 * width), x, y, width)
    write, read = lines["tile", "write"], lines["tile", "read"]
    assert (write.requests, write.bank_conflicts) == (32, 0)
    assert (read.requests, read.wavefronts, read.bank_conflicts, read.worst_ways) == (
        32,
        32 * ways,
        32 * (ways - 1),
        ways,
    )


def test_one_address_for_all_lanes_is_one_sector() -> None:
    lines = traffic(broadcast, (1, 32), np.zeros(8, np.float32), np.zeros(32, np.float32))
    read = lines["x", "read"]
    assert read.requests == 3
    assert (read.sectors, read.ideal_sectors) == (3, 3)


def test_float64_needs_two_passes_without_any_conflict() -> None:
    lines = traffic(wide, (1, 64), np.zeros(64))
    assert (
        lines["shared", "write"].requests,
        lines["shared", "write"].wavefronts,
        lines["shared", "write"].bank_conflicts,
    ) == (2, 4, 0)
    assert lines["y", "write"].sectors == 16


def test_the_report_is_a_table_of_lines() -> None:
    x, y = np.zeros((32, 32), np.float32), np.zeros((32, 32), np.float32)
    with emulation(memory_report=True) as findings:
        transpose[1, (32, 32), 0, 4 * 32 * 32](x, y, 32)
    rows = str(findings).splitlines()
    (row,) = [row for row in rows if "read tile" in row]
    assert "992 (32 ways)" in row
    assert row.endswith("y[row, column] = tile[column * width + row]")
