"""avg_pool2d compiled for the CPU: each window is read once.

Backward, each pixel gathers from the windows that saw it.
"""

from __future__ import annotations

import numpy as np

from ..cpu.compiled import kernel
from ..cpu.memory.buffers import empty
from ..cpu.threading.threads import parallel
from ..types import FloatArray, Padding, Pair
from ..windows import explicit_padding, output_size, valid_taps
from . import numpy_cpu
from .cache import AvgPool2DCache


def avg_pool2d_forward(
    x: FloatArray, *, pool_size: Pair, strides: Pair | None = None, padding: Padding = "valid"
) -> tuple[FloatArray, AvgPool2DCache]:
    """Add up the taps inside the image, then divide by their number."""
    strides = strides or pool_size
    if x.dtype != np.float32:
        return numpy_cpu.avg_pool2d_forward(x, pool_size=pool_size, strides=strides, padding=padding)
    size = (x.shape[1], x.shape[2])
    pads = explicit_padding(padding, size, pool_size, strides)
    cache = AvgPool2DCache(x.shape, pool_size, strides, pads)
    out = output_size(size, pool_size, strides, pads)
    y = empty((len(x), *out, x.shape[3]), x.dtype)
    parallel(
        _forward,
        len(x) * out[0],
        np.ascontiguousarray(x),
        y,
        _weights(cache),
        *pool_size,
        *strides,
        pads[0][0],
        pads[1][0],
    )
    return y, cache


def _weights(cache: AvgPool2DCache) -> FloatArray:
    """Return 1 / count of each window: (OH, OW)."""
    counts = valid_taps((cache.shape[1], cache.shape[2]), cache.pool_size, cache.strides, cache.padding)
    return (1.0 / counts).astype(np.float32)


@kernel
def _forward(
    start: int, stop: int, x: FloatArray, y: FloatArray, weights: FloatArray, kh: int, kw: int, sh: int, sw: int,
    top: int, left: int,
) -> None:  # fmt: skip
    _, height, width, channels = x.shape
    for line in range(start, stop):
        n, oh = line // y.shape[1], line % y.shape[1]
        for ow in range(y.shape[2]):
            total = y[n, oh, ow]
            for c in range(channels):
                total[c] = 0
            for h in range(max(oh * sh - top, 0), min(oh * sh - top + kh, height)):
                for w in range(max(ow * sw - left, 0), min(ow * sw - left + kw, width)):
                    for c in range(channels):
                        total[c] += x[n, h, w, c]
            for c in range(channels):
                total[c] *= weights[oh, ow]


def avg_pool2d_backward(dy: FloatArray, cache: AvgPool2DCache) -> FloatArray:
    """dy / count to every pixel of its window."""
    if dy.dtype != np.float32:
        return numpy_cpu.avg_pool2d_backward(dy, cache)
    dx = empty(cache.shape, dy.dtype)
    parallel(
        _backward, len(dx) * dx.shape[1], np.ascontiguousarray(dy), dx, _weights(cache), *cache.pool_size, *cache.strides,
        cache.padding[0][0], cache.padding[1][0],
    )  # fmt: skip
    return dx


@kernel
def _backward(
    start: int, stop: int, dy: FloatArray, dx: FloatArray, weights: FloatArray, kh: int, kw: int, sh: int, sw: int,
    top: int, left: int,
) -> None:  # fmt: skip
    _, out_height, out_width, channels = dy.shape
    for line in range(start, stop):
        n, h = line // dx.shape[1], line % dx.shape[1]
        # Window oh sees row h when oh * s - top <= h < oh * s - top + k.
        first, last = max(-(-(h + top - kh + 1) // sh), 0), min((h + top) // sh, out_height - 1)
        for w in range(dx.shape[2]):
            total = dx[n, h, w]
            for c in range(channels):
                total[c] = 0
            for oh in range(first, last + 1):
                for ow in range(max(-(-(w + left - kw + 1) // sw), 0), min((w + left) // sw, out_width - 1) + 1):
                    for c in range(channels):
                        total[c] += dy[n, oh, ow, c] * weights[oh, ow]
