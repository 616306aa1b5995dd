"""How kernels that walk over the rows of a matrix are launched: tiles of columns, chunks of rows, loads of 16 bytes.

The kernels' side is rows.cuh.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..types import Array
from .cuda import blocks
from .packs import vectors, width

THREADS = 256
"""ROW_THREADS in rows.cuh."""

ROWS_OF_A_PASS, ROWS_OF_A_SUM = 8, 16
"""Least number of rows per thread: enough loads under way, and parameters or a merge that are paid for."""

MOST_CHUNKS = 512
"""Blocks of a reduction, about four for each multiprocessor of a large GPU.

Enough to keep its memory busy, and few sums left to merge. It does not depend
on the GPU, so that the order of additions, and with it every bit of a result, is the same on all of them."""


class RowWalk(NamedTuple):
    """Launch geometry for a matrix (rows, columns)."""

    vector: bool
    """Whether threads load packs of 16 bytes."""
    tile: int
    """Packs of columns that a block has."""
    chunk: int
    """Rows that a block has."""
    grid: tuple[int, int]

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return self.grid[0]

    @property
    def defines(self) -> dict[str, int]:
        """Compile-time constants."""
        return {"VECTOR": int(self.vector)}


def for_pass(rows: int, columns: int, *arrays: Array) -> RowWalk:
    """Return the geometry of a kernel that computes every number by itself.

    `arrays` are all that it loads from or stores to.
    """
    return _walk(rows, columns, arrays, ROWS_OF_A_PASS, most=rows)


def for_sum(rows: int, columns: int, *arrays: Array) -> RowWalk:
    """Return the geometry of a kernel that reduces every chunk of rows to one row."""
    return _walk(rows, columns, arrays, ROWS_OF_A_SUM, most=MOST_CHUNKS)


def _walk(rows: int, columns: int, arrays: Sequence[Array], least: int, *, most: int) -> RowWalk:
    vector = vectors(columns, *arrays)
    packs = columns // width(arrays[0].dtype) if vector else columns
    tiles = blocks(packs, THREADS)
    tile = blocks(packs, tiles)  # tiles of the same width, not full ones and a rest
    lanes = THREADS // tile
    lanes -= lanes % 8 if lanes >= 32 else 0  # lanes_of in rows.cuh
    chunk = max(lanes * least, blocks(rows, max(most // tiles, 1)))
    chunk += -chunk % 8
    return RowWalk(vector, tile, chunk, (blocks(rows, chunk), tiles))
