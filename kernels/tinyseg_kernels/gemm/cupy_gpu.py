"""The matrix product in CUDA C++, in four versions, and by cuBLAS."""

from __future__ import annotations

from ..backend import is_emulated
from ..device import contiguous, empty, zeros
from ..gpu.alignment import in_quads
from ..gpu.cuda import Source, blocks
from ..gpu.tensor_cores import TENSOR_CORE_MACROS, tensor_core_macros, tensor_cores
from ..gpu.versions import forced_version
from ..types import DTypeLike, FloatArray
from . import batched_gpu
from .tiles import LARGE, TILES, choose_splits, choose_tile

_SOURCE = Source(__file__, "gemm.cu")
_REGISTER_TILES = Source(__file__, "gemm_register_tiles.cu")
_THREADS = 256
_SIDE = 16
"""Side of a tile in gpu/shared_tiles.cuh."""

COMPILED_WITH = {
    "gemm_register_tiles.cu": [
        {**tile.compiled_for, "A_TRANSPOSED": a, "B_TRANSPOSED": b, "A_IN_QUADS": quads, "B_IN_QUADS": quads}
        for tile in TILES
        for a, b in ((0, 0), (0, 1), (1, 0))
        for quads in (0, 1)
        if tile is LARGE or (a, b) == (0, 0)
    ]
    + [
        {**LARGE.defines, "A_TRANSPOSED": 0, "B_TRANSPOSED": quads, "A_IN_QUADS": quads, "B_IN_QUADS": quads, **macros}
        for quads in (0, 1)
        for macros in TENSOR_CORE_MACROS
    ],
    "batched.cu": batched_gpu.COMPILED_WITH,
}
"""What is compiled to see registers and spills."""


def matmul(
    a: FloatArray, b: FloatArray, bias: FloatArray | None = None, *, transpose_a: bool = False,
    transpose_b: bool = False,
) -> FloatArray:  # fmt: skip
    """Return op(a) @ op(b) + bias.

    Args:
        a: (M, K), or (K, M) to be transposed.
        b: (K, N), or (N, K) to be transposed, of a's dtype.
        bias: (N,) or None.
        transpose_a: Whether a is transposed.
        transpose_b: Whether b is transposed.
    """
    a, b = contiguous(a), contiguous(b)
    rows, length = a.shape[::-1] if transpose_a else a.shape
    columns = b.shape[0] if transpose_b else b.shape[1]
    version = forced_version("gemm") or choose(a.dtype)
    if version == "cublas":
        c = (a.T if transpose_a else a) @ (b.T if transpose_b else b)
        if bias is not None:
            c += bias
        return c
    if rows * columns == 0:
        return zeros((rows, columns), a.dtype)
    bias = None if bias is None else contiguous(bias)
    if version == "register_tiles":
        return _by_register_tiles(a, b, bias, rows, columns, length, transpose_a, transpose_b)
    c = empty((rows, columns), a.dtype)
    strides = ((1, rows) if transpose_a else (length, 1)) + ((1, length) if transpose_b else (columns, 1))
    grid, block = blocks(c.size, _THREADS), (_THREADS, 1)
    if version == "shared_tiles":
        grid, block = blocks(rows, _SIDE) * blocks(columns, _SIDE), (_SIDE, _SIDE)
    added, has_bias = optional(bias, a)
    arguments = (a, b, added, c, rows, columns, length, *strides, has_bias)
    _SOURCE.launch(f"gemm_{version}", a.dtype, grid, block, arguments)
    return c


def choose(dtype: DTypeLike) -> str:
    """Return the version that is used without a choice.

    That is cuBLAS on a GPU, and the best of our own where it is emulated and cuBLAS is not there, or where somebody
    asks for tensor cores.
    """
    return "register_tiles" if is_emulated() or tensor_cores(dtype) else "cublas"


def optional(bias: FloatArray | None, other: FloatArray) -> tuple[FloatArray, int]:
    """Return what kernels take for a bias that may be missing.

    An array, which is not read without a bias, and whether there is one.
    """
    return (other, 0) if bias is None else (bias, 1)


def _by_register_tiles(
    a: FloatArray, b: FloatArray, bias: FloatArray | None, rows: int, columns: int, length: int, transpose_a: bool,
    transpose_b: bool,
) -> FloatArray:  # fmt: skip
    tile = choose_tile(rows, columns, a.dtype)
    tiles = tile.cover(rows, columns)
    splits, chunk = choose_splits(tiles, rows * columns, length)
    sums = empty((splits, rows, columns), a.dtype)
    defines = {
        **tile.defines,
        "A_TRANSPOSED": int(transpose_a),
        "B_TRANSPOSED": int(transpose_b),
        "A_IN_QUADS": int(in_quads(a.shape[1], a)),
        "B_IN_QUADS": int(in_quads(b.shape[1], b)),
        **tensor_core_macros(a.dtype),
    }
    added, has_bias = optional(bias if splits == 1 else None, a)
    arguments = (a, b, added, sums, rows, columns, length, chunk, has_bias)
    _REGISTER_TILES.launch("gemm_register_tiles", a.dtype, (tiles, splits), tile.threads, arguments, defines=defines)
    return sums[0] if splits == 1 else add_partial_sums(sums, bias)


def add_partial_sums(partial: FloatArray, bias: FloatArray | None = None) -> FloatArray:
    """Add up what blocks that shared the sums have left: (S, ..., N) to (..., N), plus bias (N,), in a fixed order."""
    c = empty(partial.shape[1:], partial.dtype)
    added, has_bias = optional(bias, partial)
    arguments = (partial, added, c, len(partial), c.size, c.shape[-1], has_bias)
    _SOURCE.launch("add_partial_sums", c.dtype, blocks(c.size, _THREADS, limit=1 << 16), _THREADS, arguments)
    return c
