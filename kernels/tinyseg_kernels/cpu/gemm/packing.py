"""Matrices in the order in which the micro-kernel reads them."""

from __future__ import annotations

import math

import numpy as np

from ...types import DTypeLike, FloatArray
from ..compiled import kernel
from ..memory.buffers import empty
from ..sizes import SIZES
from ..threading.threads import parallel
from ..vectors.vectors import load, store
from .micro_kernel import COLUMNS, LANES, NARROW_ROWS, ROWS

SMALL = SIZES.packing_small

TOGETHER = SIZES.packing_together


def panels(count: int) -> int:
    """Return how many panels of `COLUMNS` columns hold this many columns."""
    return -(-count // COLUMNS)


def whole_tiles(count: int, height: int = ROWS) -> int:
    """Return how many rows the tiles of this height have that hold this many rows.

    The sums of a kernel's gradient have this many rows for each tap's channels. The last tile reads a few numbers
    beyond the channels, which are those of the next position, and writes rows that nobody reads: one tile takes 6
    cycles for each term, single rows 4 each. With 16 channels that is a third of the time of these products.
    """
    return -(-count // height) * height


def with_margin(shape: tuple[int, ...], dtype: DTypeLike) -> FloatArray:
    """Return an array whose last numbers are followed by as many more as a tile of rows may read beyond them."""
    count = math.prod(shape)
    return empty((count + NARROW_ROWS,), dtype)[:count].reshape(shape)


def packed(matrices: FloatArray) -> FloatArray:
    """Cut matrices (P, K, F) into panels (P, panels, K, COLUMNS) filled up with zeros: a k is one or two cache lines.

    Packing costs one pass over the matrix; without it the columns of a panel would lie F numbers apart, each k in
    another page of memory.
    """
    count, rows, columns = matrices.shape
    result = empty((count, panels(columns), rows, COLUMNS), matrices.dtype)
    jobs = count * result.shape[1]
    if result.size <= SMALL:
        _pack(0, jobs, matrices, result)
    else:
        parallel(_pack, jobs, matrices, result)
    return result


@kernel
def _pack(start: int, stop: int, matrices: FloatArray, result: FloatArray) -> None:
    _, rows, columns = matrices.shape
    for job in range(start, stop):
        p, panel = job // result.shape[1], job % result.shape[1]
        first = panel * COLUMNS
        inside = min(COLUMNS, columns - first)
        target = result.ctypes.data + job * rows * COLUMNS * 4
        source = matrices.ctypes.data + (p * rows * columns + first) * 4
        if inside == COLUMNS:
            for k in range(rows):
                for v in range(0, COLUMNS * 4, LANES * 4):
                    store(target + k * COLUMNS * 4 + v, load(source + k * columns * 4 + v))
        else:
            for k in range(rows):
                for j in range(COLUMNS):
                    result[p, panel, k, j] = matrices[p, k, first + j] if j < inside else np.float32(0)


def packed_transposed(matrix: FloatArray) -> FloatArray:
    """Return `packed` of the transpose of a matrix (F, K): (panels of F, K, COLUMNS), in one pass."""
    columns, rows = matrix.shape
    result = empty((panels(columns), rows, COLUMNS), matrix.dtype)
    parallel(_pack_transposed, len(result), matrix, result)
    return result


@kernel
def _pack_transposed(start: int, stop: int, matrix: FloatArray, result: FloatArray) -> None:
    columns, rows = matrix.shape
    for panel in range(start, stop):
        for first in range(0, rows, TOGETHER):  # a square block at a time, so that lines are read and written whole
            last = min(first + TOGETHER, rows)
            for j in range(COLUMNS):
                column = panel * COLUMNS + j
                for k in range(first, last):
                    result[panel, k, j] = matrix[column, k] if column < columns else np.float32(0)
