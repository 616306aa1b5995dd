r"""depthwise_conv2d compiled for the CPU.

a row of results at a time, all taps of a pixel summed up in vector registers, channels innermost.

Forward and dx are one kernel, a sum over taps of a pixel of some image times a row of weights; they differ in where the
pixels are. Output o of an axis meets, through tap i,

    forward    pixel o * s - p + i * d of x
    dx         row (o + p - i * d) / s of dy, if that is a whole number

which tables of the host say, -1 where there is nothing. Each number of the image comes from memory once and from the
cache for the other taps. With M filters for each channel both are done as if x had each channel M times.

Windows of 3x3 without strides or dilation have kernels of their own, `three_by_three_cpu`; dx is then forward of dy,
with the weights turned round.

dkernel: each thread adds up its rows of outputs; a row in float32 in registers, the rows in float64.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..caches import ReluCache
from ..conv2d.cache import Conv2DCache
from ..cpu.compiled import inlined
from ..cpu.compiled import kernel as compiled_kernel
from ..cpu.gemm.micro_kernel import LANES
from ..cpu.memory.buffers import empty
from ..cpu.memory.non_temporal import VECTOR_IS_A_LINE, too_large_to_stay
from ..cpu.threading.threads import get_num_threads, parallel, parallel_parts
from ..cpu.vectors.reductions import sum_to_last_axis
from ..cpu.vectors.vectors import load, maximum, splat, store
from ..types import FloatArray, IntArray, KernelGradients, Padding, Pair, Real
from ..windows import explicit_padding, output_size
from . import numpy_cpu
from .three_by_three_cpu import add_products, convolve


def depthwise_conv2d_forward(
    x: FloatArray,
    kernel: FloatArray,
    bias: FloatArray | None = None,
    *,
    strides: Pair = (1, 1),
    padding: Padding = "valid",
    dilation_rate: Pair = (1, 1),
    relu: bool = False,
) -> tuple[FloatArray, Conv2DCache | ReluCache]:
    """y = bias + sum over the taps of pixels * weights."""
    if x.dtype != np.float32:
        return numpy_cpu.depthwise_conv2d_forward(  # type: ignore[call-arg]  # `relu_after`
            x, kernel, bias, strides=strides, padding=padding, dilation_rate=dilation_rate, relu=relu
        )
    size, window = x.shape[1:3], kernel.shape[:2]
    pads = explicit_padding(padding, size, window, strides, dilation_rate)
    out = output_size(size, window, strides, pads, dilation_rate)
    cache = Conv2DCache(x, kernel, bias is not None, strides, pads, dilation_rate)
    y = empty((len(x), *out, kernel.shape[2] * kernel.shape[3]), x.dtype)
    added = np.zeros(y.shape[3], x.dtype) if bias is None else np.ascontiguousarray(bias)
    image = _widened(x, kernel)
    if _is_three_by_three(cache, y):
        parallel(
            convolve, len(x) * out[0], image, _flat(kernel), added, y, pads[0][0], pads[1][0], relu, _past_cache(y)
        )
    else:
        parallel(_gather, len(x) * out[0], image, _flat(kernel), added, y, *_seen(cache, out), relu)
    return y, (ReluCache(cache, y) if relu else cache)


def _is_three_by_three(cache: Conv2DCache, y: FloatArray) -> bool:
    """Return whether `three_by_three_cpu` can do it, for results (N, OH, OW, C * M)."""
    plain = cache.strides == (1, 1) and cache.dilation_rate == (1, 1)
    return plain and cache.kernel.shape[:2] == (3, 3) and y.shape[3] >= LANES


def _past_cache(result: FloatArray) -> bool:
    """Return whether `convolve` should write past the cache.

    Where a vector is a line of it, since a tile's vectors do not follow each other.
    """
    return VECTOR_IS_A_LINE and too_large_to_stay(result)


def depthwise_conv2d_backward(dy: FloatArray, cache: Conv2DCache, *, need_dx: bool = True) -> KernelGradients:
    """Return (dx, dkernel, dbias)."""
    x, kernel = cache.x, cache.kernel
    if dy.dtype != np.float32:
        return numpy_cpu.depthwise_conv2d_backward(dy, cache, need_dx=need_dx)
    dy = np.ascontiguousarray(dy)
    dkernel, dbias = _parameter_gradients(dy, cache)
    if not need_dx:
        return None, dkernel, dbias
    dx = empty((*x.shape[:3], dy.shape[3]), dy.dtype)
    nothing = np.zeros(dy.shape[3], dy.dtype)
    lines = len(x) * x.shape[1]
    if _is_three_by_three(cache, dy):  # what dy's windows saw, it is seen by through the weights turned round
        top, left = 2 - cache.padding[0][0], 2 - cache.padding[1][0]
        parallel(convolve, lines, dy, _flat(kernel[::-1, ::-1]), nothing, dx, top, left, False, _past_cache(dx))
    else:
        parallel(_gather, lines, dy, _flat(kernel), nothing, dx, *_seen_by(cache, (dy.shape[1], dy.shape[2])), False)
    return (dx if kernel.shape[3] == 1 else dx.reshape(*x.shape, kernel.shape[3]).sum(axis=-1)), dkernel, dbias


def _flat(kernel: FloatArray) -> FloatArray:
    """Return the weights as (KH, KW, C * M)."""
    return np.ascontiguousarray(kernel).reshape(*kernel.shape[:2], -1)


def _widened(x: FloatArray, kernel: FloatArray) -> FloatArray:
    """Return x with each channel as often as it has filters."""
    return np.ascontiguousarray(x if kernel.shape[3] == 1 else np.repeat(x, kernel.shape[3], axis=3))


def _seen(cache: Conv2DCache, out: Pair) -> list[IntArray]:
    """Return for rows and for columns (outputs, taps): the pixel of x that an output meets through a tap, or -1."""
    tables = []
    for n, k, s, d, count, (before, _) in _axes(cache, out):
        place = np.arange(count)[:, None] * s - before + np.arange(k) * d
        tables.append(np.where((place >= 0) & (place < n), place, -1))
    return [*tables, _steps(tables[1])]


def _seen_by(cache: Conv2DCache, out: Pair) -> list[IntArray]:
    """Return for rows and for columns (pixels, taps): the output that meets a pixel of x through a tap, or -1."""
    tables = []
    for n, k, s, d, count, (before, _) in _axes(cache, out):
        place = np.arange(n)[:, None] + before - np.arange(k) * d
        tables.append(np.where((place >= 0) & (place % s == 0) & (place // s < count), place // s, -1))
    return [*tables, _steps(tables[1])]


def _steps(columns: IntArray) -> IntArray:
    """Return for each column by how many pixels its taps lie further than those of the column before.

    0 where they are not the same taps.
    """
    steps = np.zeros(len(columns), np.int64)
    if len(columns) > 1:
        moved = columns[1:] - columns[:-1]
        same = (columns[1:] >= 0) == (columns[:-1] >= 0)
        reach = np.where(columns[1:] >= 0, moved, 0).max(axis=1, initial=0)
        even = np.where(columns[1:] >= 0, moved == reach[:, None], True)
        steps[1:] = np.where((same & even).all(axis=1), reach, 0)
    return steps


def _axes(cache: Conv2DCache, out: Pair) -> Iterable[tuple[int, int, int, int, int, Pair]]:
    size, window = cache.x.shape[1:3], cache.kernel.shape[:2]
    return zip(size, window, cache.strides, cache.dilation_rate, out, cache.padding, strict=True)


@compiled_kernel
def _gather(
    start: int, stop: int, source: FloatArray, weights: FloatArray, bias: FloatArray, result: FloatArray,
    rows: IntArray, columns: IntArray, steps: IntArray, relu: bool,
) -> None:  # fmt: skip
    """Write lines of the result: of each pixel, the sum over its taps of source pixels * weights."""
    least = np.float32(0) if relu else np.float32(-np.inf)
    height, width, channels = result.shape[1:]
    kh, kw = weights.shape[:2]
    whole = channels // LANES * LANES
    pixels, factors = np.empty(kh * kw, np.int64), np.empty(kh * kw, np.int64)  # addresses, for vectors
    places, taps = np.empty(kh * kw, np.int64), np.empty(kh * kw, np.int64)  # indices, for the channels left over
    flat, flat_weights = source.reshape(source.size), weights.reshape(weights.size)
    for line in range(start, stop):
        n, h = line // height, line % height
        w = count = behind = 0
        while w < width:
            if steps[w] > 0:  # the same taps as at the pixel before, a step further
                for t in range(count):
                    places[t] += (behind + steps[w]) * channels
                    pixels[t] += (behind + steps[w]) * channels * 4
            else:
                count = 0
                for i in range(kh):
                    for j in range(kw):
                        if rows[h, i] >= 0 and columns[w, j] >= 0:
                            row = n * source.shape[1] + rows[h, i]
                            places[count] = (row * source.shape[2] + columns[w, j]) * channels
                            taps[count] = (i * kw + j) * channels
                            pixels[count] = source.ctypes.data + places[count] * 4
                            factors[count] = weights.ctypes.data + taps[count] * 4
                            count += 1
            target = result.ctypes.data + (line * width + w) * channels * 4
            together, apart = 1, 0
            if w + 4 <= width and steps[w + 1] == steps[w + 2] == steps[w + 3] > 0:
                together, apart = 4, steps[w + 1]
                _four_pixels(pixels, factors, count, apart * channels * 4, bias, least, target, channels * 4, whole)
            else:
                _one_pixel(pixels, factors, count, bias, least, target, whole)
            for q in range(together):
                for c in range(whole, channels):
                    number = bias[c]
                    for t in range(count):
                        number += flat[places[t] + q * apart * channels + c] * flat_weights[taps[t] + c]
                    result[n, h, w + q, c] = least if number < least else number  # a NaN is not less, and stays
            behind = (together - 1) * apart
            w += together


@inlined
def _four_pixels(
    pixels: FloatArray, factors: FloatArray, count: int, apart: int, bias: FloatArray, least: Real, target: int,
    row: int, whole: int,
) -> None:  # fmt: skip
    """Write four neighbours, whose taps lie `apart` bytes from each other's: each weight is loaded once, and no product
    waits for the last one.
    """
    lowest = splat(least)
    for c in range(0, whole * 4, LANES * 4):
        s0 = s1 = s2 = s3 = load(bias.ctypes.data + c)
        for t in range(count):
            pixel, factor = pixels[t] + c, load(factors[t] + c)
            s0 = s0 + load(pixel) * factor
            s1 = s1 + load(pixel + apart) * factor
            s2 = s2 + load(pixel + 2 * apart) * factor
            s3 = s3 + load(pixel + 3 * apart) * factor
        store(target + c, maximum(s0, lowest))
        store(target + row + c, maximum(s1, lowest))
        store(target + 2 * row + c, maximum(s2, lowest))
        store(target + 3 * row + c, maximum(s3, lowest))


@inlined
def _one_pixel(
    pixels: FloatArray, factors: FloatArray, count: int, bias: FloatArray, least: Real, target: int, whole: int
) -> None:
    """Write a pixel whose neighbours have other taps."""
    lowest = splat(least)
    for c in range(0, whole * 4, LANES * 4):
        total = load(bias.ctypes.data + c)
        for t in range(count):
            total = total + load(pixels[t] + c) * load(factors[t] + c)
        store(target + c, maximum(total, lowest))


def _parameter_gradients(dy: FloatArray, cache: Conv2DCache) -> tuple[FloatArray, FloatArray | None]:
    """Return dkernel (KH, KW, C, M) and dbias (C * M,), or None for it."""
    kernel, lines = cache.kernel, len(dy) * dy.shape[1]
    parts, channels = max(1, min(get_num_threads(), lines)), dy.shape[3]
    x = _widened(cache.x, kernel)
    if _is_three_by_three(cache, dy) and channels % LANES == 0:
        (top, _), (left, _) = cache.padding
        sums = np.zeros((parts, 10, channels))
        if lines:
            parallel_parts(add_products, lines, parts, x, dy, sums, top, left)
        total = sums.sum(axis=0).astype(dy.dtype)
        return total[:9].reshape(kernel.shape), total[9] if cache.has_bias else None
    partial = np.zeros((parts, *kernel.shape[:2], channels))
    if lines:
        rows, columns, _ = _seen(cache, (dy.shape[1], dy.shape[2]))
        parallel_parts(_partial_kernels, lines, parts, x, dy, partial, rows, columns, cache.strides[1])
    dbias = sum_to_last_axis(dy) if cache.has_bias else None
    return partial.sum(axis=0).astype(dy.dtype).reshape(kernel.shape), dbias


@compiled_kernel
def _partial_kernels(
    part: int, start: int, stop: int, x: FloatArray, dy: FloatArray, partial: FloatArray, rows: IntArray,
    columns: IntArray, stride: int,
) -> None:  # fmt: skip
    """Add the products of lines start .. stop of dy to a thread's own kernel."""
    height, width, channels = dy.shape[1:]
    whole = channels // LANES * LANES
    sums = np.empty(channels, np.float32)
    step, row, zero = stride * channels * 4, channels * 4, splat(np.float32(0))
    for line in range(start, stop):
        n, oh = line // height, line % height
        for i in range(rows.shape[1]):
            h = rows[oh, i]
            if h < 0:
                continue
            for j in range(columns.shape[1]):
                first, last = 0, width  # the outputs whose tap lies inside the image
                while first < last and columns[first, j] < 0:
                    first += 1
                while first < last and columns[last - 1, j] < 0:
                    last -= 1
                if first == last:
                    continue
                pixel = ((n * x.shape[1] + h) * x.shape[2] + columns[first, j]) * channels * 4 + x.ctypes.data
                upstream = dy.ctypes.data + (line * width + first) * channels * 4
                for c in range(0, whole, LANES):
                    # Four sums at a time: the next product need not wait for the last one.
                    a, b = pixel + c * 4, upstream + c * 4
                    s0 = s1 = s2 = s3 = zero
                    for _ in range((last - first) // 4):
                        s0 = s0 + load(a) * load(b)
                        s1 = s1 + load(a + step) * load(b + row)
                        s2 = s2 + load(a + 2 * step) * load(b + 2 * row)
                        s3 = s3 + load(a + 3 * step) * load(b + 3 * row)
                        a, b = a + 4 * step, b + 4 * row
                    for _ in range((last - first) % 4):
                        s0 = s0 + load(a) * load(b)
                        a, b = a + step, b + row
                    store(sums.ctypes.data + c * 4, (s0 + s1) + (s2 + s3))
                for c in range(whole, channels):
                    number = np.float32(0)
                    for ow in range(first, last):
                        number += x[n, h, columns[ow, j], c] * dy[n, oh, ow, c]
                    sums[c] = number
                for c in range(channels):
                    partial[part, i, j, c] += sums[c]
