"""max_pool2d compiled for the CPU.

a window is read once, a vector of channels in registers, and its winner kept in one byte.

As loops over arrays the comparisons were not made vector code: forward took 8 to 14 times as long. Backward, each pixel
gathers from the windows that saw it, so it is written once, and rows are independent, those of a single image too.
Windows that lie side by side write their own pixels instead, from one look at dy and the winners.
"""

from __future__ import annotations

import numpy as np

from ..cpu.compiled import inlined, kernel
from ..cpu.gemm.micro_kernel import LANES
from ..cpu.memory.buffers import empty
from ..cpu.pieces import piece_from
from ..cpu.threading.threads import parallel
from ..cpu.vectors.argmax import better, equal_winners, larger, store_winning_bytes, where_won, winner
from ..cpu.vectors.vectors import load, splat, store
from ..types import Array, FloatArray, IntArray, Padding, Pair
from ..windows import explicit_padding, output_size
from . import numpy_cpu
from .cache import MaxPool2DCache

LARGEST_WINDOW = 256
"""Taps whose number fits into a byte."""


def max_pool2d_forward(
    x: FloatArray, *, pool_size: Pair, strides: Pair | None = None, padding: Padding = "valid"
) -> tuple[FloatArray, MaxPool2DCache]:
    """Keep the best number so far and the tap that it came from."""
    strides = strides or pool_size
    if x.dtype != np.float32 or pool_size[0] * pool_size[1] > LARGEST_WINDOW:
        return numpy_cpu.max_pool2d_forward(x, pool_size=pool_size, strides=strides, padding=padding)
    size = (x.shape[1], x.shape[2])
    pads = explicit_padding(padding, size, pool_size, strides)
    out = output_size(size, pool_size, strides, pads)
    y = empty((x.shape[0], *out, x.shape[3]), x.dtype)
    won = empty(y.shape, np.uint8)
    parallel(_forward, len(x) * out[0], np.ascontiguousarray(x), y, won, *pool_size, *strides, pads[0][0], pads[1][0])
    return y, MaxPool2DCache(won, x.shape, pool_size, strides, pads)


@kernel
def _forward(
    start: int, stop: int, x: Array, y: Array, won: IntArray, kh: int, kw: int, sh: int, sw: int, top: int, left: int
) -> None:
    _, height, width, channels = x.shape
    for line in range(start, stop):
        n, oh = line // y.shape[1], line % y.shape[1]
        h = oh * sh - top
        i_first, i_last = max(-h, 0), min(kh, height - h)
        for ow in range(y.shape[2]):
            w = ow * sw - left
            j_first, j_last = max(-w, 0), min(kw, width - w)
            if channels < LANES:
                _narrow_window(x[n], h, w, kw, i_first, i_last, j_first, j_last, y[n, oh, ow], won[n, oh, ow])
                continue
            source = x.ctypes.data + ((n * height + h) * width + w) * channels * 4
            place = (line * y.shape[2] + ow) * channels
            target, chosen = y.ctypes.data + place * 4, won.ctypes.data + place
            if i_last - i_first == 2 and kw == 2 and j_last - j_first == 2:
                _window(source, width, channels, 2, i_first, i_first + 2, 0, 2, target, chosen)  # loops of known length
            else:
                _window(source, width, channels, kw, i_first, i_last, j_first, j_last, target, chosen)


@inlined
def _window(
    source: FloatArray, width: int, channels: int, kw: int, i_first: int, i_last: int, j_first: int, j_last: int,
    target: FloatArray, chosen: IntArray,
) -> None:  # fmt: skip
    """Write the largest number and its tap for each channel, a vector at a time; the last one overlaps the one
    before.
    """
    for c in range(0, channels, LANES):
        at = piece_from(c, channels, LANES)
        best = load(source + ((i_first * width + j_first) * channels + at) * 4)
        winners = equal_winners(i_first * kw + j_first)
        for i in range(i_first, i_last):
            for j in range(j_first, j_last):
                candidate = load(source + ((i * width + j) * channels + at) * 4)
                is_better = better(candidate, best)
                best, winners = larger(is_better, candidate, best), winner(is_better, i * kw + j, winners)
        store(target + at * 4, best)
        store_winning_bytes(chosen + at, winners)


@inlined
def _narrow_window(
    image: FloatArray, h: int, w: int, kw: int, i_first: int, i_last: int, j_first: int, j_last: int, y: FloatArray,
    won: IntArray,
) -> None:  # fmt: skip
    """The same for fewer channels than lanes, in plain loops."""
    for c in range(y.size):
        y[c], won[c] = image[h + i_first, w + j_first, c], i_first * kw + j_first
    for i in range(i_first, i_last):
        for j in range(j_first, j_last):
            pixel, number = image[h + i, w + j], np.uint8(i * kw + j)
            for c in range(y.size):
                is_better = pixel[c] > y[c] or (pixel[c] != pixel[c] and y[c] == y[c])
                won[c] = number if is_better else won[c]
                y[c] = pixel[c] if is_better else y[c]


def max_pool2d_backward(dy: FloatArray, cache: MaxPool2DCache) -> FloatArray:
    """Give dy to the winner of its window."""
    if dy.dtype != np.float32 or cache.winner.dtype != np.uint8:
        return numpy_cpu.max_pool2d_backward(dy, cache)
    dx = empty(cache.shape, dy.dtype)
    arguments = (np.ascontiguousarray(dy), cache.winner, dx, *cache.pool_size)
    (top, _), (left, _) = cache.padding
    if cache.pool_size == cache.strides and dy.shape[3] >= LANES:
        parallel(_backward_of_tiles, len(dx) * dy.shape[1], *arguments, top, left)
    else:
        parallel(_backward, len(dx) * dx.shape[1], *arguments, *cache.strides, top, left)
    return dx


@kernel
def _backward_of_tiles(
    start: int, stop: int, dy: FloatArray, won: IntArray, dx: FloatArray, kh: int, kw: int, top: int, left: int
) -> None:
    """Each row of windows writes all its pixels, and zeros in what is left of its lines.

    The last row of windows, also in the lines below it.
    """
    _, height, width, channels = dx.shape
    _, out_height, out_width, _ = dy.shape
    for line in range(start, stop):
        n, oh = line // out_height, line % out_height
        h = oh * kh - top
        i_first, i_last = max(-h, 0), min(kh, height - h)
        for ow in range(out_width):
            w = ow * kw - left
            j_first, j_last = max(-w, 0), min(kw, width - w)
            target = dx.ctypes.data + ((n * height + h) * width + w) * channels * 4
            place = (line * out_width + ow) * channels
            source, chosen = dy.ctypes.data + place * 4, won.ctypes.data + place
            if i_last - i_first == 2 and kw == 2 and j_last - j_first == 2:
                _tile(source, chosen, width, channels, 2, i_first, i_first + 2, 0, 2, target)
            else:
                _tile(source, chosen, width, channels, kw, i_first, i_last, j_first, j_last, target)
        covered = out_width * kw - left
        for i in range(i_first, i_last):
            if covered < width:
                dx[n, h + i, covered:] = 0
        if oh == out_height - 1 and h + kh < height:
            dx[n, h + kh :] = 0


@inlined
def _tile(
    source: FloatArray, chosen: IntArray, width: int, channels: int, kw: int, i_first: int, i_last: int, j_first: int,
    j_last: int, target: FloatArray,
) -> None:  # fmt: skip
    for c in range(0, channels, LANES):
        at = piece_from(c, channels, LANES)
        value = load(source + at * 4)
        for i in range(i_first, i_last):
            for j in range(j_first, j_last):
                store(target + ((i * width + j) * channels + at) * 4, where_won(chosen + at, i * kw + j, value))


@kernel
def _backward(
    start: int, stop: int, dy: Array, won: IntArray, dx: Array, kh: int, kw: int, sh: int, sw: int, top: int, left: int
) -> None:
    _, out_height, out_width, channels = dy.shape
    for line in range(start, stop):
        n, h = line // dx.shape[1], line % dx.shape[1]
        # Window oh sees row h when oh * s - top <= h < oh * s - top + k.
        first, last = max(-(-(h + top - kh + 1) // sh), 0), min((h + top) // sh, out_height - 1)
        if channels < LANES:
            _narrow_line(dy[n], won[n], dx[n, h], first, last, h + top, kw, sh, sw, left)
            continue
        left_one, right_one = 0, -1
        for w in range(dx.shape[2]):
            while left_one * sw - left + kw <= w:
                left_one += 1
            while right_one + 1 < out_width and (right_one + 1) * sw - left <= w:
                right_one += 1
            rows, columns = last - first + 1, right_one - left_one + 1
            place = ((n * out_height + first) * out_width + left_one) * channels
            tap = (h + top - first * sh) * kw + w + left - left_one * sw
            source, chosen = dy.ctypes.data + place * 4, won.ctypes.data + place
            target = dx.ctypes.data + (line * dx.shape[2] + w) * channels * 4
            if rows == 1 and columns == 1:  # loops of known length
                _gather(source, chosen, tap, 1, 1, out_width, channels, sh * kw, sw, target)
            elif rows == 1 and columns == 2:
                _gather(source, chosen, tap, 1, 2, out_width, channels, sh * kw, sw, target)
            elif rows == 2 and columns == 1:
                _gather(source, chosen, tap, 2, 1, out_width, channels, sh * kw, sw, target)
            elif rows == 2 and columns == 2:
                _gather(source, chosen, tap, 2, 2, out_width, channels, sh * kw, sw, target)
            else:
                _gather(source, chosen, tap, rows, columns, out_width, channels, sh * kw, sw, target)


@inlined
def _gather(
    source: FloatArray, chosen: IntArray, tap: int, rows: int, columns: int, out_width: int, channels: int, down: int,
    right: int, target: FloatArray,
) -> None:  # fmt: skip
    """Add up what one pixel won: it is this tap of the first window, `down` taps earlier in the one below, and `right`
    taps in the one to the right.
    """
    for c in range(0, channels, LANES):
        at = piece_from(c, channels, LANES)
        sums = splat(np.float32(0))
        for i in range(rows):
            for j in range(columns):
                place = (i * out_width + j) * channels + at
                sums = sums + where_won(chosen + place, tap - i * down - j * right, load(source + place * 4))
        store(target + at * 4, sums)


@inlined
def _narrow_line(
    dy: FloatArray, won: IntArray, dx: FloatArray, first: int, last: int, below_top: int, kw: int, sh: int, sw: int,
    left: int,
) -> None:  # fmt: skip
    """Fewer channels than lanes: each window adds to its winner if that is in this line, else adds 0 to its first
    pixel; a branch would be guessed wrong every other time.
    """
    dx[:] = 0
    for oh in range(first, last + 1):
        begin = (below_top - oh * sh) * kw
        for ow in range(dy.shape[1]):
            w = ow * sw - left
            for c in range(dy.shape[2]):
                j = np.int64(won[oh, ow, c]) - begin
                here = (j >= 0) & (j < kw)
                dx[w + j if here else max(w, 0), c] += dy[oh, ow, c] if here else np.float32(0)
