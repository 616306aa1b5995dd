"""Sums over all axes but the last, which biases and batch statistics need."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..types import Array
from .compiled import kernel
from .threads import get_num_threads, parallel_parts

ROWS_AT_A_TIME = 64
"""Rows added up in float32 before they go into a float64 sum: few enough that their rounding does not count, many enough that the conversion does not."""


def sum_to_last_axis(x: Array) -> Array:
    """Sum x (..., C) to (C,): each block of rows in float32, the blocks in float64, in the same order for the same number of threads."""
    rows = np.ascontiguousarray(x).reshape(-1, x.shape[-1])
    blocks = -(-len(rows) // ROWS_AT_A_TIME)
    parts = max(1, min(get_num_threads(), blocks))
    totals = np.zeros((parts, x.shape[-1]))
    if blocks:
        parallel_parts(_sum, blocks, parts, rows, totals)
    return totals.sum(axis=0).astype(x.dtype)


@kernel
def _sum(part: int, start: int, stop: int, rows: Any, totals: Any) -> None:
    channels = rows.shape[1]
    block = np.empty(channels, rows.dtype)
    for b in range(start, stop):
        block[:] = 0
        for r in range(b * ROWS_AT_A_TIME, min((b + 1) * ROWS_AT_A_TIME, rows.shape[0])):
            for c in range(channels):
                block[c] += rows[r, c]
        for c in range(channels):
            totals[part, c] += block[c]
