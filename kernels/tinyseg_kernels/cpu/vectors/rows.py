"""Losses of rows (P, C) in blocks.

Rows may be as short as one number, so what is done number by number runs over a whole block at once, in vectors.

A kernel over blocks has a buffer of `BLOCK` numbers, or one row when rows are longer, that stays in the first-level
cache between the two loops over a block.
"""

from __future__ import annotations

import numpy as np

from ...types import Array, FloatArray, Real
from ..compiled import inlined
from ..sizes import SIZES

BLOCK = SIZES.row_numbers


def block_of_rows(columns: int) -> int:
    """Return how many rows a block has."""
    return max(1, BLOCK // max(columns, 1))


def blocks_of_rows(rows: int, columns: int) -> int:
    """Return how many blocks there are."""
    return -(-rows // block_of_rows(columns))


def as_rows(array: Array) -> FloatArray:
    """Return an array (..., C) as (P, C) in C order."""
    return np.ascontiguousarray(array).reshape(-1, array.shape[-1])


@inlined
def write_sums(values: FloatArray, factor: Real, sums: FloatArray) -> None:
    """Write the sum of each row of values (rows, C), times a factor; there may be more rows than sums."""
    for r in range(sums.size):
        total = np.float32(0)
        for c in range(values.shape[1]):
            total += values[r, c]
        sums[r] = total * factor


@inlined
def repeat(numbers: FloatArray, factor: Real, values: FloatArray) -> None:
    """Write numbers[r] * factor to all places of row r of values (rows, C); there may be more rows than numbers."""
    for r in range(numbers.size):
        number = numbers[r] * factor
        for c in range(values.shape[1]):
            values[r, c] = number
