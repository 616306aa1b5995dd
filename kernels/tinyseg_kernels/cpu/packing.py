"""Matrices in the order in which the micro-kernel reads them."""

from __future__ import annotations

from typing import Any

from ..types import Array
from .buffers import empty
from .compiled import kernel
from .micro_kernel import COLUMNS


def panels(count: int) -> int:
    """Return how many panels of `COLUMNS` columns hold so many columns."""
    return -(-count // COLUMNS)


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
