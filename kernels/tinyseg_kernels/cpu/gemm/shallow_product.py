"""Products of many rows with few terms, such as 1x1 convolutions.

Each tile of the result stays in registers over all terms, and gets its bias and ReLU there.

It is the micro-kernel of windows (`windows_kernel.py`) with one run of numbers. Results larger than the last cache are
written past it: 262,144 x 32 numbers times 32 x 32 move a third less.
"""

from __future__ import annotations

import numpy as np

from ...types import Array, FloatArray, IntArray
from ..compiled import kernel
from ..memory.buffers import empty
from ..memory.non_temporal import too_large_to_stay, written
from ..sizes import SIZES
from ..threading.threads import get_num_threads, parallel_parts
from .micro_kernel import COLUMNS, LANES, NARROW_ROWS, height_for
from .windows_kernel import window, windows

ROWS_OF_A_BLOCK = SIZES.shallow_tiles * NARROW_ROWS

_ONE_RUN = np.zeros((1, 2), np.int64)


def shallow_product(a: FloatArray, matrix: FloatArray, columns: int, bias: FloatArray | None, relu: bool) -> FloatArray:
    """Return a @ b + bias, or max(a @ b + bias, 0), for b as packed panels (panels, K, COLUMNS)."""
    rows = len(a)
    c = empty((rows, columns), a.dtype)
    added = np.zeros(len(matrix) * COLUMNS, a.dtype)
    if bias is not None:
        added[:columns] = bias
    blocks = -(-rows // ROWS_OF_A_BLOCK)
    parts = min(get_num_threads(), blocks)
    past_cache = columns % COLUMNS == 0 and too_large_to_stay(c)  # whole lines of the cache are written
    parallel_parts(
        _shallow_product, blocks, parts, a, matrix, added, c, empty((parts, NARROW_ROWS, COLUMNS), a.dtype), _ONE_RUN, relu, past_cache
    )  # fmt: skip
    return c


@kernel
def _shallow_product(
    part: int, start: int, stop: int, a: Array, matrix: Array, bias: Array, c: Array, edges: IntArray, run: IntArray,
    relu: bool, past_cache: bool,
) -> None:  # fmt: skip
    (rows, depth), columns, edge = a.shape, c.shape[1], edges[part]
    least = np.float32(0) if relu else np.float32(-np.inf)
    end = min(rows, stop * ROWS_OF_A_BLOCK)
    for block in range(start, stop):
        first, last = block * ROWS_OF_A_BLOCK, min(rows, (block + 1) * ROWS_OF_A_BLOCK)
        for panel in range(matrix.shape[0]):
            column = panel * COLUMNS
            inside = min(COLUMNS, columns - column)
            wide = LANES if inside <= LANES else COLUMNS  # columns of the tile
            # A tile of fewer columns may be written as it is when there is no other panel: what it writes beyond a row
            # is overwritten by the next rows, which come later, as long as these are this thread's.
            spilled = -(-(wide - inside) // inside) if matrix.shape[0] == 1 else rows
            weights, offset = matrix.ctypes.data + panel * depth * COLUMNS * 4, bias.ctypes.data + column * 4
            r = first
            while r < last:
                height = height_for(wide) if r + height_for(wide) <= last else 1
                direct = inside == wide or r + height + spilled <= end
                if direct:
                    target, step = c.ctypes.data + (r * columns + column) * 4, columns * 4
                else:
                    target, step = edge.ctypes.data, COLUMNS * 4
                source = a.ctypes.data + r * depth * 4
                if height == 1:
                    window(
                        source, depth * 4, weights, run.ctypes.data, 1, depth, offset, least, target, step, past_cache, wide
                    )  # fmt: skip
                else:
                    windows(
                        source, depth * 4, weights, run.ctypes.data, 1, depth, offset, least, target, step, past_cache, wide
                    )  # fmt: skip
                if not direct:
                    for i in range(height):
                        for j in range(inside):
                            c[r + i, column + j] = edge[i, j]
                r += height
    written()
