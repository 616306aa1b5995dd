"""Large matrix products on the CPU.

c = a @ b, where a and b may be transposed, with blocks of both in the order in which they are used.

    for a block of ROWS_AT_A_TIME rows of a and DEPTH of its columns:      packed once, 288 KiB: a second-level cache holds it
        for a group of panels of b, DEPTH rows deep:                       packed here, 96 KiB, also there
            for each of its panels, DEPTH x COLUMNS:                       24 KiB, in the first-level cache while all tiles of the block use it
                for each tile of ROWS rows of the block:                   c (+)= tile of a @ panel of b

A matrix with rows of 4 KiB shows what packing is for. The numbers of a column, and the rows of a tile, lie in the same
few places of a first-level cache, which holds eight of them; each is in a page of its own as well. In the packed order
everything is read from front to back.

A thread has columns of the result for itself, or rows when there are more of those, and packs what it needs: threads
wait for each other only at the end. Measured for 256 x 1024 @ 1024 x 1024 and its two gradients, two cores with AVX2:
10.2 ms; 11.1 ms with b packed beforehand and a read as it lies.

Source: Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34 (2008).
"""

from __future__ import annotations

import numpy as np

from ...types import FloatArray, IntArray
from ..compiled import inlined, kernel
from ..memory.buffers import empty
from ..memory.prefetch import prefetch
from ..sizes import SIZES
from ..threading.threads import get_num_threads, parallel_parts
from ..vectors.transposition import transpose
from ..vectors.vectors import load, store
from .epilogue import add_bias
from .micro_kernel import COLUMNS, LANES, ROWS, tile, tile_add

DEPTH, ROWS_AT_A_TIME = SIZES.blocked_depth, SIZES.blocked_rows
PANELS_AT_A_TIME = SIZES.blocked_panels

SMALLEST = SIZES.blocked_least

LINES_AHEAD = SIZES.blocked_lines_ahead


def blocked_product(a: FloatArray, b: FloatArray, bias: FloatArray | None = None, relu: bool = False) -> FloatArray:
    """Return a @ b + bias, or with `relu` max(a @ b + bias, 0), for matrices in C order or transposes of such, neither of them empty."""
    (rows, depth), columns = a.shape, b.shape[1]
    c = empty((rows, columns), a.dtype)
    added = np.zeros(columns, a.dtype) if bias is None else np.ascontiguousarray(bias)
    of_columns = rows <= columns
    jobs = -(-columns // COLUMNS) if of_columns else -(-rows // ROWS)
    parts = min(get_num_threads(), jobs)
    upper = empty((parts, ROWS_AT_A_TIME * DEPTH + LANES), a.dtype)
    lower = empty((parts, PANELS_AT_A_TIME * COLUMNS * DEPTH), a.dtype)
    edges = empty((parts, ROWS * COLUMNS), a.dtype)
    parallel_parts(
        _blocked_product, jobs, parts, of_columns, *_flat(a), *_flat(b), depth, c, added, relu, upper, lower, edges
    )
    return c


def _flat(matrix: FloatArray) -> tuple[FloatArray, int, int]:
    """Return a matrix's numbers as they lie, and how many lie from row to row and from column to column."""
    if not (matrix.flags.c_contiguous or matrix.flags.f_contiguous):
        matrix = np.ascontiguousarray(matrix)
    if matrix.flags.c_contiguous:
        return matrix.reshape(-1), matrix.shape[1], 1
    return matrix.T.reshape(-1), 1, matrix.shape[0]


@kernel
def _blocked_product(
    part: int,
    start: int,
    stop: int,
    of_columns: bool,
    a: FloatArray,
    a_row: int,
    a_column: int,
    b: FloatArray,
    b_row: int,
    b_column: int,
    depth: int,
    c: FloatArray,
    bias: FloatArray,
    relu: bool,
    uppers: FloatArray,
    lowers: FloatArray,
    edges: IntArray,
) -> None:
    rows, columns = c.shape
    upper, lower, edge = uppers[part], lowers[part], edges[part]
    first_row, last_row, first_column, last_column = 0, rows, start * COLUMNS, min(columns, stop * COLUMNS)
    if not of_columns:
        first_row, last_row, first_column, last_column = start * ROWS, min(rows, stop * ROWS), 0, columns
    for first in range(first_row, last_row, ROWS_AT_A_TIME):
        last = min(last_row, first + ROWS_AT_A_TIME)
        for k0 in range(0, depth, DEPTH):
            count = min(DEPTH, depth - k0)
            _pack_tiles(a, a_row, a_column, rows, first, last, k0, count, upper)
            for group in range(first_column, last_column, PANELS_AT_A_TIME * COLUMNS):
                end = min(last_column, group + PANELS_AT_A_TIME * COLUMNS)
                _pack_panels(b, b_row, b_column, group, end, k0, count, lower)
                for column in range(group, end, COLUMNS):
                    panel = lower.ctypes.data + (column - group) * count * 4
                    for r in range(first, last, ROWS):
                        source = upper.ctypes.data + (r - first) * count * 4
                        target = c.ctypes.data + (r * columns + column) * 4
                        for i in range(
                            ROWS, 2 * ROWS
                        ):  # the next tile's results are fetched while this one is computed
                            prefetch(target + i * columns * 4)
                        if r + ROWS <= last and column + COLUMNS <= end:
                            if k0:
                                tile_add(source, 4, ROWS * 4, panel, COLUMNS * 4, target, columns * 4, count)
                            else:
                                tile(source, 4, ROWS * 4, panel, COLUMNS * 4, target, columns * 4, count)
                        else:
                            tile(source, 4, ROWS * 4, panel, COLUMNS * 4, edge.ctypes.data, COLUMNS * 4, count)
                            for i in range(min(ROWS, last - r)):
                                for j in range(min(COLUMNS, end - column)):
                                    before = c[r + i, column + j] if k0 else np.float32(0)
                                    c[r + i, column + j] = before + edge[i * COLUMNS + j]
        add_bias(
            c.reshape(c.size), first * columns + first_column, columns, last - first,
            bias[first_column:last_column], relu,
        )  # fmt: skip


@inlined
def _pack_tiles(
    a: FloatArray, row: int, column: int, a_rows: int, first: int, last: int, k0: int, count: int, result: FloatArray
) -> None:
    """Write rows first .. last of a as tiles (ROWS, ...).

    For each term the numbers of ROWS rows, beyond the last row zeros.
    """
    for r in range(first, last, ROWS):
        start = (r - first) * count
        # Vectors hold more rows than a tile: what is too much is overwritten by the next term, or the next tile.
        if row == 1 and r + LANES <= a_rows:
            for k in range(count):
                store(result.ctypes.data + (start + k * ROWS) * 4, load(a.ctypes.data + (r + (k0 + k) * column) * 4))
        elif r + LANES <= a_rows and column == 1:
            squares = count // LANES * LANES
            for k in range(0, squares, LANES):
                transpose(
                    a.ctypes.data + (r * row + k0 + k) * 4, row * 4,
                    result.ctypes.data + (start + k * ROWS) * 4, ROWS * 4,
                )  # fmt: skip
            for k in range(squares, count):
                for i in range(ROWS):
                    result[start + k * ROWS + i] = a[(r + i) * row + k0 + k]
        else:
            for i in range(ROWS):
                source = (r + i) * row + k0 * column
                if r + i < last:
                    for k in range(count):
                        result[start + k * ROWS + i] = a[source + k * column]
                else:
                    for k in range(count):
                        result[start + k * ROWS + i] = np.float32(0)


@inlined
def _pack_panels(
    b: FloatArray, row: int, column: int, first: int, last: int, k0: int, count: int, result: FloatArray
) -> None:
    """Write columns first .. last of b as panels.

    For each term the numbers of COLUMNS columns, beyond the last one zeros.
    """
    whole = (last - first) // COLUMNS * COLUMNS
    if column == 1:  # rows of b lie in one piece
        for k in range(count):
            source = b.ctypes.data + ((k0 + k) * row + first) * 4
            target = result.ctypes.data + k * COLUMNS * 4
            for j in range(0, whole * 4, 64):
                prefetch(source + LINES_AHEAD * row * 4 + j)
            for panel in range(0, whole, COLUMNS):
                for j in range(0, COLUMNS, LANES):
                    store(target + (panel * count + j) * 4, load(source + (panel + j) * 4))
    else:  # columns do
        squares = count // LANES * LANES
        for panel in range(0, whole, COLUMNS):
            for j in range(0, COLUMNS, LANES):
                place = (first + panel + j) * column + k0
                target = panel * count + j
                for k in range(0, squares, LANES):
                    transpose(
                        b.ctypes.data + (place + k) * 4, column * 4,
                        result.ctypes.data + (target + k * COLUMNS) * 4, COLUMNS * 4,
                    )  # fmt: skip
                for k in range(squares, count):
                    for i in range(LANES):
                        result[target + k * COLUMNS + i] = b[place + k + i * column]
    if first + whole < last:
        for k in range(count):
            for j in range(COLUMNS):
                inside = first + whole + j < last
                number = b[(k0 + k) * row + (first + whole + j) * column] if inside else np.float32(0)
                result[whole * count + k * COLUMNS + j] = number
