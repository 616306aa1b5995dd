"""Walking over the rows of (..., C) in blocks, and sums over all axes but the last, which biases and batch statistics need."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .types import Array

BLOCK_NUMBERS = 1 << 16
"""Numbers per block: 256 KiB in float32, which stays in a core's cache while several operations pass over it."""


def row_blocks(rows: Array) -> Iterator[slice]:
    """Yield slices that cut (P, C) into blocks of about `BLOCK_NUMBERS` numbers."""
    step = max(1, BLOCK_NUMBERS // max(rows.shape[1], 1))
    for start in range(0, len(rows), step):
        yield slice(start, start + step)


def column_sums(block: Array) -> Array:
    """Sum the rows of a block (P, C) as a product with ones: BLAS keeps partial sums, so it is fast and exact."""
    sums: Array = np.ones(len(block), block.dtype) @ block
    return sums


def sum_to_last_axis(x: Array) -> Array:
    """Sum x (..., C) to (C,), accurate in float32 for millions of rows.

    NumPy adds rows one by one onto a running total, whose rounding error grows with the number of rows. Here blocks of
    rows are added up by themselves, and the blocks' sums, which are few numbers, in float64.
    """
    rows = x.reshape(-1, x.shape[-1])
    total = np.zeros(x.shape[-1], np.float64)
    for block in row_blocks(rows):
        total += column_sums(rows[block])
    return total.astype(x.dtype)
