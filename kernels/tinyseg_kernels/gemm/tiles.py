"""Sizes of register tiles, and how many blocks share a sum.

Choices by shape alone, so that a shape gives the same bits on every GPU.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..gpu.cuda import blocks
from ..types import DTypeLike

STEP = 16
"""Splits of a sum begin at multiples of this, the largest BK of gpu/register_tiles.cuh."""

BUSY_BLOCKS = 264
"""Blocks that keep a large GPU busy: two on each of an H100's 132 multiprocessors."""

LEAST_SUM = 256
"""A block's share of a sum is at least so long: below, writing and reading partial sums costs as much as the
products."""

SCRATCH_NUMBERS = 1 << 24
"""Partial sums may take this many numbers (64 MiB in float32)."""


class Tile(NamedTuple):
    """A block computes `rows` x `columns` outputs, each of its threads `thread_rows` x `thread_columns`."""

    rows: int
    columns: int
    thread_rows: int
    thread_columns: int
    depth: int
    """Numbers of k that are loaded at a time, BK."""

    @property
    def threads(self) -> int:
        """Threads of a block."""
        return self.rows // self.thread_rows * (self.columns // self.thread_columns)

    @property
    def defines(self) -> dict[str, int]:
        """The tile as macros of gpu/register_tiles.cuh."""
        return {
            "BM": self.rows,
            "BN": self.columns,
            "TM": self.thread_rows,
            "TN": self.thread_columns,
            "BK": self.depth,
        }

    @property
    def compiled_for(self) -> dict[str, int]:
        """The macros, with the floating type if there is but one.

        Larger tiles of float64 fit neither in registers nor in shared memory.
        """
        return self.defines if self.rows * self.columns <= 64 * 64 else {**self.defines, "REAL_IS_FLOAT": 1}

    def cover(self, rows: int, columns: int) -> int:
        """Return how many tiles cover a matrix."""
        return blocks(rows, self.rows) * blocks(columns, self.columns)


LARGE = Tile(128, 128, 8, 8, 8)
TALL = Tile(128, 64, 8, 8, 8)
NARROW = Tile(128, 32, 8, 4, 16)
SMALL = Tile(64, 64, 8, 4, 16)
TILES = (LARGE, TALL, NARROW, SMALL)


def choose_tile(rows: int, columns: int, dtype: DTypeLike) -> Tile:
    """Return the tile for a product of this shape.

    Larger tiles read less for each product. Narrower ones waste less on a matrix of few columns (filters), and smaller
    ones give a GPU with many multiprocessors a block for each. float64 takes the small one: its numbers are twice as
    large, in registers too.
    """
    if np.dtype(dtype) == np.float64:
        return SMALL
    if columns <= 32:
        return NARROW
    wide = LARGE if columns > 64 else TALL
    return wide if wide.cover(rows, columns) >= BUSY_BLOCKS // 2 else SMALL


def choose_splits(tiles: int, size: int, length: int) -> tuple[int, int]:
    """Return over how many blocks each sum is split, and how many terms each takes.

    Args:
        tiles: Blocks there are without a split.
        size: Numbers in the result.
        length: Terms of each sum.
    """
    wanted = min(BUSY_BLOCKS // max(tiles, 1), length // LEAST_SUM, SCRATCH_NUMBERS // max(size, 1))
    if wanted <= 1:
        return 1, max(length, 1)
    chunk = blocks(length, wanted * STEP) * STEP
    return blocks(length, chunk), chunk
