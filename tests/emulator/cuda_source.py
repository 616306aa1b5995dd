"""Kernels in CUDA C++ written inside the tests."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from tinyseg_emulator.checks.findings import Findings
from tinyseg_emulator.checks.kernel_error import KernelError
from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.cuda.module import CudaModule
from tinyseg_kernels.gpu.cuda import INCLUDE

THREAD_ORDERS = ("up", "down", "rotated:1", "rotated:5")


@cache
def compiled(source: str, filename: str = "test.cu") -> CudaModule:
    """Return a module; each source is compiled once in a test run."""
    return CudaModule(source, filename, include=(INCLUDE,), defines={"REAL_IS_FLOAT": 1})


def three(value: int | tuple[int, ...]) -> tuple[int, int, int]:
    """Fill up with ones."""
    x, y, z = (*((value,) if isinstance(value, int) else value), 1, 1)[:3]
    return x, y, z


def launch(
    source: str,
    name: str,
    grid: int | tuple[int, ...],
    block: int | tuple[int, ...],
    args: Sequence[Any],
    shared: int = 0,
) -> None:
    """Run a kernel of a source."""
    compiled(source).kernel(name).launch(three(grid), three(block), args, shared)


def checked(
    source: str,
    name: str,
    grid: int | tuple[int, ...],
    block: int | tuple[int, ...],
    args: Sequence[Any],
    shared: int = 0,
    **options: Any,
) -> tuple[Findings, KernelError | None]:
    """Run a kernel under the checks; returns what was found, and the error that ended it."""
    with emulation(**{"races": True, **options}) as findings:
        try:
            launch(source, name, grid, block, args, shared)
        except KernelError as error:
            return findings, error
    return findings, None


def line_of(source: str, text: str) -> int:
    """Return the number of the line that has a text; it must be the only one."""
    lines = [number for number, line in enumerate(source.splitlines(), start=1) if text in line]
    assert len(lines) == 1, (text, lines)
    return lines[0]
