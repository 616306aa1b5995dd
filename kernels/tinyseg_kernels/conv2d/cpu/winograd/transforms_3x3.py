r"""The transforms of Winograd's F(4x4, 3x3), each of a tile or of a kernel, eight or sixteen channels at a time.

With the points 0, P, -P, Q, -Q and infinity (derivation, and why P = 5/8 and Q = 3/2: `conv2d_winograd.cu`), and pp = P^2, qq = Q^2, s = pp qq, t = 2 pp (pp - qq), u = 2 qq (qq - pp):

    B^T = [s     0 -pp-qq      0 1 0]      G = [1/s    0    0]      A^T = [1    1     1    1     1 0]
          [0 -P qq    -qq      P 1 0]          [1/t  P/t pp/t]            [0    P    -P    Q    -Q 0]
          [0  P qq    -qq     -P 1 0]          [1/t -P/t pp/t]            [0   pp    pp   qq    qq 0]
          [0 -Q pp    -pp      Q 1 0]          [1/u  Q/u qq/u]            [0 P pp -P pp Q qq -Q qq 1]
          [0  Q pp    -pp     -Q 1 0]          [1/u -Q/u qq/u]
          [0     s      0 -pp-qq 0 1]          [  0    0    1]

A transform of a square is the matrix from the left, on its columns, then from the right, on its rows. Rows of the matrices that differ in signs alone share their sums. The
columns' results go through a small buffer in the first-level cache, since 36 vectors are more than there are registers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ....cpu.compiled import inlined, kernel
from ....cpu.gemm.micro_kernel import COLUMNS, LANES
from ....cpu.memory.non_temporal import write, written
from ....cpu.memory.prefetch import prefetch
from ....cpu.sizes import SIZES
from ....cpu.vectors.vectors import load, maximum, splat, store

TILE, WINDOW, POSITIONS = 4, 6, 36

TOGETHER = SIZES.winograd_channels_together

VECTOR_BYTES = LANES * 4

_P, _Q = 0.625, 1.5
_S, _T, _U = (_P * _Q) ** 2, 2 * _P**2 * (_P**2 - _Q**2), 2 * _Q**2 * (_Q**2 - _P**2)
P, Q, PP, QQ, S = (np.float32(value) for value in (_P, _Q, _P**2, _Q**2, _S))  # exact in binary
PPP, QQQ, SUM = np.float32(_P**3), np.float32(_Q**3), np.float32(_P**2 + _Q**2)
G_0, G_T, G_PT, G_PPT, G_U, G_QU, G_QQU = (
    np.float32(value) for value in (1 / _S, 1 / _T, _P / _T, _P**2 / _T, 1 / _U, _Q / _U, _Q**2 / _U)
)


@inlined
def _input_transform(d0: Any, d1: Any, d2: Any, d3: Any, d4: Any, d5: Any) -> Any:
    """Multiply six numbers by B^T."""
    p, q = d4 - QQ * d2, P * (d3 - QQ * d1)
    u, v = d4 - PP * d2, Q * (d3 - PP * d1)
    return S * d0 - SUM * d2 + d4, p + q, p - q, u + v, u - v, S * d1 - SUM * d3 + d5


@inlined
def _output_transform(m0: Any, m1: Any, m2: Any, m3: Any, m4: Any, m5: Any) -> Any:
    """Multiply six numbers by A^T."""
    p, q, u, v = m1 + m2, m1 - m2, m3 + m4, m3 - m4
    return m0 + p + u, P * q + Q * v, PP * p + QQ * u, PPP * q + QQQ * v + m5


@inlined
def _upstream_transform(d0: Any, d1: Any, d2: Any, d3: Any) -> Any:
    """Multiply four numbers by A."""
    p, q = d0 + PP * d2, P * (d1 + PP * d3)
    u, v = d0 + QQ * d2, Q * (d1 + QQ * d3)
    return d0, p + q, p - q, u + v, u - v, d3


@inlined
def ask_for_next(image: Any, n: int, h0: int, w0: int, rows: int, columns: int) -> None:
    """Ask for this many rows and columns from (h0, w0) on: what the next tile in the row is the first to see. That may be no part of the image, which does no harm.

    The rows of a tile lie too far apart for the processor to guess them. 32 to 32 channels, 4 images of 256x256 in memory: forward 4.95 to 4.6 ms, the kernel's gradient 6.7 to 5.4.
    """
    _, height, width, channels = image.shape
    row = channels * 4
    for i in range(rows):
        source = image.ctypes.data + ((n * height + h0 + i) * width + w0) * row
        for k in range(0, columns * row, 64):
            prefetch(source + k)


@inlined
def transform_input(x: Any, n: int, h0: int, w0: int, temporary: int, target: int, step: int) -> None:
    """Write V of the tile whose inputs begin at (h0, w0); `step` bytes lie between two positions."""
    _, height, width, channels = x.shape
    source = x.ctypes.data + ((n * height + h0) * width + w0) * channels * 4
    row, line = channels * 4, width * channels * 4
    if channels < TOGETHER:
        for c in range(0, row, VECTOR_BYTES):
            for b in range(WINDOW):
                inside = 0 <= w0 + b < width
                _transform_input_column(
                    source + b * row + c, line, h0, height, inside, temporary + b * VECTOR_BYTES, VECTOR_BYTES
                )
            for a in range(WINDOW):
                _transform_input_row(temporary + a * 6 * VECTOR_BYTES, VECTOR_BYTES, target + a * 6 * step + c, step)
        return
    for first in range(0, row, TOGETHER * 4):
        last = min(first + TOGETHER * 4, row)
        for b in range(WINDOW):
            inside = 0 <= w0 + b < width
            for c in range(first, last, VECTOR_BYTES):
                t = temporary + b * TOGETHER * 4 + c - first
                _transform_input_column(source + b * row + c, line, h0, height, inside, t, TOGETHER * 4)
        for a in range(WINDOW):
            for c in range(first, last, VECTOR_BYTES):
                t = temporary + a * 6 * TOGETHER * 4 + c - first
                _transform_input_row(t, TOGETHER * 4, target + a * 6 * step + c, step)


@inlined
def _transform_input_column(a: int, line: int, h0: int, height: int, inside: bool, t: int, pitch: int) -> None:
    """Write the column of B^T d whose inputs begin at address a, `line` bytes apart; `inside` is whether the column lies in the image."""
    zero = splat(np.float32(0))
    if inside:
        d0 = load(a) if 0 <= h0 < height else zero
        d1 = load(a + line) if 0 <= h0 + 1 < height else zero
        d2 = load(a + 2 * line) if 0 <= h0 + 2 < height else zero
        d3 = load(a + 3 * line) if 0 <= h0 + 3 < height else zero
        d4 = load(a + 4 * line) if 0 <= h0 + 4 < height else zero
        d5 = load(a + 5 * line) if 0 <= h0 + 5 < height else zero
        r0, r1, r2, r3, r4, r5 = _input_transform(d0, d1, d2, d3, d4, d5)
    else:
        r0, r1, r2, r3, r4, r5 = zero, zero, zero, zero, zero, zero
    store(t, r0)
    store(t + 6 * pitch, r1)
    store(t + 12 * pitch, r2)
    store(t + 18 * pitch, r3)
    store(t + 24 * pitch, r4)
    store(t + 30 * pitch, r5)


@inlined
def _transform_input_row(t: int, pitch: int, v: int, step: int) -> None:
    """Write a row of V."""
    r0, r1, r2, r3, r4, r5 = _input_transform(
        load(t), load(t + pitch), load(t + 2 * pitch), load(t + 3 * pitch), load(t + 4 * pitch), load(t + 5 * pitch)
    )
    store(v, r0)
    store(v + step, r1)
    store(v + 2 * step, r2)
    store(v + 3 * step, r3)
    store(v + 4 * step, r4)
    store(v + 5 * step, r5)


@inlined
def transform_output(
    source: int, step: int, temporary: int, bias: Any, least: Any, y: Any, n: int, h0: int, w0: int, past_cache: bool
) -> None:
    """Write the outputs of a tile that lie inside the image: plus bias, and at least `least`, which is 0 for a ReLU."""
    _, height, width, filters = y.shape
    row = filters * 4
    target, offsets = y.ctypes.data + ((n * height + h0) * width + w0) * row, bias.ctypes.data
    rows, columns = min(TILE, height - h0), width - w0
    if filters < TOGETHER:
        for f in range(0, row, VECTOR_BYTES):
            for b in range(WINDOW):
                _transform_output_column(source + b * step + f, step, temporary + b * VECTOR_BYTES, VECTOR_BYTES)
            for a in range(rows):
                t = temporary + a * 6 * VECTOR_BYTES
                _transform_output_row(
                    t, VECTOR_BYTES, offsets + f, least, target + a * width * row + f, row, columns, past_cache
                )
        return
    for first in range(0, row, TOGETHER * 4):
        last = min(first + TOGETHER * 4, row)
        for b in range(WINDOW):
            for f in range(first, last, VECTOR_BYTES):
                t = temporary + b * TOGETHER * 4 + f - first
                _transform_output_column(source + b * step + f, step, t, TOGETHER * 4)
        for a in range(rows):
            for f in range(first, last, VECTOR_BYTES):
                t = temporary + a * 6 * TOGETHER * 4 + f - first
                _transform_output_row(
                    t, TOGETHER * 4, offsets + f, least, target + a * width * row + f, row, columns, past_cache
                )


@inlined
def _transform_output_column(m: int, step: int, t: int, pitch: int) -> None:
    """Write a column of A^T M."""
    r0, r1, r2, r3 = _output_transform(
        load(m), load(m + 6 * step), load(m + 12 * step), load(m + 18 * step), load(m + 24 * step), load(m + 30 * step)
    )
    store(t, r0)
    store(t + 6 * pitch, r1)
    store(t + 12 * pitch, r2)
    store(t + 18 * pitch, r3)


@inlined
def _transform_output_row(
    t: int, pitch: int, bias: int, least: Any, target: int, pixel: int, columns: int, past_cache: bool
) -> None:
    """Write a row of outputs, of which this many lie inside the image."""
    offset, lowest = load(bias), splat(least)
    r0, r1, r2, r3 = _output_transform(
        load(t), load(t + pitch), load(t + 2 * pitch), load(t + 3 * pitch), load(t + 4 * pitch), load(t + 5 * pitch)
    )
    write(target, maximum(r0 + offset, lowest), past_cache)
    if columns > 1:
        write(target + pixel, maximum(r1 + offset, lowest), past_cache)
    if columns > 2:
        write(target + 2 * pixel, maximum(r2 + offset, lowest), past_cache)
    if columns > 3:
        write(target + 3 * pixel, maximum(r3 + offset, lowest), past_cache)


@inlined
def transform_upstream(dy: Any, n: int, h0: int, w0: int, temporary: int, target: int, step: int) -> None:
    """Write D of the tile whose outputs begin at (h0, w0); outputs beyond the image have no gradient."""
    _, height, width, filters = dy.shape
    row, line = filters * 4, width * filters * 4
    source = dy.ctypes.data + ((n * height + h0) * width + w0) * row
    rows = height - h0
    if filters < TOGETHER:
        for f in range(0, row, VECTOR_BYTES):
            for b in range(TILE):
                t = temporary + b * VECTOR_BYTES
                _transform_upstream_column(source + b * row + f, line, rows, w0 + b < width, t, VECTOR_BYTES)
            for a in range(WINDOW):
                t = temporary + a * 4 * VECTOR_BYTES
                _transform_upstream_row(t, VECTOR_BYTES, target + a * 6 * step + f, step)
        return
    for first in range(0, row, TOGETHER * 4):
        last = min(first + TOGETHER * 4, row)
        for b in range(TILE):
            for f in range(first, last, VECTOR_BYTES):
                t = temporary + b * TOGETHER * 4 + f - first
                _transform_upstream_column(source + b * row + f, line, rows, w0 + b < width, t, TOGETHER * 4)
        for a in range(WINDOW):
            for f in range(first, last, VECTOR_BYTES):
                t = temporary + a * 4 * TOGETHER * 4 + f - first
                _transform_upstream_row(t, TOGETHER * 4, target + a * 6 * step + f, step)


@inlined
def _transform_upstream_column(a: int, line: int, rows: int, inside: bool, t: int, pitch: int) -> None:
    """Write the column of A dy whose numbers begin at address a and of which this many rows lie in the image."""
    zero = splat(np.float32(0))
    if inside:
        d1 = load(a + line) if rows > 1 else zero
        d2 = load(a + 2 * line) if rows > 2 else zero
        d3 = load(a + 3 * line) if rows > 3 else zero
        r0, r1, r2, r3, r4, r5 = _upstream_transform(load(a), d1, d2, d3)
    else:
        r0, r1, r2, r3, r4, r5 = zero, zero, zero, zero, zero, zero
    store(t, r0)
    store(t + 4 * pitch, r1)
    store(t + 8 * pitch, r2)
    store(t + 12 * pitch, r3)
    store(t + 16 * pitch, r4)
    store(t + 20 * pitch, r5)


@inlined
def _transform_upstream_row(t: int, pitch: int, d: int, step: int) -> None:
    """Write a row of D."""
    r0, r1, r2, r3, r4, r5 = _upstream_transform(load(t), load(t + pitch), load(t + 2 * pitch), load(t + 3 * pitch))
    store(d, r0)
    store(d + step, r1)
    store(d + 2 * step, r2)
    store(d + 3 * step, r3)
    store(d + 4 * step, r4)
    store(d + 5 * step, r5)


@inlined
def _kernel_transform(g0: Any, g1: Any, g2: Any) -> Any:
    """Multiply three numbers by G."""
    a, b = G_T * g0 + G_PPT * g2, G_PT * g1
    c, d = G_U * g0 + G_QQU * g2, G_QU * g1
    return G_0 * g0, a + b, a - b, c + d, c - d, g2


@inlined
def _kernel_gradient_transform(u0: Any, u1: Any, u2: Any, u3: Any, u4: Any, u5: Any) -> Any:
    """Multiply six numbers by G^T."""
    p, q, r, s = u1 + u2, u1 - u2, u3 + u4, u3 - u4
    return G_0 * u0 + G_T * p + G_U * r, G_PT * q + G_QU * s, G_PPT * p + G_QQU * r + u5


@kernel
def transform_kernel(start: int, stop: int, kernel: Any, matrices: Any, past_cache: bool) -> None:
    """Write U = G g G^T of channels start .. stop as matrices (36, numbers of panels (panels, C, COLUMNS) or more), panel after panel: each position is then written in order. Of a panel that is half full the other half is never read."""
    channels, filters = kernel.shape[2], kernel.shape[3]
    temporary = np.empty(18 * LANES, np.float32)
    t, vector = temporary.ctypes.data, LANES * 4
    tap, step = channels * filters * 4, matrices.shape[1] * 4
    for first in range(0, filters, COLUMNS):
        last = min(first + COLUMNS, filters)
        for c in range(start, stop):
            for f in range(first, last, LANES):
                g = kernel.ctypes.data + (c * filters + f) * 4
                for j in range(3):
                    r = _kernel_transform(load(g + j * tap), load(g + (3 + j) * tap), load(g + (6 + j) * tap))
                    store(t + j * vector, r[0])
                    store(t + (3 + j) * vector, r[1])
                    store(t + (6 + j) * vector, r[2])
                    store(t + (9 + j) * vector, r[3])
                    store(t + (12 + j) * vector, r[4])
                    store(t + (15 + j) * vector, r[5])
                target = matrices.ctypes.data + (first * channels + c * COLUMNS + f - first) * 4
                for i in range(6):
                    r = _kernel_transform(
                        load(t + 3 * i * vector), load(t + (3 * i + 1) * vector), load(t + (3 * i + 2) * vector)
                    )
                    u = target + 6 * i * step
                    write(u, r[0], past_cache)
                    write(u + step, r[1], past_cache)
                    write(u + 2 * step, r[2], past_cache)
                    write(u + 3 * step, r[3], past_cache)
                    write(u + 4 * step, r[4], past_cache)
                    write(u + 5 * step, r[5], past_cache)
    written()


@kernel
def transform_kernel_gradient(start: int, stop: int, partial: Any, dkernel: Any) -> None:
    """Add up dU of all parts (parts, 36, numbers of (C, width) or more), in order, and write dg = G^T dU G of channels start .. stop."""
    channels, filters = dkernel.shape[2], dkernel.shape[3]
    parts, width = partial.shape[0], -(-filters // LANES) * LANES
    temporary = np.empty(54 * LANES, np.float32)
    t, vector = temporary.ctypes.data, LANES * 4
    step, part = partial.shape[2] * 4, POSITIONS * partial.shape[2] * 4
    s = t + 18 * vector
    for c in range(start, stop):
        for f in range(0, filters, LANES):
            u = partial.ctypes.data + (c * width + f) * 4
            for p in range(POSITIONS):
                total = load(u + p * step)
                for k in range(1, parts):
                    total = total + load(u + p * step + k * part)
                store(s + p * vector, total)
            for b in range(6):
                r = _kernel_gradient_transform(
                    load(s + b * vector), load(s + (6 + b) * vector), load(s + (12 + b) * vector),
                    load(s + (18 + b) * vector), load(s + (24 + b) * vector), load(s + (30 + b) * vector),
                )  # fmt: skip
                store(t + b * vector, r[0])
                store(t + (6 + b) * vector, r[1])
                store(t + (12 + b) * vector, r[2])
            g = dkernel.ctypes.data + (c * filters + f) * 4
            for i in range(3):
                row = t + 6 * i * vector
                r = _kernel_gradient_transform(
                    load(row),
                    load(row + vector),
                    load(row + 2 * vector),
                    load(row + 3 * vector),
                    load(row + 4 * vector),
                    load(row + 5 * vector),
                )
                tap = channels * filters * 4
                store(g + 3 * i * tap, r[0])
                store(g + (3 * i + 1) * tap, r[1])
                store(g + (3 * i + 2) * tap, r[2])
