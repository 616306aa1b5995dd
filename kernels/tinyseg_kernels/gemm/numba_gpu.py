"""Matrix products by Numba kernels, from one thread per output to tiles in registers.

    naive            one thread per output; neighbouring threads take neighbouring rows, so every access of a warp touches 32 distant places
    coalesced        the same with neighbouring columns: a warp reads b and writes c in one piece, and all its threads read the same number of a
    shared_tiles     blocks bring slices of a and b into shared memory: each number is read from memory 16 times less often (8 in the small tile)
    register_tiles   and each thread computes 4 x 4 outputs: 64 times less often (32), and two numbers from shared memory serve four multiplications

All of them take transposed factors as views, without a copy; the tiled ones then change the direction in which they
read, so that it stays coalesced. A long sum of a small result is split over blocks, whose partial results are added in
a fixed order: two runs give the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from ..device import empty, zeros
from ..gpu.cuda import blocks
from ..gpu.numba_cuda import Kernel, cuda, jit, launch
from ..gpu.numba_sums import sum_rows
from ..gpu.tensor_cores import tensor_cores
from ..gpu.versions import forced_version
from ..types import FloatArray
from . import cupy_gpu as by_tensor_cores
from .numba_tiles import REGISTERS, SHARED, SMALL_REGISTERS, SMALL_SHARED, Tile, add_products, clear, tile_for

VERSIONS = ("naive", "coalesced", "shared_tiles", "register_tiles")
"""Those of `gpu.versions` that are written in Numba; for any other one the best of these is taken."""

BLOCK = 128

SPLIT = 1024
"""Terms of a sum that a block adds up at most when the result is too small to occupy the device."""

MOST_SPLITS = 1024

ENOUGH_OUTPUTS = 1 << 16
"""Outputs from which a sum is not split: they occupy the device by themselves."""


def matmul(a: FloatArray, b: FloatArray, bias: FloatArray | None = None) -> FloatArray:
    """Return a (M, K) @ b (K, N) + bias (N,) on the device; a and b may be transposed views."""
    if tensor_cores(a.dtype):  # Numba has no instructions for them
        a_lies, b_lies = a.flags.c_contiguous, b.flags.c_contiguous
        turned = {"transpose_a": not a_lies, "transpose_b": not b_lies}
        return by_tensor_cores.matmul(a if a_lies else a.T, b if b_lies else b.T, bias, **turned)
    m, k, n = a.shape[0], a.shape[1], b.shape[1]
    splits = 1 if m * n >= ENOUGH_OUTPUTS else min(max(1, -(-k // SPLIT)), MOST_SPLITS)
    parts = empty((splits, m, n), a.dtype)
    # A sum over no term still gets the bias; of several parts, the first one gets it.
    _launch(a, b, zeros((n,), a.dtype) if bias is None else bias, parts, -(-k // splits))
    return parts[0] if splits == 1 else sum_rows(parts.reshape(splits, m * n)).reshape(m, n)


def choose(m: int, n: int, k: int) -> str:
    """Return the best version for a shape.

    Register tiles, unless an edge of the result or the sum is too short to fill a tile by half.
    """
    return "register_tiles" if min(m, n) > SMALL_REGISTERS.height // 2 and k >= SMALL_REGISTERS.depth else "coalesced"


def _launch(a: FloatArray, b: FloatArray, bias: FloatArray, c: FloatArray, length: int) -> None:
    splits, m, n = c.shape
    version = forced_version("gemm")
    if version is None or version not in VERSIONS:
        version = choose(m, n, length)
    if version in ("naive", "coalesced"):
        kernel = _naive if version == "naive" else _coalesced
        launch(kernel, (blocks(m * n, BLOCK), 1, splits), BLOCK, a, b, bias, c, length)
        return
    tile = tile_for(version, m, n)
    grid = (blocks(n, tile.width), blocks(m, tile.height), splits)
    # The step between neighbours of a row says whether rows or columns are read in one piece.
    launch(tiled(tile), grid, tile.block, a, b, bias, c, length, a.strides[1] == a.itemsize, b.strides[1] == b.itemsize)


@jit
def _naive(a: FloatArray, b: FloatArray, bias: FloatArray, c: FloatArray, length: int) -> None:
    """c[split, row, column], a thread each; row = thread % M."""
    t = cuda.grid(1)
    split = cuda.blockIdx.z
    row, column = t % c.shape[1], t // c.shape[1]
    if column < c.shape[2]:
        total = c.dtype.type(0)
        for k in range(split * length, min((split + 1) * length, a.shape[1])):
            total += a[row, k] * b[k, column]
        c[split, row, column] = total + (bias[column] if split == 0 else a.dtype.type(0))


@jit
def _coalesced(a: FloatArray, b: FloatArray, bias: FloatArray, c: FloatArray, length: int) -> None:
    """c[split, row, column], a thread each; column = thread % N."""
    t = cuda.grid(1)
    split = cuda.blockIdx.z
    row, column = t // c.shape[2], t % c.shape[2]
    if row < c.shape[1]:
        total = c.dtype.type(0)
        for k in range(split * length, min((split + 1) * length, a.shape[1])):
            total += a[row, k] * b[k, column]
        c[split, row, column] = total + (bias[column] if split == 0 else a.dtype.type(0))


@cache
def tiled(tile: Tile) -> Kernel:
    """Make the tiled kernel for a tile."""
    rows, columns, depth, per_thread = tile.rows, tile.columns, tile.depth, tile.per_thread
    height, width, threads = tile.height, tile.width, tile.threads
    shape_a, shape_b = (depth, height + tile.gap), (depth, width + tile.gap)
    loads_a, loads_b = depth * height // threads, depth * width // threads

    @jit
    def _tiled(
        a: FloatArray, b: FloatArray, bias: FloatArray, c: FloatArray, length: int, a_by_rows: int, b_by_rows: int
    ) -> None:
        a_slice = cuda.shared.array(shape_a, a.dtype)
        b_slice = cuda.shared.array(shape_b, a.dtype)
        sums = cuda.local.array((per_thread, per_thread), a.dtype)
        clear(sums)
        tx, ty = cuda.threadIdx.x, cuda.threadIdx.y
        t = ty * columns + tx
        row, column, split = cuda.blockIdx.y * height, cuda.blockIdx.x * width, cuda.blockIdx.z
        end = min((split + 1) * length, a.shape[1])
        for start in range(split * length, end, depth):
            for load in range(loads_a):
                e = t + load * threads
                k, r = (e % depth, e // depth) if a_by_rows else (e // height, e % height)
                inside = row + r < a.shape[0] and start + k < end
                a_slice[k, r] = a[row + r, start + k] if inside else a.dtype.type(0)
            for load in range(loads_b):
                e = t + load * threads
                k, q = (e // width, e % width) if b_by_rows else (e % depth, e // depth)
                inside = column + q < b.shape[1] and start + k < end
                b_slice[k, q] = b[start + k, column + q] if inside else a.dtype.type(0)
            cuda.syncthreads()
            add_products(a_slice, b_slice, sums, ty, tx, rows, columns)
            cuda.syncthreads()
        for i in range(per_thread):
            for j in range(per_thread):
                r, q = row + ty + i * rows, column + tx + j * columns
                if r < c.shape[1] and q < c.shape[2]:
                    c[split, r, q] = sums[i, j] + (bias[q] if split == 0 else a.dtype.type(0))

    return _tiled


def _signatures() -> Sequence[tuple[Kernel, tuple[str, ...]]]:
    factors = ("float32[:, ::1]", "float32[:, ::1]", "float32[::1]", "float32[:, :, ::1]", "int32")
    tiles = (SHARED, REGISTERS, SMALL_SHARED, SMALL_REGISTERS)
    return [(_naive, factors), (_coalesced, factors), *((tiled(tile), (*factors, "int32", "int32")) for tile in tiles)]


PTX_SIGNATURES = _signatures()
"""For the check that float32 stays float32."""
