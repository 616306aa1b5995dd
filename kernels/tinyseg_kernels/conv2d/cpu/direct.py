r"""Convolution on the CPU without a matrix of windows: the micro-kernel reads the windows where they lie.

In a row of an image (W, C) with the channels last, the KW * C numbers that a window takes from one row follow each
other in memory, and the next window's begin `stride * C` numbers later. So for each row i of the kernel the windows of
a row of outputs *are* a matrix (OW, KW * C), with rows that overlap, and

    y[oh] = sum over i of windows of row (oh * s - p + i * d)  @  kernel[i] as a matrix (KW * C, F)

needs no copy but that of the rows at an image's border: a band of rows is copied once into a buffer with its padding,
which stays in the cache for the KH * KW times that each of its pixels is read. With a dilation the numbers of one
window lie apart, and each tap is a matrix product of its own, with C columns.

Few filters, such as the three channels of dx of a photograph, leave most of a vector idle. Then G neighbouring pixels
are computed as one with G * F filters: their windows are one wider window, and the kernel's matrix stands in it G
times, each time shifted by the stride (`_side_by_side`). Most of the zeros between are multiplied too, but with 3
filters in a vector of 16 and G = 5 the seven pixels that five windows of 3x3 see together cost less than half of five
times three.

dkernel[i] = sum over oh of windows^T @ dy[oh]: the same buffer, read along the other axis, by a micro-kernel that keeps
its sums over several rows of outputs (`rows_kernel.py`). Each thread adds to a kernel of its own; in the end they are
added up in order, so that the same number of threads gives the same bits.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ...cpu.compiled import inlined, kernel
from ...cpu.gemm.micro_kernel import COLUMNS, LANES, NARROW_ROWS, height_for
from ...cpu.gemm.packing import packed, whole_tiles, with_margin
from ...cpu.gemm.rows_kernel import add_over_rows
from ...cpu.gemm.windows_kernel import window, windows
from ...cpu.memory.buffers import empty, zeros
from ...cpu.memory.non_temporal import too_large_to_stay, written
from ...cpu.pieces import piece_or_one
from ...cpu.sizes import SIZES
from ...cpu.threading.threads import get_num_threads, parallel_parts
from ...types import Array, FloatArray, IntArray, Pair
from ...windows import window_span

BAND_BYTES = SIZES.direct_band_bytes

NEAR_BYTES = SIZES.direct_near_bytes
PIXELS_OF_LARGE_SUMS = SIZES.direct_pixels_of_large_sums
LARGE_SUMS = SIZES.direct_large_sums


def forward(
    x: FloatArray,
    kernel: FloatArray,
    bias: FloatArray | None,
    out: Pair,
    strides: Pair,
    padding: tuple[Pair, Pair],
    dilation_rate: Pair,
    relu: bool = False,
) -> FloatArray:
    """Return y (N, *out, F). `padding` may be negative: rows and columns of x that no window sees."""
    y = empty((len(x), *out, kernel.shape[3]), x.dtype)
    together = _pixels_together(kernel.shape, out[1], strides[1], dilation_rate[1])
    added = np.zeros(kernel.shape[3], x.dtype) if bias is None else np.asarray(bias)
    if together > 1:
        kernel, added = _side_by_side(kernel, together, strides[1]), np.tile(added, together)
    groups, strides = -(-out[1] // together), (strides[0], together * strides[1])
    _write(y, (0, 0), (1, 1), out, x, kernel, added, groups, strides, padding, dilation_rate, relu)
    return y


def write_every(
    y: FloatArray,
    first: Pair,
    step: Pair,
    x: FloatArray,
    kernel: FloatArray,
    padding: tuple[Pair, Pair],
) -> None:
    """Write a convolution with strides 1 to every `step`-th row and column of y (N, H, W, F), from `first` on."""
    out = (-(-(y.shape[1] - first[0]) // step[0]), -(-(y.shape[2] - first[1]) // step[1]))
    bias = np.zeros(kernel.shape[3], x.dtype)
    _write(y, first, step, out, x, kernel, bias, out[1], (1, 1), padding, (1, 1), False)


def _write(
    y: FloatArray,
    first: Pair,
    step: Pair,
    out: Pair,
    x: FloatArray,
    kernel: FloatArray,
    bias: FloatArray,
    groups: int,
    strides: Pair,
    padding: tuple[Pair, Pair],
    dilation_rate: Pair,
    relu: bool,
) -> None:
    """Write the results (N, *out, F) of a convolution, whose rows have this many groups of pixels, to every `step`-th row and column of y."""
    images, channels = len(x), x.shape[3]
    kh, kw, _, filters = kernel.shape
    if images == 0 or 0 in out or filters == 0:
        return
    matrices = packed(np.ascontiguousarray(kernel).reshape(kh, kw * channels, filters))
    rows, tall, width, bands = _bands(x.shape, (kh, kw), (out[0], groups), strides, dilation_rate, get_num_threads())
    parts = min(get_num_threads(), images * bands)
    scratch = empty((parts, tall, width, channels), x.dtype)
    edge = empty((parts, NARROW_ROWS, COLUMNS), x.dtype)
    offsets, length = _runs(matrices[0].size, kh, kw, channels, width, dilation_rate)
    # Whole lines of the cache are written past it.
    past_cache = step == (1, 1) and filters % COLUMNS == 0 and too_large_to_stay(y)
    line = y.shape[2] * y.shape[3]  # numbers from row to row
    places = (
        first[0] * line + first[1] * y.shape[3],
        y.shape[1] * line,
        step[0] * line,
        filters if step[1] == 1 else step[1] * filters,
    )
    numbers = out[1] * y.shape[3]
    parallel_parts(
        _forward, images * bands, parts, np.ascontiguousarray(x), matrices, _filled_up(bias, matrices), y.reshape(-1), places, scratch,
        edge, out[0], numbers, groups, filters, rows, bands, offsets, length, *strides, padding[0][0], padding[1][0], relu, past_cache,
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _pixels_together(kernel: tuple[int, ...], width: int, stride: int, dilation: int) -> int:
    """Return how many neighbours of a row of this width should be computed as one pixel, for a kernel of this shape.

    As many as make the products of a row of the kernel fewest.
    """
    columns, filters = kernel[1], kernel[3]
    if dilation > 1:
        return 1

    def vectors(count: int) -> float:
        """Number of vectors multiplied for a pixel and a channel."""
        groups = -(-width // count)
        return groups * (columns + (count - 1) * stride) * -(-count * filters // LANES)

    return min(range(1, max(1, min(width, LANES // filters)) + 1), key=vectors)


def _side_by_side(kernel: FloatArray, together: int, stride: int) -> FloatArray:
    """Return the kernel (KH, wider, C, together * F) of neighbouring pixels as one."""
    kh, kw, channels, filters = kernel.shape
    wide = np.zeros((kh, kw + (together - 1) * stride, channels, together, filters), kernel.dtype)
    for g in range(together):
        wide[:, g * stride : g * stride + kw, :, g] = kernel
    return wide.reshape(*wide.shape[:3], together * filters)


def _filled_up(bias: FloatArray, matrices: FloatArray) -> FloatArray:
    """Return the bias with zeros up to whole panels."""
    result = np.zeros(matrices.shape[1] * COLUMNS, bias.dtype)
    result[: bias.size] = bias
    return result


@lru_cache(maxsize=256)
def _runs(panel: int, kh: int, kw: int, channels: int, width: int, dilation_rate: Pair) -> tuple[IntArray, int]:
    """Return where the runs of consecutive numbers of a window begin in the buffer, and their weights in a panel (runs, 2), in bytes; and how many numbers a run has."""
    dh, dw = dilation_rate
    taps, length = (1, kw * channels) if dw == 1 else (kw, channels)
    i, j = np.indices((kh, taps))
    of_image = (i * dh * width + j * dw) * channels
    of_weights = i * panel + j * length * COLUMNS
    return np.ascontiguousarray(np.stack([of_image.ravel(), of_weights.ravel()], axis=1) * 4, dtype=np.int64), length


@lru_cache(maxsize=1024)
def _bands(
    shape: tuple[int, ...], window: Pair, out: Pair, strides: Pair, dilation_rate: Pair, threads: int
) -> tuple[int, int, int, int]:
    """Return how many output rows a band has, how tall and wide its buffer is, and how many bands an image has.

    `shape` is that of x.
    """
    height, width = window_span(window[0], dilation_rate[0]), window_span(window[1], dilation_rate[1])
    width += (out[1] - 1) * strides[1]
    fitting = BAND_BYTES // max(1, width * shape[3] * 4)
    rows = (fitting - height) // strides[0] + 1
    wanted = -(-out[0] * shape[0] // threads)  # rather small bands than idle threads
    rows = max(1, min(rows, out[0], wanted))
    return rows, (rows - 1) * strides[0] + height, width, -(-out[0] // rows)


@inlined
def _copy_band(x: FloatArray, n: int, first: int, left: int, scratch: FloatArray) -> None:
    """Copy rows `first`, ... of image n, shifted by `left` columns, with zeros outside of the image."""
    _, height, wide, channels = x.shape
    tall, width, _ = scratch.shape
    for r in range(tall):
        h = first + r
        line = scratch[r].reshape(width * channels)
        begin = min(max(left, 0), width)
        end = begin
        if 0 <= h < height:
            end = max(begin, min(width, wide + left))
            source = x[n, h].reshape(wide * channels)[(begin - left) * channels : (end - left) * channels]
            target = line[begin * channels : end * channels]
            for k in range(target.size):  # pixel after pixel: one copy of consecutive numbers
                target[k] = source[k]
        line[: begin * channels] = 0
        line[end * channels :] = 0


@kernel
def _forward(
    part: int, start: int, stop: int, x: Array, matrices: Array, bias: Array, y: Array, places: IntArray,
    scratches: Array, edges: IntArray, oh: int, numbers: int, groups: int, filters: int, rows: int, bands: int,
    offsets: IntArray, length: int, sh: int, sw: int, top: int, left: int, relu: bool, past_cache: bool,
) -> None:  # fmt: skip
    """Write `oh` rows of `numbers` numbers: `groups` with `filters` each, the last of which may reach beyond the end.

    `places` are, in numbers of y, that of the first one and the steps from image to image, row to row and group to
    group.
    """
    origin, image_step, row_step, group_step = places
    packed_groups = group_step == filters
    scratch, edge = scratches[part], edges[part]
    width, channels = scratch.shape[1], scratch.shape[2]
    pixel, runs = sw * channels * 4, offsets.shape[0]
    least = np.float32(0) if relu else np.float32(-np.inf)
    for job in range(start, stop):
        n, first = job // bands, job % bands * rows
        _copy_band(x, n, first * sh - top, left, scratch)
        for r in range(first, min(first + rows, oh)):
            source = scratch.ctypes.data + (r - first) * sh * width * channels * 4
            for panel in range(matrices.shape[1]):
                column = panel * COLUMNS
                inside = min(COLUMNS, filters - column)
                columns = LANES if inside <= LANES else COLUMNS  # of the tile
                weights = matrices.ctypes.data + panel * matrices.shape[2] * COLUMNS * 4
                offset = bias.ctypes.data + column * 4
                height, w = height_for(columns), 0
                while w < groups:
                    w, count = piece_or_one(w, groups, height)
                    # A tile of fewer columns may be written as it is when it is the only panel: what it writes beyond a
                    # pixel is overwritten by the next pixels, which come later, as long as these are in the same row.
                    place = w * filters + column
                    end = place + (count - 1) * filters + columns
                    direct = inside == columns and end <= numbers
                    direct = direct or (end <= numbers and matrices.shape[1] == 1 and packed_groups)
                    begin = origin + n * image_step + r * row_step + w * group_step + column
                    if direct:
                        target, step = y.ctypes.data + begin * 4, group_step * 4
                    else:
                        target, step = edge.ctypes.data, COLUMNS * 4
                    seen = source + w * pixel
                    if count < height:
                        window(
                            seen, pixel, weights, offsets.ctypes.data, runs, length, offset, least, target, step,
                            past_cache, columns,
                        )  # fmt: skip
                    else:
                        windows(
                            seen, pixel, weights, offsets.ctypes.data, runs, length, offset, least, target, step,
                            past_cache, columns,
                        )  # fmt: skip
                    if not direct:
                        for i in range(count):
                            for j in range(min(inside, numbers - place - i * filters)):
                                y[begin + i * group_step + j] = edge[i, j]
                    w += count
    written()


def kernel_gradient(
    x: FloatArray, dy: FloatArray, window: Pair, strides: Pair, padding: tuple[Pair, Pair], dilation_rate: Pair
) -> FloatArray:
    """Return dkernel (*window, C, F)."""
    (kh, kw), channels, filters = window, x.shape[3], dy.shape[3]
    out = (dy.shape[1], dy.shape[2])
    rows, tall, width, bands = _bands(x.shape, window, out, strides, dilation_rate, get_num_threads())
    jobs = len(x) * bands
    parts = max(1, min(get_num_threads(), jobs))
    scratch = with_margin((parts, tall, width, channels), x.dtype)
    width_of_sums = -(-filters // LANES) * LANES
    upstream = empty((parts, rows, out[1], width_of_sums), x.dtype)
    taps, terms = (kw, channels) if dilation_rate[1] > 1 else (1, kw * channels)  # of a matrix product
    partial = zeros((parts, kh * taps, whole_tiles(terms, NARROW_ROWS), width_of_sums), x.dtype)
    if jobs:
        parallel_parts(
            _kernel_gradient, jobs, parts,
            np.ascontiguousarray(x), np.ascontiguousarray(dy), scratch, upstream, partial, rows, bands, kh, kw,
            *strides, padding[0][0], padding[1][0], *dilation_rate, _rows_together(channels, width_of_sums, strides[1], out[1], partial[0].nbytes),
        )  # fmt: skip
    total = partial[0, :, :terms]
    for other in partial[1:]:
        total += other[:, :terms]
    return np.ascontiguousarray(total.reshape(kh, kw, channels, -1)[..., :filters])


@lru_cache(maxsize=1024)
def _rows_together(channels: int, filters: int, stride: int, width: int, sums: int) -> int:
    """Return how many rows of dy are multiplied before the sums are written."""
    pixels = NEAR_BYTES // (4 * (stride * channels + filters))
    if sums > LARGE_SUMS:
        pixels = max(pixels, PIXELS_OF_LARGE_SUMS)
    return max(1, pixels // max(1, width))


@kernel
def _kernel_gradient(
    part: int, start: int, stop: int, x: Array, dy: Array, scratches: Array, upstreams: Array, partial: Array,
    rows: int, bands: int, kh: int, kw: int, sh: int, sw: int, top: int, left: int, dh: int, dw: int, together: int,
) -> None:  # fmt: skip
    _, oh, ow, filters = dy.shape
    scratch, upstream = scratches[part], upstreams[part]
    width, channels = scratch.shape[1], scratch.shape[2]
    padded = upstream.shape[2]
    base = partial.ctypes.data + part * partial.shape[1] * partial.shape[2] * padded * 4
    for job in range(start, stop):
        n, first = job // bands, job % bands * rows
        present = min(rows, oh - first)
        _copy_band(x, n, first * sh - top, left, scratch)
        for r in range(present):
            for w in range(ow):
                for f in range(filters):
                    upstream[r, w, f] = dy[n, first + r, w, f]
                for f in range(filters, padded):
                    upstream[r, w, f] = 0
        for r in range(0, present, together):
            seen = min(together, present - r)
            b = upstream.ctypes.data + r * ow * padded * 4
            for i in range(kh):
                for j in range(kw if dw > 1 else 1):
                    terms = channels if dw > 1 else kw * channels
                    target = base + (i * (kw if dw > 1 else 1) + j) * partial.shape[2] * padded * 4
                    a = scratch.ctypes.data + ((r * sh + i * dh) * width + j * dw) * channels * 4
                    # All columns of a few terms before the next: their lines of a stay in the first-level cache.
                    for terms_first in range(0, terms, NARROW_ROWS):
                        for column in range(0, padded, COLUMNS):
                            for m in range(
                                terms_first, min(terms, terms_first + NARROW_ROWS), height_for(padded - column)
                            ):
                                add_over_rows(
                                    padded - column, a + m * 4, sh * width * channels * 4, sw * channels * 4,
                                    b + column * 4, ow * padded * 4, padded * 4,
                                    target + (m * padded + column) * 4, padded * 4, seen, ow,
                                )  # fmt: skip
