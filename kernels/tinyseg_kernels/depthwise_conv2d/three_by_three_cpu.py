"""Depthwise convolution of 3x3 without strides or dilation, the one of separable networks.

Two rows of four results at a time in registers.

    result[h, w] = bias + sum over i, j of source[h - top + i, w - left + j] * weights[i, j]

A tile of 2 x 4 results sees 4 x 6 pixels. For a vector of channels these 24 and the 9 weights are loaded once, for 72
products; pixel by pixel it would be 9 loads for each result. Rows outside the image are a row of zeros; columns at the
borders are done one by one. Against a table of the taps' addresses, forward takes half of the time with 32 channels,
and four fifths with 128 at 64x64x8, where the memory sets the pace (prefetching did not help).

The weights' gradient has nine sums for each channel: a vector of channels at a time they stay in registers over some
pixels of a row.

All channels are done in vectors. The last vector of results overlaps the one before if need be, so there must be as
many channels as a vector has; sums cannot be added twice, so the weights' gradient takes a whole number of vectors. It
takes less than half of the time that a loop over pixels for each tap takes.
"""

from __future__ import annotations

import numpy as np

from ..cpu.compiled import inlined, kernel
from ..cpu.gemm.micro_kernel import LANES
from ..cpu.memory.non_temporal import write, written
from ..cpu.memory.prefetch import prefetch
from ..cpu.pieces import piece_from
from ..cpu.sizes import SIZES
from ..cpu.vectors.vectors import Vector, load, maximum, splat, store
from ..types import FloatArray, Pair, Real

VECTOR_BYTES = 4 * LANES
PIXELS = SIZES.depthwise_pixels


@inlined
def _row_address(images: FloatArray, n: int, h: int, nothing: FloatArray) -> int:
    """Return where a row of an image lies; outside of the image that of zeros."""
    if h < 0 or h >= images.shape[1]:
        return nothing.ctypes.data
    return images.ctypes.data + (n * images.shape[1] + h) * images.shape[2] * images.shape[3] * 4


@inlined
def _inner(width: int, source_width: int, left: int) -> Pair:
    """Return the columns of results that see no border."""
    first = min(max(left, 0), width)
    return first, max(first, min(width, source_width - 2 + left))


@inlined
def _vector_at(c: int, row: int) -> int:
    """Return the byte where a vector of channels begins: the last one may overlap the one before."""
    return piece_from(c, row, VECTOR_BYTES)


@kernel
def convolve(
    start: int, stop: int, source: FloatArray, weights: FloatArray, bias: FloatArray, result: FloatArray, top: int,
    left: int, relu: bool, past_cache: bool,
) -> None:  # fmt: skip
    """Write lines start .. stop of the result, with `relu` max(result, 0)."""
    least = np.float32(0) if relu else np.float32(-np.inf)
    height, width, channels = result.shape[1:]
    row = channels * 4
    nothing, unwanted = np.zeros(source.shape[2] * channels, np.float32), np.empty(width * channels, np.float32)
    first, last = _inner(width, source.shape[2], left)
    if last - first < 4:
        first = last = width
    line = start
    while line < stop:
        n, h = line // height, line % height
        two = line + 1 < stop and h + 1 < height
        a = _row_address(source, n, h - top, nothing) - left * row
        b = _row_address(source, n, h - top + 1, nothing) - left * row
        c = _row_address(source, n, h - top + 2, nothing) - left * row
        d = _row_address(source, n, h - top + 3, nothing) - left * row if two else nothing.ctypes.data - left * row
        target = result.ctypes.data + line * width * row
        below = target + width * row if two else unwanted.ctypes.data
        for w in range(width):
            if w < first or w >= last:
                _border(a, b, c, d, weights, bias, least, target, below, w, left, source.shape[2], row)
        for tile in range(first, last, 4):
            p = piece_from(tile, last, 4) * row
            _tile(
                a + p,
                b + p,
                c + p,
                d + p,
                weights.ctypes.data,
                bias.ctypes.data,
                least,
                target + p,
                below + p,
                row,
                past_cache and two,
            )
        line += 2 if two else 1
    written()


@inlined
def _tile(
    a: int,
    b: int,
    c: int,
    d: int,
    weights: int,
    bias: int,
    least: Real,
    target: int,
    below: int,
    row: int,
    past_cache: bool,
) -> None:
    """Write four results of two rows, which see six pixels of the rows a, b, c, and b, c, d."""
    lowest = splat(least)
    for k in range(0, row, VECTOR_BYTES):
        v = _vector_at(k, row)
        w, s = weights + v, load(bias + v)
        s0, s1, s2, s3 = _four(a + v, w, row, s, s, s, s)
        s0, s1, s2, s3 = _four(b + v, w + 3 * row, row, s0, s1, s2, s3)
        t0, t1, t2, t3 = _four(b + v, w, row, s, s, s, s)
        s0, s1, s2, s3 = _four(c + v, w + 6 * row, row, s0, s1, s2, s3)
        t0, t1, t2, t3 = _four(c + v, w + 3 * row, row, t0, t1, t2, t3)
        t0, t1, t2, t3 = _four(d + v, w + 6 * row, row, t0, t1, t2, t3)
        write(target + v, maximum(s0, lowest), past_cache)
        write(target + v + row, maximum(s1, lowest), past_cache)
        write(target + v + 2 * row, maximum(s2, lowest), past_cache)
        write(target + v + 3 * row, maximum(s3, lowest), past_cache)
        write(below + v, maximum(t0, lowest), past_cache)
        write(below + v + row, maximum(t1, lowest), past_cache)
        write(below + v + 2 * row, maximum(t2, lowest), past_cache)
        write(below + v + 3 * row, maximum(t3, lowest), past_cache)


@inlined
def _four(
    pixels: int, weights: int, row: int, s0: Vector, s1: Vector, s2: Vector, s3: Vector
) -> tuple[Vector, Vector, Vector, Vector]:
    """Return four sums with the products of six pixels and three weights added."""
    a, b, c = load(weights), load(weights + row), load(weights + 2 * row)
    x2, x3 = load(pixels + 2 * row), load(pixels + 3 * row)
    s0 = s0 + load(pixels) * a
    x1 = load(pixels + row)
    s0, s1 = s0 + x1 * b, s1 + x1 * a
    s0, s1, s2 = s0 + x2 * c, s1 + x2 * b, s2 + x2 * a
    s1, s2, s3 = s1 + x3 * c, s2 + x3 * b, s3 + x3 * a
    x4 = load(pixels + 4 * row)
    s2, s3 = s2 + x4 * c, s3 + x4 * b
    s3 = s3 + load(pixels + 5 * row) * c
    return s0, s1, s2, s3


@inlined
def _border(
    a: int,
    b: int,
    c: int,
    d: int,
    weights: FloatArray,
    bias: FloatArray,
    least: Real,
    target: int,
    below: int,
    w: int,
    left: int,
    width: int,
    row: int,
) -> None:
    """Write result w of two rows, whose windows may reach outside of the rows that they see."""
    lowest = splat(least)
    for k in range(0, row, VECTOR_BYTES):
        v = _vector_at(k, row)
        s = t = load(bias.ctypes.data + v)
        for j in range(max(0, left - w), min(3, width + left - w)):
            pixel, weight = (w + j) * row + v, weights.ctypes.data + j * row + v
            u0, u1, u2 = load(weight), load(weight + 3 * row), load(weight + 6 * row)
            s = s + load(a + pixel) * u0 + load(b + pixel) * u1 + load(c + pixel) * u2
            t = t + load(b + pixel) * u0 + load(c + pixel) * u1 + load(d + pixel) * u2
        store(target + w * row + v, maximum(s, lowest))
        store(below + w * row + v, maximum(t, lowest))


@kernel
def add_products(
    part: int, start: int, stop: int, x: FloatArray, dy: FloatArray, partial: FloatArray, top: int, left: int
) -> None:
    """Add to a thread's own sums partial[part] (10, C), in float64, the products of nine taps' pixels and lines start .. stop of dy, and dy itself, the bias's gradient.

    A line is added up in float32.
    """
    height, width, channels = dy.shape[1:]
    row = channels * 4
    nothing, sums = np.zeros(x.shape[2] * channels, np.float32), np.empty(10 * channels, np.float32)
    total = partial[part].reshape(10 * channels)
    first, last = _inner(width, x.shape[2], left)
    for line in range(start, stop):
        n, h = line // height, line % height
        a = _row_address(x, n, h - top, nothing) - left * row
        b = _row_address(x, n, h - top + 1, nothing) - left * row
        c = _row_address(x, n, h - top + 2, nothing) - left * row
        upstream = dy.ctypes.data + line * width * row
        sums[:] = 0
        for w in range(width):
            if w < first or w >= last:
                _add_border(a, b, c, upstream, sums, w, left, x.shape[2], row)
        for w in range(first, last, PIXELS):
            p = w * row
            for line in range(
                PIXELS * row, 2 * PIXELS * row, 64
            ):  # vector by vector they are not read in an order that the processor foresees
                prefetch(c + p + 2 * row + line)
                prefetch(upstream + p + line)
            _add_nine(a + p, b + p, c + p, upstream + p, sums.ctypes.data, min(PIXELS, last - w), row)
        for k in range(total.size):
            total[k] += sums[k]


@inlined
def _add_nine(a: int, b: int, c: int, upstream: int, sums: int, pixels: int, row: int) -> None:
    """Add the products of some pixels' dy with what each sees of the rows a, b, c."""
    for k in range(0, row, VECTOR_BYTES):
        _add_nine_of_vector(a + k, b + k, c + k, upstream + k, sums + k, pixels, row)


@inlined
def _add_nine_of_vector(a: int, b: int, c: int, upstream: int, sums: int, pixels: int, row: int) -> None:
    """Do it for the vector of channels at these addresses."""
    s0, s1, s2 = load(sums), load(sums + row), load(sums + 2 * row)
    s3, s4, s5 = load(sums + 3 * row), load(sums + 4 * row), load(sums + 5 * row)
    s6, s7, s8, s9 = load(sums + 6 * row), load(sums + 7 * row), load(sums + 8 * row), load(sums + 9 * row)
    for p in range(0, pixels * row, row):
        d = load(upstream + p)
        s0, s1, s2 = s0 + load(a + p) * d, s1 + load(a + p + row) * d, s2 + load(a + p + 2 * row) * d
        s3, s4, s5 = s3 + load(b + p) * d, s4 + load(b + p + row) * d, s5 + load(b + p + 2 * row) * d
        s9 = s9 + d
        s6, s7, s8 = s6 + load(c + p) * d, s7 + load(c + p + row) * d, s8 + load(c + p + 2 * row) * d
    store(sums, s0)
    store(sums + row, s1)
    store(sums + 2 * row, s2)
    store(sums + 3 * row, s3)
    store(sums + 4 * row, s4)
    store(sums + 5 * row, s5)
    store(sums + 6 * row, s6)
    store(sums + 7 * row, s7)
    store(sums + 8 * row, s8)
    store(sums + 9 * row, s9)


@inlined
def _add_border(
    a: int, b: int, c: int, upstream: int, sums: FloatArray, w: int, left: int, width: int, row: int
) -> None:
    """Add the products of one pixel's dy, whose window may reach outside of the rows."""
    for k in range(0, row, VECTOR_BYTES):
        place = sums.ctypes.data + 9 * row + k
        store(place, load(place) + load(upstream + w * row + k))
    for j in range(max(0, left - w), min(3, width + left - w)):
        for k in range(0, row, VECTOR_BYTES):
            d, pixel, place = load(upstream + w * row + k), (w + j) * row + k, sums.ctypes.data + j * row + k
            store(place, load(place) + load(a + pixel) * d)
            store(place + 3 * row, load(place + 3 * row) + load(b + pixel) * d)
            store(place + 6 * row, load(place + 6 * row) + load(c + pixel) * d)
