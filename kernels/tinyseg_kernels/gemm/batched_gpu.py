"""Many matrix products of one shape in one launch, in CUDA C++."""

from __future__ import annotations

from ..device import empty
from ..gpu.alignment import in_quads
from ..gpu.cuda import Source, blocks
from ..types import FloatArray
from .tiles import LARGE, TILES, choose_tile

_SOURCE = Source(__file__, "batched.cu")

COMPILED_WITH = [
    {**tile.compiled_for, "A_TRANSPOSED": a, "A_IN_QUADS": quads, "B_IN_QUADS": quads}
    for tile in TILES
    for a in (0, 1)
    for quads in (0, 1)
    if tile is LARGE or not a
]
"""What is compiled to see registers and spills."""


def batched_products(
    a: FloatArray, b: FloatArray, *, transpose_a: bool = False, chunk: int | None = None
) -> FloatArray:
    """Return op(a[i]) @ b[i] for each i, as partial sums (S, B, M, N) that are still to be added up.

    Args:
        a: (B, M, K), or (B, K, M) to be transposed; contiguous.
        b: (B, K, N), contiguous.
        transpose_a: Whether each a[i] is transposed.
        chunk: Terms of a partial sum; None: all K of them, so that S = 1.
    """
    batch, *shape = a.shape
    rows, length = shape[::-1] if transpose_a else shape
    columns = b.shape[2]
    chunk = max(length, 1) if chunk is None else chunk
    splits = max(1, blocks(length, chunk))
    tile = choose_tile(rows * batch, columns, a.dtype)  # the batch's products fill the device together
    c = empty((splits, batch, rows, columns), a.dtype)
    defines = {
        **tile.defines,
        "A_TRANSPOSED": int(transpose_a),
        "A_IN_QUADS": int(in_quads(a.shape[2], a)),
        "B_IN_QUADS": int(in_quads(columns, b)),
    }
    grid = (tile.cover(rows, columns), splits, batch)
    arguments = (a, b, c, rows, columns, length, chunk)
    _SOURCE.launch("batched_products", a.dtype, grid, tile.threads, arguments, defines=defines)
    return c
