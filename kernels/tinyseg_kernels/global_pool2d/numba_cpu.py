"""Global pooling compiled for the CPU: images are cut into groups of pixels, which are pooled by themselves and then together, so a single image has work for all threads."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.buffers import empty
from ..cpu.compiled import kernel
from ..cpu.threads import parallel
from ..types import Array
from . import numpy_cpu

GROUP = 1024
"""Pixels of a group."""
ROWS = 64
"""Pixels added up in float32 before they go into a float64 sum."""


def global_avg_pool2d_forward(x: Array, *, keepdims: bool = False) -> tuple[Array, tuple[int, ...]]:
    """Mean over the pixels."""
    if x.dtype != np.float32 or x.size == 0:
        return numpy_cpu.global_avg_pool2d_forward(x, keepdims=keepdims)
    pixels = _pixels(x)
    sums = empty((len(x), _groups(pixels), x.shape[3]), np.float64)
    parallel(_sums, len(x) * sums.shape[1], pixels, sums)
    y: Array = (sums.sum(axis=1) / pixels.shape[1]).astype(x.dtype)
    return (y[:, None, None, :] if keepdims else y), x.shape


def _pixels(x: Array) -> Array:
    n, height, width, channels = x.shape
    return np.ascontiguousarray(x).reshape(n, height * width, channels)


def _groups(pixels: Array) -> int:
    return -(-pixels.shape[1] // GROUP)


@kernel
def _sums(start: int, stop: int, x: Any, sums: Any) -> None:
    groups, channels = sums.shape[1], x.shape[2]
    block = np.empty(channels, np.float32)
    for job in range(start, stop):
        n, group = job // groups, job % groups
        total = sums[n, group]
        for c in range(channels):
            total[c] = 0
        last = min((group + 1) * GROUP, x.shape[1])
        for first in range(group * GROUP, last, ROWS):
            for c in range(channels):
                block[c] = 0
            for p in range(first, min(first + ROWS, last)):
                pixel = x[n, p]
                for c in range(channels):
                    block[c] += pixel[c]
            for c in range(channels):
                total[c] += block[c]


def global_avg_pool2d_backward(dy: Array, shape: tuple[int, ...]) -> Array:
    """Dy / (H * W) to each pixel."""
    if dy.dtype != np.float32 or dy.size == 0:
        return numpy_cpu.global_avg_pool2d_backward(dy, shape)
    n, height, width, channels = shape
    return _spread(dy.reshape(n, channels) / np.float32(height * width), shape)


def _spread(numbers: Array, shape: tuple[int, ...]) -> Array:
    """Return images that have the same number (N, C) in each pixel."""
    result = empty(shape, numbers.dtype)
    pixels = _pixels(result)
    parallel(_write, len(pixels) * _groups(pixels), np.ascontiguousarray(numbers), pixels, _groups(pixels))
    return result


@kernel
def _write(start: int, stop: int, numbers: Any, pixels: Any, groups: int) -> None:
    for job in range(start, stop):
        n, group = job // groups, job % groups
        for p in range(group * GROUP, min((group + 1) * GROUP, pixels.shape[1])):
            for c in range(pixels.shape[2]):
                pixels[n, p, c] = numbers[n, c]


def global_max_pool2d_forward(x: Array, *, keepdims: bool = False) -> tuple[Array, tuple[Array, tuple[int, ...]]]:
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
def _largest(start: int, stop: int, x: Any, largest: Any, places: Any) -> None:
    groups, channels = largest.shape[1], x.shape[2]
    for job in range(start, stop):
        n, group = job // groups, job % groups
        first = group * GROUP
        best, place = largest[n, group], places[n, group]
        for c in range(channels):
            best[c] = x[n, first, c]
            place[c] = 0
        for p in range(1, min(GROUP, x.shape[1] - first)):
            pixel = x[n, first + p]
            for c in range(channels):
                value, before = pixel[c], best[c]
                better = (not value <= before) & (before == before)
                best[c] = value if better else before
                place[c] = np.int32(p) if better else place[c]


def global_max_pool2d_backward(dy: Array, cache: tuple[Array, tuple[int, ...]]) -> Array:
    """Dy to the position of the maximum."""
    positions, shape = cache
    if dy.dtype != np.float32 or dy.size == 0:
        return numpy_cpu.global_max_pool2d_backward(dy, cache)
    n, channels = positions.shape
    dx = _spread(np.zeros((n, channels), dy.dtype), shape)
    np.put_along_axis(_pixels(dx), positions[:, None, :], dy.reshape(n, 1, channels), axis=1)
    return dx
