"""Matrices in the order in which the micro-kernel reads them."""

from __future__ import annotations

import math
from typing import Any

from ..types import Array
from .buffers import empty
from .compiled import kernel
from .micro_kernel import COLUMNS, ROWS


def panels(count: int) -> int:
    """Return how many panels of `COLUMNS` columns hold so many columns."""
    return -(-count // COLUMNS)


def whole_tiles(count: int) -> int:
    """Return how many rows the tiles have that hold so many rows.

    The sums of a kernel's gradient have so many rows for each tap's channels. The last tile reads a few numbers beyond the channels, which are those of the next position, and
    writes rows that nobody reads: one tile takes 6 cycles for each term, single rows 4 each. With 16 channels that is a third of the time of these products.
    """
    return -(-count // ROWS) * ROWS


def with_margin(shape: tuple[int, ...], dtype: Any) -> Array:
    """Return an array whose last numbers are followed by as many more as a tile of rows may read beyond them."""
    count = math.prod(shape)
    return empty((count + ROWS,), dtype)[:count].reshape(shape)


def packed(matrices: Array) -> Array:
    """Cut matrices (P, K, F) into panels of columns (P, panels, K, COLUMNS), filled up with zeros: each k of a panel is one or two cache lines.

    Packing costs one pass over the matrix; without it the columns of a panel would lie F numbers apart, each k in another page of memory.
    """
    count, rows, columns = matrices.shape
    result = empty((count, panels(columns), rows, COLUMNS), matrices.dtype)
    _pack(matrices, result)
    return result


@kernel
def _pack(matrices: Any, result: Any) -> None:
    count, rows, columns = matrices.shape
    for p in range(count):
        for panel in range(result.shape[1]):
            first = panel * COLUMNS
            inside = min(COLUMNS, columns - first)
            for k in range(rows):
                for j in range(inside):
                    result[p, panel, k, j] = matrices[p, k, first + j]
                for j in range(inside, COLUMNS):
                    result[p, panel, k, j] = 0
