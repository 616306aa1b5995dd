"""Losses of rows (P, C) in blocks: rows may be as short as one number, so what is done number by number runs over a whole block at once, in vectors.

A kernel over blocks has a buffer of `BLOCK` numbers, or one row when rows are longer, that stays in the first-level cache between the two loops over a block.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..types import Array
from .compiled import inlined

BLOCK = 2048
"""Numbers of a block: 8 KiB."""


def block_of_rows(columns: int) -> int:
    """Return how many rows a block has."""
    return max(1, BLOCK // max(columns, 1))


def blocks_of_rows(rows: int, columns: int) -> int:
    """Return how many blocks there are."""
    return -(-rows // block_of_rows(columns))


def as_rows(array: Array) -> Array:
    """Return an array (..., C) as (P, C) in C order."""
    return np.ascontiguousarray(array).reshape(-1, array.shape[-1])


@inlined
def write_means(values: Any, first: int, last: int, columns: int, means: Any) -> None:
    """Write the mean of each row first .. last, whose numbers are values[0], values[1], ..."""
    share = np.float32(1) / np.float32(columns)
    for r in range(first, last):
        total = np.float32(0)
        for c in range(columns):
            total += values[(r - first) * columns + c]
        means[r] = total * share


@inlined
def repeat(numbers: Any, first: int, last: int, columns: int, factor: Any, values: Any) -> None:
    """Write numbers[r] * factor for every place of the rows first .. last to values[0], values[1], ..."""
    for r in range(first, last):
        number = numbers[r] * factor
        for c in range(columns):
            values[(r - first) * columns + c] = number
