"""Matrix products on the CPU, all made of the micro-kernel's tiles.

    product             c = a @ b + bias                 (M, K) @ (K, F)
    transposed_product  c = a^T @ b                      (P, M)^T @ (P, F): a kernel's gradient, the sum over P positions
    product_transposed  c = a @ b^T                      (M, F) @ (K, F)^T: an input's gradient

Large ones are in `blocked_product.py`; here are those with few rows, few columns or few terms, which would not gain from both matrices being packed.

The work is cut so that what a tile reads again stays in a near cache: all tiles of a block of `DEPTH` terms are done before the next block begins. A thread has rows of the
result for itself, or columns when there are few rows, so nothing has to be added up between threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..types import Array
from .blocked_product import SMALLEST, blocked_product
from .buffers import empty, zeros
from .compiled import inlined, kernel
from .epilogue import add_bias
from .micro_kernel import COLUMNS, ROWS, four_rows, four_rows_add, row, row_add, tile, tile_add, tile_past_cache
from .packing import packed, packed_transposed, panels, whole_tiles
from .prefetch import prefetch
from .streaming import too_large_to_stay, written
from .threads import get_num_threads, parallel, parallel_parts

DEPTH = 256
"""Terms of a sum done at a time: a panel of 256 x 16 numbers is 16 KiB, half of a first-level cache."""

CHUNK_BYTES = 8 << 10
"""Of a b that is read once, so many bytes at a time: while one chunk is used, the next one is fetched."""

FEW_ROWS = 64
"""Up to so many rows, b is read once as it lies: to pack it would cost as much as to use it."""


def product(a: Array, b: Array, bias: Array | None = None, relu: bool = False) -> Array:
    """Return a @ b + bias, or with `relu` max(a @ b + bias, 0)."""
    (rows, depth), columns = a.shape, b.shape[1]
    if rows > FEW_ROWS and min(depth, columns) >= SMALLEST:
        return blocked_product(a, b, bias, relu)
    c = empty((rows, columns), a.dtype)
    a = np.ascontiguousarray(a)
    added = np.zeros(columns, a.dtype) if bias is None else np.ascontiguousarray(bias)
    if depth == 0 or c.size == 0:
        c[...] = np.maximum(added, 0) if relu else added
        return c
    whole = columns // COLUMNS * COLUMNS
    if rows <= FEW_ROWS and whole:
        b = np.ascontiguousarray(b)
        _few_rows(a, b, c, added, relu)
        if whole < columns:
            rest = packed(np.ascontiguousarray(b[None, :, whole:]))
            edges = empty((1, ROWS, COLUMNS), a.dtype)
            parallel_parts(_product, 1, 1, a, rest[0], c, added, whole, rows, edges, relu)
        return c
    return _product_of_packed(a, packed(np.ascontiguousarray(b)[None])[0], columns, added, relu)


def _product_of_packed(a: Array, matrix: Array, columns: int, bias: Array | None = None, relu: bool = False) -> Array:
    """Return a @ b + bias for a packed b."""
    rows = len(a)
    c = empty((rows, columns), a.dtype)
    added = np.zeros(columns, a.dtype) if bias is None else bias
    blocks = -(-rows // _block_of_rows(rows))
    parts = min(get_num_threads(), blocks)
    parallel_parts(
        _product,
        blocks,
        parts,
        a,
        matrix,
        c,
        added,
        0,
        _block_of_rows(rows),
        empty((parts, ROWS, COLUMNS), a.dtype),
        relu,
    )
    return c


def _block_of_rows(rows: int) -> int:
    """Return how many rows a block has: at most 16 tiles, and as many blocks for each thread."""
    tiles = -(-rows // get_num_threads() // ROWS)
    return ROWS * max(1, -(-tiles // -(-tiles // 16)))


@kernel
def _product(
    part: int,
    start: int,
    stop: int,
    a: Any,
    matrix: Any,
    c: Any,
    bias: Any,
    first_column: int,
    block: int,
    edges: Any,
    relu: bool,
) -> None:
    rows, depth = a.shape
    columns, edge = c.shape[1], edges[part]
    for job in range(start, stop):
        first, last = job * block, min(rows, (job + 1) * block)
        for k0 in range(0, depth, DEPTH):
            count = min(DEPTH, depth - k0)
            for panel in range(matrix.shape[0]):
                b = matrix.ctypes.data + (panel * depth + k0) * COLUMNS * 4
                column = first_column + panel * COLUMNS
                inside = min(COLUMNS, columns - column)
                # A tile of fewer columns may be written as it is when there is no other panel and no second block of terms: what it writes beyond a row
                # is overwritten by the next rows, which come later, as long as these are this thread's.
                alone = matrix.shape[0] == 1 and first_column == 0 and depth <= DEPTH
                spilled = -(-(COLUMNS - inside) // inside) if alone else rows
                r = first
                while r < last:
                    height = ROWS if r + ROWS <= last else 1
                    source = a.ctypes.data + (r * depth + k0) * 4
                    target, step = c.ctypes.data + (r * columns + column) * 4, columns * 4
                    direct = inside == COLUMNS or r + height + spilled <= last
                    if not direct:
                        target, step = edge.ctypes.data, COLUMNS * 4
                        for i in range(height):
                            for j in range(inside):
                                edge[i, j] = c[r + i, column + j] if k0 else np.float32(0)
                    if height == ROWS:
                        if k0:
                            tile_add(source, depth * 4, 4, b, COLUMNS * 4, target, step, count)
                        else:
                            tile(source, depth * 4, 4, b, COLUMNS * 4, target, step, count)
                    elif k0:
                        row_add(source, depth * 4, 4, b, COLUMNS * 4, target, step, count)
                    else:
                        row(source, depth * 4, 4, b, COLUMNS * 4, target, step, count)
                    if not direct:
                        for i in range(height):
                            for j in range(inside):
                                c[r + i, column + j] = edge[i, j]
                    r += height
        add_bias(c.reshape(c.size), first * columns + first_column, columns, last - first, bias[first_column:], relu)


def _few_rows(a: Array, b: Array, c: Array, bias: Array, relu: bool) -> None:
    """Write the columns of c = a @ b + bias that fill panels, for an a of few rows: each thread reads some of b's rows, once and in order, and their sums are added up."""
    (rows, depth), columns = a.shape, b.shape[1]
    chunk = max(16, CHUNK_BYTES // (4 * columns))
    chunks = -(-depth // chunk)
    parts = min(get_num_threads(), chunks)
    sums = empty((parts, rows, columns), a.dtype)
    parallel_parts(_sum_of_chunks, chunks, parts, a, b, sums, chunk)
    whole = columns // COLUMNS * COLUMNS
    total = sums[0, :, :whole]
    for other in sums[1:]:
        total += other[:, :whole]
    total += bias[:whole]
    c[:, :whole] = np.maximum(total, 0) if relu else total


@kernel
def _sum_of_chunks(part: int, start: int, stop: int, a: Any, b: Any, sums: Any, chunk: int) -> None:
    rows, depth = a.shape
    columns = b.shape[1]
    panels_of_b = columns // COLUMNS
    for job in range(start, stop):
        k0 = job * chunk
        count = min(chunk, depth - k0)
        fresh = job == start
        ahead = -(-count * columns * 4 // panels_of_b // 64) * 64  # bytes of the next chunk to fetch for each panel
        for panel in range(panels_of_b):
            source = b.ctypes.data + (k0 * columns + panel * COLUMNS) * 4
            fetched = b.ctypes.data + (k0 + count) * columns * 4 + panel * ahead
            for line in range(fetched, fetched + ahead, 64):
                prefetch(line)
            r = 0
            while r < rows:
                upper = a.ctypes.data + (r * depth + k0) * 4
                target = sums.ctypes.data + ((part * rows + r) * columns + panel * COLUMNS) * 4
                left = rows - r - ROWS
                if left >= 0 and left != 2 and left != 3:  # then 4 + 4 rows, or 4 + 4 + 1, take less time
                    if fresh:
                        tile(upper, depth * 4, 4, source, columns * 4, target, columns * 4, count)
                    else:
                        tile_add(upper, depth * 4, 4, source, columns * 4, target, columns * 4, count)
                    r += ROWS
                elif rows - r >= 4:
                    if fresh:
                        four_rows(upper, depth * 4, 4, source, columns * 4, target, columns * 4, count)
                    else:
                        four_rows_add(upper, depth * 4, 4, source, columns * 4, target, columns * 4, count)
                    r += 4
                else:
                    if fresh:
                        row(upper, depth * 4, 4, source, columns * 4, target, columns * 4, count)
                    else:
                        row_add(upper, depth * 4, 4, source, columns * 4, target, columns * 4, count)
                    r += 1


def transposed_product(a: Array, b: Array) -> Array:
    """Return a^T @ b, the sum over the rows of both."""
    (positions, rows), columns = a.shape, b.shape[1]
    if positions == 0 or rows * columns == 0:
        return zeros((rows, columns), a.dtype)
    if positions > FEW_ROWS and min(rows, columns) >= SMALLEST and rows * columns >= 4 * SMALLEST**2:
        return blocked_product(a.T, b)
    a, width = np.ascontiguousarray(a), panels(columns) * COLUMNS
    if columns == width:
        wide = np.ascontiguousarray(b)
    else:
        wide = zeros((positions, width), b.dtype)
        wide[:, :columns] = b
    tall = whole_tiles(rows) // ROWS
    if tall >= 8 * get_num_threads():  # enough rows of the result for every thread
        c = empty((1, tall * ROWS, width), a.dtype)
        past_cache = positions <= DEPTH and too_large_to_stay(c)  # no number is written twice
        parallel(_transposed_rows, tall, a, wide, c[0], past_cache)
    else:
        parts = min(get_num_threads(), -(-positions // DEPTH))
        c = empty((parts, tall * ROWS, width), a.dtype)
        parallel_parts(_transposed_positions, positions, parts, a, wide, c)
        for other in c[1:]:
            c[0, :rows] += other[:rows]
    return np.ascontiguousarray(c[0, :rows, :columns])


@kernel
def _transposed_rows(start: int, stop: int, a: Any, b: Any, c: Any, past_cache: bool) -> None:
    for p0 in range(0, a.shape[0], DEPTH):
        last = min(stop * ROWS, a.shape[1])
        _transposed(a, b, c, start * ROWS, last, p0, min(p0 + DEPTH, a.shape[0]), p0 == 0, past_cache)
    written()


@kernel
def _transposed_positions(part: int, start: int, stop: int, a: Any, b: Any, c: Any) -> None:
    for p0 in range(start, stop, DEPTH):
        first = min(start, 0)  # 0; a literal would be a type of its own, for which all of it is compiled once more
        _transposed(a, b, c[part], first, a.shape[1], p0, min(p0 + DEPTH, stop), p0 == start, stop < start)


@inlined
def _transposed(
    a: Any, b: Any, c: Any, first: int, last: int, begin: int, end: int, fresh: bool, past_cache: bool
) -> None:
    """Add the products of positions begin .. end to rows first .. last of the result, or write them when it is fresh: for a kernel of 774,400 x 128 a pass over 400 MB less."""
    rows, columns = a.shape[1], b.shape[1]
    r = first
    while r < last:
        source = a.ctypes.data + (begin * rows + r) * 4
        for column in range(0, columns, COLUMNS):
            lower = b.ctypes.data + (begin * columns + column) * 4
            target = c.ctypes.data + (r * columns + column) * 4
            inside = end - begin
            # The last tile reads the next position's first numbers too (`whole_tiles`); at the end of a there are none.
            if r + ROWS > last:
                inside = max(0, min(end, (a.size - r - ROWS) // rows + 1) - begin)
            if past_cache and inside == end - begin:
                tile_past_cache(source, 4, rows * 4, lower, columns * 4, target, columns * 4, inside)
            elif fresh:
                tile(source, 4, rows * 4, lower, columns * 4, target, columns * 4, inside)
            else:
                tile_add(source, 4, rows * 4, lower, columns * 4, target, columns * 4, inside)
            for i in range(last - r if inside < end - begin else 0):
                row_add(
                    source + (inside * rows + i) * 4, 4, rows * 4, lower + inside * columns * 4, columns * 4,
                    target + i * columns * 4, columns * 4, end - begin - inside,
                )  # fmt: skip
        r += ROWS


def product_transposed(a: Array, b: Array) -> Array:
    """Return a @ b^T."""
    (rows, depth), columns = a.shape, b.shape[0]
    if rows * columns == 0 or depth == 0:
        return zeros((rows, columns), a.dtype)
    if rows > FEW_ROWS and min(depth, columns) >= SMALLEST:
        return blocked_product(a, b.T)
    if columns <= rows:  # the smaller matrix is turned around
        return _product_of_packed(np.ascontiguousarray(a), packed_transposed(np.ascontiguousarray(b)), columns)
    upper = packed_transposed(np.ascontiguousarray(a))  # (panels of a's rows, depth, COLUMNS)
    c = empty((rows, columns), a.dtype)
    blocks = -(-columns // ROWS)
    parts = min(get_num_threads(), blocks)
    parallel_parts(
        _product_of_rows, blocks, parts, upper, np.ascontiguousarray(b), c, empty((parts, ROWS, COLUMNS), a.dtype)
    )
    return c


@kernel
def _product_of_rows(part: int, start: int, stop: int, upper: Any, b: Any, c: Any, edges: Any) -> None:
    """Compute columns of a @ b^T: rows of b are the tile's rows, rows of a its columns, and the tile is written turned around."""
    columns, depth = b.shape
    rows, edge = c.shape[0], edges[part]
    for block in range(start, stop):
        first = block * ROWS
        height = min(ROWS, columns - first)
        following = b.ctypes.data + (first + ROWS) * depth * 4
        for line in range(following, following + ROWS * depth * 4, 64):
            prefetch(line)
        for panel in range(upper.shape[0]):
            source = upper.ctypes.data + panel * depth * COLUMNS * 4
            if height == ROWS:
                tile(
                    b.ctypes.data + first * depth * 4,
                    depth * 4,
                    4,
                    source,
                    COLUMNS * 4,
                    edge.ctypes.data,
                    COLUMNS * 4,
                    depth,
                )
            else:
                for i in range(height):
                    row(
                        b.ctypes.data + (first + i) * depth * 4, depth * 4, 4, source, COLUMNS * 4,
                        edge.ctypes.data + i * COLUMNS * 4, COLUMNS * 4, depth,
                    )  # fmt: skip
            for r in range(min(COLUMNS, rows - panel * COLUMNS)):
                for i in range(height):
                    c[panel * COLUMNS + r, first + i] = edge[i, r]
