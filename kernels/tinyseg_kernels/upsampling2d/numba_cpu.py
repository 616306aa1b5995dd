"""upsampling2d compiled for the CPU: a row of outputs from the two rows of inputs beside it.

Backward gathers with the same weights.
"""

from __future__ import annotations

import numpy as np

from ..cpu.compiled import inlined, kernel
from ..cpu.gemm.micro_kernel import LANES
from ..cpu.memory.buffers import empty
from ..cpu.memory.non_temporal import too_large_to_stay, write, written
from ..cpu.memory.prefetch import prefetch
from ..cpu.pieces import piece_from
from ..cpu.threading.threads import parallel
from ..cpu.vectors.vectors import load, splat, store
from ..types import FloatArray, IntArray, Pair, Real
from . import numpy_cpu
from .cache import UpSamplingCache
from .weights import neighbours


def upsampling2d_forward(
    x: FloatArray, *, size: Pair, interpolation: str = "nearest"
) -> tuple[FloatArray, UpSamplingCache]:
    """Enlarge rows and columns in one pass."""
    if x.dtype != np.float32 or x.size == 0:
        return numpy_cpu.upsampling2d_forward(x, size=size, interpolation=interpolation)
    n, height, width, channels = x.shape
    y = empty((n, height * size[0], width * size[1], channels), x.dtype)
    rows, columns = (
        _sources(length, factor, interpolation) for length, factor in zip((height, width), size, strict=True)
    )
    parallel(_forward, n * y.shape[1], np.ascontiguousarray(x), y, *rows, *columns, too_large_to_stay(y))
    return y, (x.shape, size, interpolation)


def _sources(length: int, factor: int, interpolation: str) -> tuple[IntArray, IntArray, FloatArray]:
    """Return for each output along an axis its two inputs and the weight of the second."""
    outputs = np.arange(length * factor)
    if interpolation == "nearest":
        return outputs // factor, outputs // factor, np.zeros(len(outputs), np.float32)
    offsets = [neighbours(phase, factor) for phase in range(factor)]
    low = outputs // factor + np.array([offset for offset, _ in offsets])[outputs % factor]
    share = np.array([t for _, t in offsets], np.float32)[outputs % factor]
    return np.clip(low, 0, length - 1), np.clip(low + 1, 0, length - 1), share


@kernel
def _forward(
    start: int, stop: int, x: FloatArray, y: FloatArray, top: IntArray, bottom: IntArray, down: FloatArray,
    left: IntArray, right: IntArray, across: FloatArray, past_cache: bool,
) -> None:  # fmt: skip
    _, height, width, channels = x.shape
    pixel = channels * 4
    for line in range(start, stop):
        n, oh = line // y.shape[1], line % y.shape[1]
        upper = x.ctypes.data + (n * height + top[oh]) * width * pixel
        lower = x.ctypes.data + (n * height + bottom[oh]) * width * pixel
        t = down[oh]
        for ow in range(y.shape[2]):
            a, b, s = left[ow] * pixel, right[ow] * pixel, across[ow]
            target = y.ctypes.data + (line * y.shape[2] + ow) * pixel
            if channels < LANES:
                _narrow_pixel(x[n, top[oh]], x[n, bottom[oh]], left[ow], right[ow], t, s, y[n, oh, ow])
                continue
            for c in range(0, channels, LANES):
                at = piece_from(c, channels, LANES) * 4
                above = load(upper + a + at)
                if t != 0 or s != 0:  # 0 times an infinity would be NaN
                    above = above + s * (load(upper + b + at) - above)
                    below = load(lower + a + at)
                    below = below + s * (load(lower + b + at) - below)
                    above = above + t * (below - above)
                write(target + at, above, past_cache)
    written()


@inlined
def _narrow_pixel(upper: FloatArray, lower: FloatArray, a: int, b: int, t: Real, s: Real, y: FloatArray) -> None:
    """The same for fewer channels than lanes."""
    for c in range(y.size):
        above = upper[a, c]
        if t != 0 or s != 0:
            above += (upper[b, c] - above) * s
            below = lower[a, c] + (lower[b, c] - lower[a, c]) * s
            above += (below - above) * t
        y[c] = above


def upsampling2d_backward(dy: FloatArray, cache: UpSamplingCache) -> FloatArray:
    """Each row of dx gathers from the rows of dy that it had a share in, then each pixel from the columns.

    Nothing is added up between threads.
    """
    shape, size, interpolation = cache
    if dy.dtype != np.float32 or dy.size == 0:
        return numpy_cpu.upsampling2d_backward(dy, cache)
    dx = empty(shape, dy.dtype)
    rows, columns = (_users(length, factor, interpolation) for length, factor in zip(shape[1:3], size, strict=True))
    parallel(_backward, shape[0] * shape[1], np.ascontiguousarray(dy), dx, *rows, *columns)
    return dx


def _users(length: int, factor: int, interpolation: str) -> tuple[IntArray, FloatArray]:
    """Return for each input along an axis the first of the outputs that it had a share in, and its share in that one and the next ones."""
    low, high, share = _sources(length, factor, interpolation)
    outputs = np.arange(length * factor)
    shares = np.zeros((length, len(outputs)), np.float32)
    np.add.at(shares, (low, outputs), 1 - share)
    np.add.at(shares, (high, outputs), share)
    used = shares != 0
    first = used.argmax(axis=1)
    most = int((len(outputs) - used[:, ::-1].argmax(axis=1) - first).max())
    first = np.minimum(first, len(outputs) - most)
    return first, np.ascontiguousarray(np.take_along_axis(shares, first[:, None] + np.arange(most), axis=1))


@kernel
def _backward(
    start: int, stop: int, dy: FloatArray, dx: FloatArray, first_row: IntArray, row_shares: FloatArray,
    first_column: IntArray, column_shares: FloatArray,
) -> None:  # fmt: skip
    _, height, width, channels = dx.shape
    pixel, rows, columns = channels * 4, row_shares.shape[1], column_shares.shape[1]
    line_bytes = dy.shape[2] * pixel
    for line in range(start, stop):
        n, h = line // height, line % height
        upper = dy.ctypes.data + (n * dy.shape[1] + first_row[h]) * line_bytes
        for w in range(width):
            target, source = dx.ctypes.data + (line * width + w) * pixel, upper + first_column[w] * pixel
            whole = columns == 4  # what is usual: twice as large, bilinear, away from the borders
            for k in range(columns):
                whole = whole and column_shares[w, k] != 0
            if channels < LANES:
                _narrow_gradient(dy[n], dx[n, h, w], first_row[h], row_shares[h], first_column[w], column_shares[w])
                continue
            if whole:
                # The rows that the next line of dx is the first to need, a piece for each pixel: they lie too far apart
                # for the processor to guess them.
                for i in range(rows, rows + 2):
                    for k in range(0, 2 * pixel, 64):
                        prefetch(source + i * line_bytes + k)
                _from_four_columns(source, pixel, line_bytes, row_shares[h], column_shares[w], target, channels)
                continue
            for c in range(0, channels, LANES):
                at = piece_from(c, channels, LANES) * 4
                total = splat(np.float32(0))
                for i in range(rows):
                    for k in range(columns):
                        share = row_shares[h, i] * column_shares[w, k]
                        if share != 0:  # 0 times a NaN would be one
                            total = total + share * load(source + i * line_bytes + k * pixel + at)
                store(target + at, total)


@inlined
def _from_four_columns(
    source: int, pixel: int, line_bytes: int, row_shares: FloatArray, column_shares: FloatArray, target: int,
    channels: int,
) -> None:  # fmt: skip
    """Gather a pixel from four columns, the shares of which stay in registers."""
    s0, s1, s2, s3 = splat(column_shares[0]), splat(column_shares[1]), splat(column_shares[2]), splat(column_shares[3])
    for c in range(0, channels, LANES):
        at = piece_from(c, channels, LANES) * 4
        total = splat(np.float32(0))
        for i in range(row_shares.size):
            if row_shares[i] != 0:
                p = source + i * line_bytes + at
                left = s0 * load(p) + s1 * load(p + pixel)
                right = s2 * load(p + 2 * pixel) + s3 * load(p + 3 * pixel)
                total = total + row_shares[i] * (left + right)
        store(target + at, total)


@inlined
def _narrow_gradient(
    dy: FloatArray, dx: FloatArray, first_row: int, row_shares: FloatArray, first_column: int, column_shares: FloatArray
) -> None:
    """Gather one pixel of fewer channels than lanes."""
    for c in range(dx.size):
        number = np.float32(0)
        for i in range(row_shares.size):
            for k in range(column_shares.size):
                share = row_shares[i] * column_shares[k]
                if share != 0:
                    number += share * dy[first_row + i, first_column + k, c]
        dx[c] = number
