r"""dx of a convolution whose windows lie side by side (stride = window, no padding), which is what a transposed convolution that doubles an image computes.

Each pixel of dx is then seen by one window through one tap, so there is nothing to add up between windows. The pixels
that a row of windows sees through row i of the kernel are one row of dx, and as numbers they are a matrix (OW, KW * C):

    dx[n, oh * KH + i]  =  dy[n, oh] (OW, F)  @  kernel[i] turned around (F, KW * C)

so the micro-kernel writes its tiles where they belong. Before, each of the KH * KW taps was a convolution of its own,
whose result NumPy put into every second pixel: 8 images of 64x64 with 32 channels to 128x128 with 16 takes about a
third of the time (two Zen 3 cores).
"""

from __future__ import annotations

import numpy as np

from ...cpu.compiled import kernel
from ...cpu.gemm.epilogue import add_bias
from ...cpu.gemm.micro_kernel import COLUMNS, ROWS, row, tile
from ...cpu.gemm.packing import packed
from ...cpu.memory.buffers import empty
from ...cpu.pieces import piece_or_one
from ...cpu.threading.threads import get_num_threads, parallel_parts
from ...types import FloatArray, IntArray, Pair


def suits(window: Pair, strides: Pair, padding: tuple[Pair, Pair], dilation_rate: Pair) -> bool:
    """Return whether the windows of a convolution lie side by side, from corner to corner."""
    return window == strides and dilation_rate == (1, 1) and padding == ((0, 0), (0, 0))


def input_gradient(dy: FloatArray, kernel: FloatArray, size: Pair, bias: FloatArray | None = None) -> FloatArray:
    """Return dx (N, *size, C), plus a bias where it is not a gradient."""
    kh, kw, channels, filters = kernel.shape
    dx = empty((len(dy), *size, channels), dy.dtype)
    added = np.zeros(channels, dy.dtype) if bias is None else np.ascontiguousarray(bias)
    lines = len(dy) * dy.shape[1]
    # Rows that no window sees, because the image's height is not a multiple of the window's.
    dx[:, dy.shape[1] * kh :] = added
    parts = min(get_num_threads(), lines)
    if parts == 0 or dx.size == 0:
        return dx
    matrices = packed(np.ascontiguousarray(kernel.transpose(0, 3, 1, 2)).reshape(kh, filters, kw * channels))
    edges = empty((parts, ROWS, COLUMNS), dy.dtype)
    parallel_parts(_spread, lines, parts, np.ascontiguousarray(dy), matrices, added, dx, edges, kw)
    return dx


@kernel
def _spread(
    part: int, start: int, stop: int, dy: FloatArray, matrices: FloatArray, bias: FloatArray, dx: FloatArray,
    edges: IntArray, kw: int,
) -> None:  # fmt: skip
    _, oh, ow, filters = dy.shape
    kh, panels = matrices.shape[:2]
    channels, edge = dx.shape[3], edges[part]
    columns = kw * channels
    for job in range(start, stop):
        n, h = job // oh, job % oh
        for i in range(kh):
            image_row = dx[n, h * kh + i]
            line = image_row.reshape(image_row.size)
            for panel in range(panels):
                b = matrices.ctypes.data + (i * panels + panel) * filters * COLUMNS * 4
                inside = min(COLUMNS, columns - panel * COLUMNS)
                w = 0
                while w < ow:
                    w, count = piece_or_one(w, ow, ROWS)
                    a = dy.ctypes.data + (job * ow + w) * filters * 4
                    first = w * columns + panel * COLUMNS
                    target, step = line.ctypes.data + first * 4, columns * 4
                    if inside < COLUMNS:
                        target, step = edge.ctypes.data, COLUMNS * 4
                    if count == ROWS:
                        tile(a, filters * 4, 4, b, COLUMNS * 4, target, step, filters)
                    else:
                        row(a, filters * 4, 4, b, COLUMNS * 4, target, step, filters)
                    if inside < COLUMNS:
                        for r in range(count):
                            for j in range(inside):
                                line[first + r * columns + j] = edge[r, j]
                    w += count
            line[ow * columns :] = 0
            add_bias(line, min(job, 0), channels, dx.shape[2], bias, False)
