"""max_pool2d compiled for the CPU: a window is read once, channel by channel, and its winner kept in one byte."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.buffers import empty, zeros
from ..cpu.compiled import kernel
from ..cpu.threads import parallel
from ..types import Array, Padding, Pair
from ..windows import explicit_padding, output_size
from . import numpy_cpu
from .numpy_cpu import MaxPool2DCache

LARGEST_WINDOW = 256
"""Taps whose number fits into a byte."""


def max_pool2d_forward(
    x: Array, *, pool_size: Pair, strides: Pair | None = None, padding: Padding = "valid"
) -> tuple[Array, MaxPool2DCache]:
    """Keep the best number so far and the tap that it came from."""
    strides = strides or pool_size
    if x.dtype != np.float32 or pool_size[0] * pool_size[1] > LARGEST_WINDOW:
        return numpy_cpu.max_pool2d_forward(x, pool_size=pool_size, strides=strides, padding=padding)
    size = (x.shape[1], x.shape[2])
    pads = explicit_padding(padding, size, pool_size, strides)
    out = output_size(size, pool_size, strides, pads)
    y = empty((x.shape[0], *out, x.shape[3]), x.dtype)
    winner = empty(y.shape, np.uint8)
    parallel(
        _forward, len(x) * out[0], np.ascontiguousarray(x), y, winner, *pool_size, *strides, pads[0][0], pads[1][0]
    )
    return y, MaxPool2DCache(winner, x.shape, pool_size, strides, pads)


@kernel
def _forward(
    start: int, stop: int, x: Any, y: Any, winner: Any, kh: int, kw: int, sh: int, sw: int, top: int, left: int
) -> None:
    _, height, width, channels = x.shape
    for line in range(start, stop):
        n, oh = line // y.shape[1], line % y.shape[1]
        for ow in range(y.shape[2]):
            best, where = y[n, oh, ow], winner[n, oh, ow]
            first = True
            for i in range(kh):
                h = oh * sh - top + i
                if h < 0 or h >= height:
                    continue
                for j in range(kw):
                    w = ow * sw - left + j
                    if w < 0 or w >= width:
                        continue
                    pixel, number = x[n, h, w], np.uint8(i * kw + j)
                    if first:
                        for c in range(channels):
                            best[c] = pixel[c]
                            where[c] = number
                        first = False
                        continue
                    for c in range(channels):
                        # Strictly larger: of equal numbers the first keeps its place. The first NaN wins, and stays.
                        better = pixel[c] > best[c] or (pixel[c] != pixel[c] and best[c] == best[c])
                        where[c] = number if better else where[c]
                        best[c] = pixel[c] if better else best[c]


def max_pool2d_backward(dy: Array, cache: MaxPool2DCache) -> Array:
    """Give dy to the winner of its window."""
    if dy.dtype != np.float32 or cache.winner.dtype != np.uint8:
        return numpy_cpu.max_pool2d_backward(dy, cache)
    dx = zeros(cache.shape, dy.dtype)
    parallel(
        _backward, len(dx), np.ascontiguousarray(dy), cache.winner, dx, cache.pool_size[1], *cache.strides,
        cache.padding[0][0], cache.padding[1][0],
    )  # fmt: skip
    return dx


@kernel
def _backward(
    start: int, stop: int, dy: Any, winner: Any, dx: Any, kw: int, sh: int, sw: int, top: int, left: int
) -> None:
    for n in range(start, stop):
        for oh in range(dy.shape[1]):
            for ow in range(dy.shape[2]):
                for c in range(dy.shape[3]):
                    tap = np.int64(winner[n, oh, ow, c])
                    dx[n, oh * sh - top + tap // kw, ow * sw - left + tap % kw, c] += dy[n, oh, ow, c]
