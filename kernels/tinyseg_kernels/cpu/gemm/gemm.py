"""Matrix products on the CPU, all made of the micro-kernel's tiles.

    product             c = a @ b + bias                 (M, K) @ (K, F)
    transposed_product  c = a^T @ b                      (P, M)^T @ (P, F): a kernel's gradient, the sum over P positions
    product_transposed  c = a @ b^T                      (M, F) @ (K, F)^T: an input's gradient

Large ones are in `blocked_product.py`; here are those with few rows, few columns or few terms, which would not gain
from both matrices being packed.

The work is cut so that what a tile reads again stays in a near cache: all tiles of a block of `DEPTH` terms are done
before the next block begins. A thread has rows of the result for itself, or columns when there are few rows, so nothing
has to be added up between threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...types import Array, FloatArray, IntArray
from ..compiled import inlined, kernel
from ..memory.buffers import empty, zeros
from ..memory.non_temporal import too_large_to_stay, written
from ..memory.prefetch import prefetch
from ..sizes import SIZES
from ..threading.threads import get_num_threads, parallel, parallel_parts
from .blocked_product import SMALLEST, blocked_product
from .epilogue import add_bias
from .micro_kernel import (  # fmt: skip
    COLUMNS,
    LANES,
    NARROW_ROWS,
    ROWS,
    four_rows,
    four_rows_add,
    height_for,
    row,
    row_add,
    tile,
    tile_add,
    tile_of,
    tile_of_add,
    tile_past_cache,
)
from .packing import packed, packed_transposed, whole_tiles
from .shallow_product import shallow_product

DEPTH = SIZES.product_depth

CHUNK_BYTES = SIZES.product_chunk_bytes

FEW_ROWS = SIZES.product_few_rows


def product(a: FloatArray, b: FloatArray, bias: FloatArray | None = None, relu: bool = False) -> FloatArray:
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
    if matrix.shape[1] <= DEPTH:
        return shallow_product(a, matrix, columns, bias, relu)
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
    """Return how many rows a block has: at most `product_tiles` tiles, and as many blocks for each thread."""
    tiles = -(-rows // get_num_threads() // ROWS)
    return ROWS * max(1, -(-tiles // -(-tiles // SIZES.product_tiles)))


@kernel
def _product(
    part: int,
    start: int,
    stop: int,
    a: FloatArray,
    matrix: FloatArray,
    c: FloatArray,
    bias: FloatArray,
    first_column: int,
    block: int,
    edges: IntArray,
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
                # A tile of fewer columns may be written as it is when there is no other panel and no second block of
                # terms: what it writes beyond a row is overwritten by the next rows, which come later, as long as these
                # are this thread's.
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


def _few_rows(a: FloatArray, b: FloatArray, c: FloatArray, bias: FloatArray, relu: bool) -> None:
    """Write the columns of c = a @ b + bias that fill panels, for an a of few rows.

    Each thread reads some of b's rows, once and in order, and their sums are added up.
    """
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
def _sum_of_chunks(
    part: int, start: int, stop: int, a: FloatArray, b: FloatArray, sums: FloatArray, chunk: int
) -> None:
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


def transposed_product(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return a^T @ b, the sum over the rows of both."""
    (positions, rows), columns = a.shape, b.shape[1]
    if positions == 0 or rows * columns == 0:
        return zeros((rows, columns), a.dtype)
    if positions > FEW_ROWS and min(rows, columns) >= SMALLEST and rows * columns >= SIZES.blocked_least_sums:
        return blocked_product(a.T, b)
    a, b = np.ascontiguousarray(a), np.ascontiguousarray(b)
    tall, width = whole_tiles(rows, NARROW_ROWS), -(-columns // LANES) * LANES
    # Tiles read whole vectors: beyond the end of a position's numbers those of the next one, whose sums nobody reads.
    # The last positions get zeros to be read there.
    safe = max(0, positions - max(-(-(tall - rows) // rows), -(-(width - columns) // columns)))
    a_end, b_end = zeros((positions - safe, tall), a.dtype), zeros((positions - safe, width), b.dtype)
    a_end[:, :rows], b_end[:, :columns] = a[safe:], b[safe:]
    if tall // ROWS >= SIZES.transposed_least_tiles * get_num_threads():  # enough rows of the result for every thread
        c = empty((1, tall, width), a.dtype)
        past_cache = positions <= DEPTH and safe == positions and too_large_to_stay(c)  # no number is written twice
        parallel(_transposed_rows, tall // NARROW_ROWS, a, b, a_end, b_end, c[0], past_cache)
    else:
        parts = min(get_num_threads(), -(-positions // DEPTH))
        c = empty((parts, tall, width), a.dtype)
        parallel_parts(_transposed_positions, positions, parts, a, b, a_end, b_end, c)
        for other in c[1:]:
            c[0, :rows] += other[:rows]
    return np.ascontiguousarray(c[0, :rows, :columns])


@kernel
def _transposed_rows(start: int, stop: int, a: Any, b: Any, a_end: Any, b_end: Any, c: Any, past_cache: bool) -> None:
    first, last = start * NARROW_ROWS, stop * NARROW_ROWS
    for p0 in range(0, a.shape[0], DEPTH):
        end = min(p0 + DEPTH, a.shape[0])
        _transposed(a, b, a_end, b_end, c, first, last, p0, end, p0 == 0, past_cache)
    written()


@kernel
def _transposed_positions(part: int, start: int, stop: int, a: Any, b: Any, a_end: Any, b_end: Any, c: Any) -> None:
    for p0 in range(start, stop, DEPTH):
        first = min(start, 0)  # 0; a literal would be a type of its own, for which all of it is compiled once more
        end = min(p0 + DEPTH, stop)
        _transposed(a, b, a_end, b_end, c[part], first, c.shape[1], p0, end, p0 == start, stop < start)


@inlined
def _transposed(
    a: FloatArray, b: FloatArray, a_end: FloatArray, b_end: FloatArray, c: FloatArray, first: int, last: int,
    begin: int, end: int, fresh: bool, past_cache: bool,
) -> None:  # fmt: skip
    """Add the products of positions begin .. end to rows first .. last of the result, or write them when it is fresh.

    For a kernel of 774,400 x 128, writing is a pass over 400 MB less.
    """
    safe, width, written_to = a.shape[0] - a_end.shape[0], c.shape[1], not fresh
    for at_the_end in range(2):
        if at_the_end:
            upper, lower, p0, count = a_end, b_end, max(begin - safe, 0), end - max(begin, safe)
        else:
            upper, lower, p0, count = a, b, begin, min(end, safe) - begin
        if count <= 0:
            continue
        a_row, b_row = upper.shape[1] * 4, lower.shape[1] * 4
        for r0 in range(first, last, NARROW_ROWS):
            for column in range(0, width, COLUMNS):
                right, columns = lower.ctypes.data + p0 * b_row + column * 4, width - column
                for r in range(r0, r0 + NARROW_ROWS, height_for(columns)):
                    left, target = upper.ctypes.data + p0 * a_row + r * 4, c.ctypes.data + (r * width + column) * 4
                    if past_cache and columns > LANES:
                        tile_past_cache(left, 4, a_row, right, b_row, target, width * 4, count)
                    elif written_to:
                        tile_of_add(columns, left, 4, a_row, right, b_row, target, width * 4, count)
                    else:
                        tile_of(columns, left, 4, a_row, right, b_row, target, width * 4, count)
        written_to = True


def product_transposed(a: FloatArray, b: FloatArray) -> FloatArray:
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
def _product_of_rows(part: int, start: int, stop: int, upper: Array, b: Array, c: Array, edges: IntArray) -> None:
    """Compute columns of a @ b^T: rows of b are the tile's rows, rows of a its columns; the tile is written turned."""
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
