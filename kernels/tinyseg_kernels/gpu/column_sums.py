"""Sums over all rows of a matrix on the device: gradients of biases and other sums over all axes but the last.

Same bits in every run, and accurate in float32 for millions of rows; column_sums.cu says how.
"""

from __future__ import annotations

from math import prod

from ..device import contiguous, empty, zeros
from ..types import FloatArray
from .cuda import Source, blocks

_SOURCE = Source(__file__, "column_sums.cu")
_THREADS, _WIDEST, _ROWS_OF_A_THREAD = 256, 32, 32
_LARGEST_GRID_Y = 65535


def column_sums(matrix: FloatArray) -> FloatArray:
    """Sum the rows of (P, C) to (C,); a sum over no row is 0."""
    matrix = contiguous(matrix)
    rows, columns = matrix.shape
    if rows == 0 or columns == 0:
        return zeros(columns, matrix.dtype)
    width = min(_WIDEST, 1 << (columns - 1).bit_length())
    height = _THREADS // width
    while True:
        chunks = blocks(rows, height * _ROWS_OF_A_THREAD)
        sums = empty((chunks, columns), matrix.dtype)
        grid = (chunks, blocks(columns, width, limit=_LARGEST_GRID_Y))
        _SOURCE.launch("column_sums", matrix.dtype, grid, (width, height), (matrix, sums, rows, columns))
        if chunks == 1:
            return sums.reshape(columns)
        matrix, rows = sums, chunks


def sum_to_last_axis(x: FloatArray) -> FloatArray:
    """Sum x (..., C) to (C,)."""
    return column_sums(as_rows(x))


def as_rows(x: FloatArray) -> FloatArray:
    """Flatten (..., C) to a matrix (P, C), also where C is 0."""
    return contiguous(x).reshape(prod(x.shape[:-1]), x.shape[-1])
