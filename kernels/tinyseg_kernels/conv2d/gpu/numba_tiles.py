"""conv2d by tiles in Numba.

Implicit matrix products, whose factors are gathered from images while they are brought into shared memory.

                 result (M x N)                     sum over K                         first factor               second factor
    forward      positions (n, oh, ow) x f          taps and channels (i, j, c)        x                          kernel as a matrix (K, F)
    dx           pixels (n, h, w) x c               taps and filters (i, j, f)         dy where it met the pixel  kernel
    dkernel      taps and channels (i, j, c) x f    positions (n, oh, ow)              x                          dy

No matrix of all windows lies in memory. Divisions are slow on a GPU, so a thread works out its positions or its tap
once and goes on from there by additions. `gemm/numba_tiles.py` explains the tiles.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from ...gemm.numba_tiles import Tile, add_products, clear
from ...gpu.numba_cuda import Kernel, cuda, jit
from ...types import FloatArray


@cache
def forward_tiled(tile: Tile) -> Kernel:
    """Make the forward's kernel for a tile; the grid is (tiles of positions, tiles of filters)."""
    rows, columns, depth, per_thread = tile.rows, tile.columns, tile.depth, tile.per_thread
    height, width, threads = tile.height, tile.width, tile.threads
    shape_a, shape_b = (depth, height + tile.gap), (depth, width + tile.gap)
    loads_a, loads_b, step = depth * height // threads, depth * width // threads, threads // depth

    @jit
    def _forward_tiled(
        x: FloatArray, matrix: FloatArray, bias: FloatArray, y: FloatArray, kw: int, sh: int, sw: int, top: int,
        left: int, dh: int, dw: int,
    ) -> None:  # fmt: skip
        """Shapes: x (N, H, W, C), matrix (KH * KW * C, F), bias (F,), y (N, OH, OW, F)."""
        a_slice = cuda.shared.array(shape_a, x.dtype)
        b_slice = cuda.shared.array(shape_b, x.dtype)
        sums = cuda.local.array((per_thread, per_thread), x.dtype)
        image = cuda.local.array(loads_a, np.int64)
        first_h = cuda.local.array(loads_a, np.int64)
        first_w = cuda.local.array(loads_a, np.int64)
        clear(sums)
        tx, ty = cuda.threadIdx.x, cuda.threadIdx.y
        t = ty * columns + tx
        outputs = y.shape[1] * y.shape[2]
        positions, terms = y.shape[0] * outputs, matrix.shape[0]
        row, column = cuda.blockIdx.x * height, cuda.blockIdx.y * width
        # This thread brings in term t % depth of each step, of these windows:
        term = t % depth
        for load in range(loads_a):
            position = row + t // depth + load * step
            image[load] = position // outputs if position < positions else -1
            first_h[load] = position % outputs // y.shape[2] * sh - top
            first_w[load] = position % y.shape[2] * sw - left
        i, j, c = 0, 0, term
        for start in range(0, terms, depth):
            while c >= x.shape[3]:
                c -= x.shape[3]
                j += 1
                if j == kw:
                    j = 0
                    i += 1
            for load in range(loads_a):
                h, w = first_h[load] + i * dh, first_w[load] + j * dw
                inside = image[load] >= 0 and start + term < terms
                inside = inside and h >= 0 and h < x.shape[1] and w >= 0 and w < x.shape[2]
                a_slice[term, t // depth + load * step] = x[image[load], h, w, c] if inside else x.dtype.type(0)
            for load in range(loads_b):
                k, q = (t + load * threads) // width, (t + load * threads) % width
                inside = start + k < terms and column + q < y.shape[3]
                b_slice[k, q] = matrix[start + k, column + q] if inside else x.dtype.type(0)
            cuda.syncthreads()
            add_products(a_slice, b_slice, sums, ty, tx, rows, columns)
            cuda.syncthreads()
            c += depth
        for r in range(per_thread):
            position = row + ty + r * rows
            n, oh, ow = position // outputs, position % outputs // y.shape[2], position % y.shape[2]
            for q in range(per_thread):
                f = column + tx + q * columns
                if position < positions and f < y.shape[3]:
                    y[n, oh, ow, f] = sums[r, q] + bias[f]

    return _forward_tiled


@cache
def input_gradient_tiled(tile: Tile) -> Kernel:
    """Make dx's kernel for a tile; the grid is (tiles of pixels, tiles of channels)."""
    rows, columns, depth, per_thread = tile.rows, tile.columns, tile.depth, tile.per_thread
    height, width, threads = tile.height, tile.width, tile.threads
    shape_a, shape_b = (depth, height + tile.gap), (depth, width + tile.gap)
    loads_a, loads_b, step = depth * height // threads, depth * width // threads, threads // depth

    @jit
    def _input_gradient_tiled(
        dy: FloatArray, kernel: FloatArray, dx: FloatArray, sh: int, sw: int, top: int, left: int, dh: int, dw: int
    ) -> None:
        """Shapes: dy (N, OH, OW, F), kernel (KH, KW, C, F), dx (N, H, W, C)."""
        a_slice = cuda.shared.array(shape_a, dy.dtype)
        b_slice = cuda.shared.array(shape_b, dy.dtype)
        sums = cuda.local.array((per_thread, per_thread), dy.dtype)
        image = cuda.local.array(loads_a, np.int64)
        padded_h = cuda.local.array(loads_a, np.int64)
        padded_w = cuda.local.array(loads_a, np.int64)
        clear(sums)
        tx, ty = cuda.threadIdx.x, cuda.threadIdx.y
        t = ty * columns + tx
        area, filters = dx.shape[1] * dx.shape[2], dy.shape[3]
        pixels, terms = dx.shape[0] * area, kernel.shape[0] * kernel.shape[1] * filters
        row, column = cuda.blockIdx.x * height, cuda.blockIdx.y * width
        term = t % depth
        for load in range(loads_a):
            pixel = row + t // depth + load * step
            image[load] = pixel // area if pixel < pixels else -1
            padded_h[load] = pixel % area // dx.shape[2] + top
            padded_w[load] = pixel % dx.shape[2] + left
        i, j, f = 0, 0, term
        for start in range(0, terms, depth):
            while f >= filters:
                f -= filters
                j += 1
                if j == kernel.shape[1]:
                    j = 0
                    i += 1
            for load in range(loads_a):
                # Tap (i, j) met this pixel at output (oh, ow) if oh * sh - top + i * dh = h, and the same along the
                # width.
                oh, ow = padded_h[load] - i * dh, padded_w[load] - j * dw
                inside = image[load] >= 0 and start + term < terms and oh >= 0 and ow >= 0
                if sh > 1:
                    inside = inside and oh % sh == 0
                    oh = oh // sh
                if sw > 1:
                    inside = inside and ow % sw == 0
                    ow = ow // sw
                inside = inside and oh < dy.shape[1] and ow < dy.shape[2]
                a_slice[term, t // depth + load * step] = dy[image[load], oh, ow, f] if inside else dy.dtype.type(0)
            for load in range(loads_b):
                q = t // depth + load * step
                inside = start + term < terms and column + q < dx.shape[3]
                b_slice[term, q] = kernel[i, j, column + q, f] if inside else dy.dtype.type(0)
            cuda.syncthreads()
            add_products(a_slice, b_slice, sums, ty, tx, rows, columns)
            cuda.syncthreads()
            f += depth
        for r in range(per_thread):
            pixel = row + ty + r * rows
            n, h, w = pixel // area, pixel % area // dx.shape[2], pixel % dx.shape[2]
            for q in range(per_thread):
                c = column + tx + q * columns
                if pixel < pixels and c < dx.shape[3]:
                    dx[n, h, w, c] = sums[r, q]

    return _input_gradient_tiled


@cache
def kernel_gradient_tiled(tile: Tile) -> Kernel:
    """Make dkernel's kernel for a square tile.

    The grid is (tiles of taps and channels, tiles of filters, splits of the positions).
    """
    rows, columns, depth, per_thread = tile.rows, tile.columns, tile.depth, tile.per_thread
    side, threads = tile.height, tile.threads
    if tile.width != side:
        raise ValueError(f"expected a square tile, got {tile}")
    shape = (depth, side + tile.gap)
    loads, step = depth * side // threads, threads // side

    @jit
    def _kernel_gradient_tiled(
        x: FloatArray, dy: FloatArray, parts: FloatArray, length: int, kw: int, sh: int, sw: int, top: int, left: int,
        dh: int, dw: int,
    ) -> None:  # fmt: skip
        """Shapes: x (N, H, W, C), dy (N, OH, OW, F), parts (splits, KH * KW * C, F): sums over `length` positions
        each.
        """
        a_slice = cuda.shared.array(shape, x.dtype)
        b_slice = cuda.shared.array(shape, x.dtype)
        sums = cuda.local.array((per_thread, per_thread), x.dtype)
        image = cuda.local.array(loads, np.int64)
        oh = cuda.local.array(loads, np.int64)
        ow = cuda.local.array(loads, np.int64)
        clear(sums)
        tx, ty = cuda.threadIdx.x, cuda.threadIdx.y
        t = ty * columns + tx
        row, column, split = cuda.blockIdx.x * side, cuda.blockIdx.y * side, cuda.blockIdx.z
        outputs, channels = dy.shape[1] * dy.shape[2], x.shape[3]
        begin, end = split * length, min((split + 1) * length, dy.shape[0] * outputs)
        # This thread brings in the tap and channel row + r, and the filter column + r, of these positions:
        r, first = t % side, t // side
        i, j, c = (row + r) // channels // kw, (row + r) // channels % kw, (row + r) % channels
        for load in range(loads):
            position = begin + first + load * step
            image[load] = position // outputs
            oh[load] = position % outputs // dy.shape[2]
            ow[load] = position % dy.shape[2]
        for start in range(begin, end, depth):
            for load in range(loads):
                k = first + load * step
                there = start + k < end
                h, w = oh[load] * sh - top + i * dh, ow[load] * sw - left + j * dw
                inside = there and row + r < parts.shape[1]
                inside = inside and h >= 0 and h < x.shape[1] and w >= 0 and w < x.shape[2]
                a_slice[k, r] = x[image[load], h, w, c] if inside else x.dtype.type(0)
                inside = there and column + r < dy.shape[3]
                b_slice[k, r] = dy[image[load], oh[load], ow[load], column + r] if inside else x.dtype.type(0)
                ow[load] += depth
                while ow[load] >= dy.shape[2]:
                    ow[load] -= dy.shape[2]
                    oh[load] += 1
                    if oh[load] == dy.shape[1]:
                        oh[load] = 0
                        image[load] += 1
            cuda.syncthreads()
            add_products(a_slice, b_slice, sums, ty, tx, rows, columns)
            cuda.syncthreads()
        for i in range(per_thread):
            for j in range(per_thread):
                k, f = row + ty + i * rows, column + tx + j * columns
                if k < parts.shape[1] and f < parts.shape[2]:
                    parts[split, k, f] = sums[i, j]

    return _kernel_gradient_tiled
