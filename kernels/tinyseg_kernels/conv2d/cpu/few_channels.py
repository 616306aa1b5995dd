r"""dx of a convolution with strides of an image with few channels, such as the three of a photograph, on the CPU.

As a convolution of dy (`numba_cpu.input_gradient`) it has as few columns as the image has channels: 3 of the 16 that a
tile of the micro-kernel computes. So for these it is done the other way round, as the formula in `__init__.py` is read:
the taps of all channels are the columns of one product,

    g[ow, (i, j, c)]  =  dy[n, oh, ow] (F)  @  kernel turned around (F, KH * KW * C)

and each number is added to the pixel that its tap saw, dx[n, oh * s - p + i * d, ow * s - p + j * d, c]. A thread owns
a band of rows of dx, and computes the products of all rows of dy that reach into it; those at the seams are computed
twice. g of a row of dy stays in the first-level cache.
"""

from __future__ import annotations

import numpy as np

from ...cpu.compiled import inlined, kernel
from ...cpu.gemm.micro_kernel import COLUMNS, LANES, ROWS, row, tile
from ...cpu.gemm.packing import packed_transposed, panels
from ...cpu.memory.buffers import empty
from ...cpu.pieces import piece_or_one
from ...cpu.sizes import SIZES
from ...cpu.threading.threads import get_num_threads, parallel_parts
from ...cpu.vectors.vectors import load, store
from ...types import FloatArray, Pair
from ..cache import Conv2DCache

MOST_CHANNELS = SIZES.few_channels_most

BAND = SIZES.few_channels_band


def suits(channels: int, window: Pair, strides: Pair) -> bool:
    """Return whether a convolution's dx should be computed like this.

    With stride 1, neighbours are computed together (`direct.py`).
    """
    return channels <= MOST_CHANNELS and window != (1, 1) and strides != (1, 1)


def input_gradient(dy: FloatArray, kernel: FloatArray, size: Pair, geometry: Conv2DCache) -> FloatArray:
    """Return dx (N, *size, C)."""
    kh, kw, channels, filters = kernel.shape
    dx = empty((len(dy), *size, channels), dy.dtype)
    band = max(1, min(BAND, -(-len(dy) * size[0] // get_num_threads())))
    bands = -(-size[0] // band)
    jobs = len(dy) * bands
    parts = min(get_num_threads(), jobs)
    if parts == 0 or dx.size == 0:
        return dx
    matrix = packed_transposed(np.ascontiguousarray(kernel).reshape(kh * kw * channels, filters))
    products = empty((parts, dy.shape[2], panels(kh * kw * channels) * COLUMNS), dy.dtype)
    (top, _), (left, _) = geometry.padding
    parallel_parts(
        _gather, jobs, parts, np.ascontiguousarray(dy), matrix, products, dx, band, bands, kh, kw, *geometry.strides, top, left,
        *geometry.dilation_rate,
    )  # fmt: skip
    return dx


@kernel
def _gather(
    part: int, start: int, stop: int, dy: FloatArray, matrix: FloatArray, products: FloatArray, dx: FloatArray,
    band: int, bands: int, kh: int, kw: int, sh: int, sw: int, top: int, left: int, dh: int, dw: int,
) -> None:  # fmt: skip
    _, oh, ow, _ = dy.shape
    _, height, width, channels = dx.shape
    product = products[part]
    for job in range(start, stop):
        n, h_first = job // bands, job % bands * band
        h_last = min(h_first + band, height)
        for h in range(h_first, h_last):
            dx[n, h, :, :] = 0
        # Row o meets row o * s - p + i * d through tap i, 0 <= i < kh.
        first = max(0, -(-(h_first + top - (kh - 1) * dh) // sh))
        last = min(oh, (h_last - 1 + top) // sh + 1)
        for o in range(first, last):
            _multiply(dy[n, o], matrix, product)
            for i in range(kh):
                h = o * sh - top + i * dh
                if not h_first <= h < h_last:
                    continue
                line = dx[n, h].reshape(width * channels)
                for w in range(ow):
                    for j in range(
                        1 if dw == 1 else kw
                    ):  # without dilation the taps of a row of the window are neighbours
                        pixel, tap = w * sw - left + j * dw, i * kw + j
                        count = kw if dw == 1 else 1
                        if pixel < 0:
                            tap, count, pixel = tap - pixel, count + pixel, 0
                        count = min(count, width - pixel)
                        if count > 0:
                            _add(product[w], tap * channels, line, pixel * channels, count * channels)


@inlined
def _add(source: FloatArray, first: int, target: FloatArray, place: int, count: int) -> None:
    whole = count // LANES * LANES
    a, b = source.ctypes.data + first * 4, target.ctypes.data + place * 4
    for k in range(0, whole * 4, LANES * 4):
        store(b + k, load(b + k) + load(a + k))
    for k in range(whole, count):
        target[place + k] += source[first + k]


@inlined
def _multiply(rows: FloatArray, matrix: FloatArray, product: FloatArray) -> None:
    """Write rows (OW, F) @ matrix, a panel after the other."""
    count, filters = rows.shape
    width = product.shape[1]
    for panel in range(matrix.shape[0]):
        b = matrix.ctypes.data + panel * filters * COLUMNS * 4
        r = 0
        while r < count:
            r, together = piece_or_one(r, count, ROWS)
            a = rows.ctypes.data + r * filters * 4
            target = product.ctypes.data + (r * width + panel * COLUMNS) * 4
            if together == ROWS:
                tile(a, filters * 4, 4, b, COLUMNS * 4, target, width * 4, filters)
            else:
                row(a, filters * 4, 4, b, COLUMNS * 4, target, width * 4, filters)
            r += together
