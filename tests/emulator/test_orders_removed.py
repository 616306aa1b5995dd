"""Each barrier and fence of `ordered_kernels.cu` is left out in turn.

The kernels are right with all, and the check speaks without any one of them, in every order of the threads.

A fence that is missing is told with the line that it must go to.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tinyseg_emulator.checks.records import Race

from tests.emulator.cuda_source import checked, launch

SOURCE = Path(__file__).with_name("ordered_kernels.cu").read_text(encoding="utf-8")
ORDERS = ("up", "down", "rotated:1")


def _f(n: int) -> Any:
    return np.random.default_rng(n).random(n).astype(np.float32)


def _i(n: int) -> Any:
    return np.random.default_rng(n).integers(0, 9, n).astype(np.int32)


def _shuffled(n: int) -> Any:
    return np.random.default_rng(1).permutation(n).astype(np.int32)


def _z(n: int, dtype: Any = np.int32) -> Any:
    return np.zeros(n, dtype)


LAUNCHES: dict[str, tuple[Any, Any, Callable[[], list[Any]], int]] = {
    "reduce": (1, 64, lambda: [_f(64), _f(1)], 0),
    "tiles": (1, (8, 8), lambda: [_f(256), _f(64)], 0),
    "scan_steps": (1, 64, lambda: [_i(64), _i(64)], 0),
    "scan_tree": (1, 32, lambda: [_i(64), _i(64)], 256),
    "transpose": (1, (16, 4), lambda: [_f(256), _f(256)], 0),
    "halo": (1, 64, lambda: [_f(64), _f(64)], 0),
    "histogram": (2, 64, lambda: [_i(64), _z(8)], 0),
    "bitonic": (1, 64, lambda: [_shuffled(64)], 0),
    "warp_tail": (1, 64, lambda: [_f(64), _f(1)], 0),
    "odd_even": (1, 64, lambda: [np.arange(64, 0, -1, dtype=np.int32)], 0),
    "two_buffers": (1, 64, lambda: [_f(64), _f(64)], 0),
    "block_sum": (1, 64, lambda: [_f(64), _f(64)], 0),
    "compact": (1, 64, lambda: [_i(64), _z(64)], 0),
    "life": (1, (8, 8), lambda: [_i(64) % 2], 0),
    "last_block": (6, 64, lambda: [_f(6), _f(6), _z(1, np.uint32), _f(64)], 0),
    "last_block_all": (6, 64, lambda: [_f(6), _f(384), _z(1, np.uint32), _f(64)], 0),
    "lock": (2, 40, lambda: [_z(1), _z(1)], 0),
    "ticket_lock": (6, 32, lambda: [_z(1), _z(1), _z(1)], 0),
    "two_warps": (1, 64, lambda: [_z(32)], 0),
    "own_grid_barrier": (4, 64, lambda: [_z(1, np.uint32), _z(1, np.uint32), _f(256), _f(256)], 0),
    "grid_steps": (4, 64, lambda: [_f(256), _f(256)], 0),
    "chain": (6, 32, lambda: [_i(6), _z(6), _z(6)], 0),
    "one_word": (6, 32, lambda: [_i(6), _z(6), _z(6, np.uint64)], 0),
}


def numbers_of(kernel: str) -> list[int]:
    body = SOURCE[SOURCE.index(f"void {kernel}(") :].partition("\n}\n")[0]
    return [int(number) for number in re.findall(r"KEEP\((\d+),", body)]


def test_there_are_enough() -> None:
    assert len(LAUNCHES) >= 20
    assert sum(len(numbers_of(kernel)) for kernel in LAUNCHES) >= 40


@pytest.mark.parametrize("kernel", LAUNCHES)
def test_right_kernels_are_clean(kernel: str) -> None:
    grid, block, arguments, shared = LAUNCHES[kernel]
    for order in ORDERS:
        findings, error = checked(SOURCE, kernel, grid, block, [*arguments(), np.int32(-1)], shared, thread_order=order)
        assert not findings, str(findings)
        assert error is None
    launch(SOURCE, kernel, grid, block, [*arguments(), np.int32(-1)], shared)


@pytest.mark.parametrize("kernel", LAUNCHES)
def test_what_is_left_out_is_found(kernel: str) -> None:
    grid, block, arguments, shared = LAUNCHES[kernel]
    for number in numbers_of(kernel):
        for order in ORDERS:
            findings, _ = checked(
                SOURCE, kernel, grid, block, [*arguments(), np.int32(number)], shared, thread_order=order, seconds=5.0
            )
            assert len(findings), (kernel, number, order)


@pytest.mark.parametrize(
    ("kernel", "number", "before", "behind"),
    [
        ("last_block", 0, True, "is_last = atomicInc"),
        ("last_block_all", 0, True, "is_last = atomicAdd"),
        ("lock", 0, False, "if (atomicCAS"),
        ("lock", 1, True, "atomicExch(held"),
        ("ticket_lock", 1, True, "*serving = mine + 1"),
        ("ticket_lock", 0, False, "while (*serving"),
        ("two_warps", 2, True, "ready = 1;"),
        ("chain", 1, True, "flag[blockIdx.x] = 1"),
        ("chain", 0, False, "while (flag["),
    ],
)
def test_a_missing_fence_is_told_with_its_line(kernel: str, number: int, before: bool, behind: str) -> None:
    grid, block, arguments, shared = LAUNCHES[kernel]
    findings, _ = checked(SOURCE, kernel, grid, block, [*arguments(), np.int32(number)], shared)
    lines = SOURCE.splitlines()
    start = next(k for k, line in enumerate(lines) if f"void {kernel}(" in line)
    line = next(k for k in range(start, len(lines)) if behind in lines[k]) + 1
    where = "between the first access and" if before else f":{line} and the second access"
    advice = [race.advice for race in findings.of(Race) if "A fence is missing" in race.advice]
    assert any(f":{line}" in text and where in text for text in advice), str(findings)
    assert "A fence is missing" in str(findings)
