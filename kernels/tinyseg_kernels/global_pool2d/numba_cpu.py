"""Global pooling compiled for the CPU.

Images are cut into groups of pixels, which are pooled by themselves and then together, so a single image has work for
all threads.
"""

from __future__ import annotations

import numpy as np

from ..cpu.compiled import inlined, kernel
from ..cpu.gemm.micro_kernel import LANES
from ..cpu.memory.buffers import empty
from ..cpu.pieces import piece_from
from ..cpu.sizes import SIZES
from ..cpu.threading.threads import parallel
from ..cpu.vectors.argmax import better, larger, load_winners, store_winners, winner
from ..cpu.vectors.vectors import Vector, load, splat, store
from ..types import Array, FloatArray, IntArray, Shape
from . import numpy_cpu
from .cache import MaximaCache

GROUP = SIZES.pool_pixels
ROWS = 64
"""Pixels added up in float32 before they go into a float64 sum."""
BLOCK = SIZES.pool_numbers


def global_avg_pool2d_forward(x: FloatArray, *, keepdims: bool = False) -> tuple[FloatArray, Shape]:
    """Mean over the pixels."""
    if x.dtype != np.float32 or x.size == 0:
        return numpy_cpu.global_avg_pool2d_forward(x, keepdims=keepdims)
    pixels = _pixels(x)
    sums = empty((len(x), _groups(pixels), x.shape[3]), np.float64)
    parallel(_sums, len(x) * sums.shape[1], pixels, sums)
    y: Array = (sums.sum(axis=1) / pixels.shape[1]).astype(x.dtype)
    return (y[:, None, None, :] if keepdims else y), x.shape


def _pixels(x: FloatArray) -> FloatArray:
    n, height, width, channels = x.shape
    return np.ascontiguousarray(x).reshape(n, height * width, channels)


def _groups(pixels: FloatArray) -> int:
    return -(-pixels.shape[1] // GROUP)


@kernel
def _sums(start: int, stop: int, x: FloatArray, sums: FloatArray) -> None:
    groups, channels = sums.shape[1], x.shape[2]
    block = np.empty(channels, np.float32)
    rows = min(max(BLOCK // channels, 1), ROWS)
    for job in range(start, stop):
        n, group = job // groups, job % groups
        total = sums[n, group]
        for c in range(channels):
            total[c] = 0
        last = min((group + 1) * GROUP, x.shape[1])
        for first in range(group * GROUP, last, rows):
            _sum_of_block(x[n, first : min(first + rows, last)], block)
            for c in range(channels):
                total[c] += block[c]


@inlined
def _sum_of_block(pixels: FloatArray, sums: FloatArray) -> None:
    """Write the sum of pixels (P, C) for each channel, two vectors at a time, each with a sum for even and one for odd pixels: no addition waits for the last one."""
    count, channels = pixels.shape
    if channels < LANES:
        for c in range(channels):
            number = np.float32(0)
            for p in range(count):
                number += pixels[p, c]
            sums[c] = number
        return
    pixel = channels * 4
    for c in range(0, channels, 2 * LANES):
        a, b = piece_from(c, channels, LANES) * 4, piece_from(c + LANES, channels, LANES) * 4
        place = pixels.ctypes.data
        even_a, even_b = load(place + a), load(place + b)
        odd_a, odd_b = splat(np.float32(0)), splat(np.float32(0))
        for _ in range((count - 1) // 2):
            odd_a, odd_b = odd_a + load(place + pixel + a), odd_b + load(place + pixel + b)
            even_a, even_b = even_a + load(place + 2 * pixel + a), even_b + load(place + 2 * pixel + b)
            place += 2 * pixel
        if count % 2 == 0:
            odd_a, odd_b = odd_a + load(place + pixel + a), odd_b + load(place + pixel + b)
        store(sums.ctypes.data + a, even_a + odd_a)
        store(sums.ctypes.data + b, even_b + odd_b)


def global_avg_pool2d_backward(dy: FloatArray, shape: Shape) -> FloatArray:
    """dy / (H * W) to each pixel."""
    if dy.dtype != np.float32 or dy.size == 0:
        return numpy_cpu.global_avg_pool2d_backward(dy, shape)
    n, height, width, channels = shape
    return _spread(dy.reshape(n, channels) / np.float32(height * width), shape)


def _spread(numbers: Array, shape: Shape) -> FloatArray:
    """Return images that have the same number (N, C) in each pixel."""
    result = empty(shape, numbers.dtype)
    pixels = _pixels(result)
    parallel(_write, len(pixels) * _groups(pixels), np.ascontiguousarray(numbers), pixels, _groups(pixels))
    return result


@kernel
def _write(start: int, stop: int, numbers: FloatArray, pixels: FloatArray, groups: int) -> None:
    for job in range(start, stop):
        n, group = job // groups, job % groups
        for p in range(group * GROUP, min((group + 1) * GROUP, pixels.shape[1])):
            for c in range(pixels.shape[2]):
                pixels[n, p, c] = numbers[n, c]


def global_max_pool2d_forward(x: FloatArray, *, keepdims: bool = False) -> tuple[FloatArray, MaximaCache]:
    """Maximum over the pixels, and the position of the first one; NaN counts as largest."""
    if x.dtype != np.float32 or x.size == 0:
        return numpy_cpu.global_max_pool2d_forward(x, keepdims=keepdims)
    pixels = _pixels(x)
    shape = (len(x), _groups(pixels), x.shape[3])
    largest, places = empty(shape, x.dtype), empty(shape, np.int32)
    parallel(_largest, shape[0] * shape[1], pixels, largest, places)
    group = largest.argmax(axis=1)[:, None]  # the first of equals, as the groups are in order
    positions = group[:, 0] * GROUP + np.take_along_axis(places, group, axis=1)[:, 0]
    y = np.take_along_axis(largest, group, axis=1)[:, 0]
    return (y[:, None, None, :] if keepdims else y), (positions, x.shape)


@kernel
def _largest(start: int, stop: int, x: FloatArray, largest: FloatArray, places: IntArray) -> None:
    groups, channels = largest.shape[1], x.shape[2]
    rows = max(BLOCK // channels, 1)
    for job in range(start, stop):
        n, group = job // groups, job % groups
        first = group * GROUP
        pixels = x[n, first : min(first + GROUP, x.shape[1])]
        best, place = largest[n, group], places[n, group]
        for c in range(channels):
            best[c] = pixels[0, c]
            place[c] = 0
        if channels < LANES:
            for p in range(1, len(pixels)):
                for c in range(channels):
                    if not pixels[p, c] <= best[c] and best[c] == best[c]:
                        best[c], place[c] = pixels[p, c], p
            continue
        for p in range(1, len(pixels), rows):
            _largest_of_block(pixels, p, min(p + rows, len(pixels)), best, place)


@inlined
def _largest_of_block(pixels: FloatArray, first: int, stop: int, best: FloatArray, place: IntArray) -> None:
    """Let pixels first .. stop compete with the best so far.

    Four vectors of channels at a time, none of which waits for another: 3 to 8 times as fast as plain loops.
    """
    channels, pixel = pixels.shape[1], pixels.shape[1] * 4
    for begin in range(0, channels, 4 * LANES):
        a, b = piece_from(begin, channels, LANES) * 4, piece_from(begin + LANES, channels, LANES) * 4
        c = piece_from(begin + 2 * LANES, channels, LANES) * 4
        d = piece_from(begin + 3 * LANES, channels, LANES) * 4
        best_a, best_b = load(best.ctypes.data + a), load(best.ctypes.data + b)
        best_c, best_d = load(best.ctypes.data + c), load(best.ctypes.data + d)
        place_a, place_b = load_winners(place.ctypes.data + a), load_winners(place.ctypes.data + b)
        place_c, place_d = load_winners(place.ctypes.data + c), load_winners(place.ctypes.data + d)
        for p in range(first, stop):
            row = pixels.ctypes.data + p * pixel
            best_a, place_a = _competed(load(row + a), p, best_a, place_a)
            best_b, place_b = _competed(load(row + b), p, best_b, place_b)
            if channels > 2 * LANES:
                best_c, place_c = _competed(load(row + c), p, best_c, place_c)
                best_d, place_d = _competed(load(row + d), p, best_d, place_d)
        store(best.ctypes.data + a, best_a)
        store(best.ctypes.data + b, best_b)
        store_winners(place.ctypes.data + a, place_a)
        store_winners(place.ctypes.data + b, place_b)
        if channels > 2 * LANES:
            store(best.ctypes.data + c, best_c)
            store(best.ctypes.data + d, best_d)
            store_winners(place.ctypes.data + c, place_c)
            store_winners(place.ctypes.data + d, place_d)


@inlined
def _competed(candidate: Vector, number: int, best: Vector, place: Vector) -> tuple[Vector, Vector]:
    is_better = better(candidate, best)
    return larger(is_better, candidate, best), winner(is_better, number, place)


def global_max_pool2d_backward(dy: FloatArray, cache: MaximaCache) -> FloatArray:
    """dy to the position of the maximum."""
    positions, shape = cache
    if dy.dtype != np.float32 or dy.size == 0:
        return numpy_cpu.global_max_pool2d_backward(dy, cache)
    n, channels = positions.shape
    dx = _spread(np.zeros((n, channels), dy.dtype), shape)
    np.put_along_axis(_pixels(dx), positions[:, None, :], dy.reshape(n, 1, channels), axis=1)
    return dx
