"""Whether a kernel may move packs of 16 bytes, and how its threads are laid out (pack.cuh, elementwise.cuh)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..types import Array, DType
from .cuda import blocks
from .versions import forced_version

PACK_BYTES = 16
"""What a thread reads or writes by one instruction, at most."""

THREADS = 256
"""Threads per block of the kernels that are bound by memory: eight such blocks fill a multiprocessor."""

IN_FLIGHT = 4
"""Packs that a thread of an elementwise kernel asks for at once; as in elementwise.cuh."""

MOST_BLOCKS = 65535
"""What a grid may have along y; and enough to fill any GPU many times over."""

VECTORS: list[dict[str, int]] = [{"VECTOR": 0}, {"VECTOR": 1}]
"""The two ways that a file with packs is compiled, for `COMPILED_WITH`."""


def width(dtype: DType) -> int:
    """Return how many numbers fill a pack."""
    return PACK_BYTES // int(dtype.itemsize)


def vectors(length: int, *arrays: Array) -> bool:
    """Return whether packs fit.

    `length`, such as the number of channels, is a multiple of a pack's numbers, and the arrays (of one dtype) are
    aligned.

    Never so within `versions(packs="scalar")`.
    """
    return forced_version("packs") != "scalar" and length % width(arrays[0].dtype) == 0 and _aligned(arrays)


def _aligned(arrays: Sequence[Any]) -> bool:
    """Return whether the first byte of each device array is a multiple of 16: not so in some views."""
    return all(array.size == 0 or array.data.ptr % PACK_BYTES == 0 for array in arrays)


def flat_grid(count: int, dtype: DType) -> int:
    """Return the number of blocks for `count` numbers elementwise.

    `IN_FLIGHT` packs per thread once one each would be blocks enough for any GPU.
    """
    packs = max(count // width(dtype), 1)
    few = blocks(packs, THREADS)
    return min(few if few <= 1024 else blocks(packs, THREADS * IN_FLIGHT), MOST_BLOCKS) if count else 0


def pair_grid(rows: int, columns: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return (grid, block) for `for_each_pair`.

    Blocks of 256 threads, as wide as the columns need and for the rest over several rows.
    """
    across = 1
    while across < min(columns, THREADS):
        across *= 2
    down = THREADS // across
    return (blocks(columns, across, limit=MOST_BLOCKS), blocks(rows, down, limit=MOST_BLOCKS)), (across, down)
