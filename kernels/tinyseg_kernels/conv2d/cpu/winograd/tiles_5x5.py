r"""Winograd's F(2x2, 5x5): the kernels of a 5x5 convolution, whose tiles have 2x2 outputs and 6x6 inputs, with 36 multiplications instead of 100.

B^T is that of F(4x4, 3x3) (`transforms_3x3.py`), since it depends on the six points only. With the same names

    G = [1/s    0    0     0      0  ]      A^T = [1  1  1  1  1 0]
        [1/t  P/t pp/t  Ppp/t  pppp/t]            [0  P -P  Q -Q 1]
        [1/t -P/t pp/t -Ppp/t  pppp/t]
        [1/u  Q/u qq/u  Qqq/u  qqqq/u]
        [1/u -Q/u qq/u -Qqq/u  qqqq/u]
        [  0    0    0      0     1  ]

It needs four times as many tiles, so the transforms count more. How many channels it takes to pay: `convolution.LEAST_CHANNELS_OF_5X5`.
"""

from __future__ import annotations

import numpy as np

from ....cpu.compiled import inlined, kernel
from ....cpu.gemm.micro_kernel import COLUMNS, LANES
from ....cpu.memory.non_temporal import write, written
from ....cpu.vectors.vectors import Vector, load, maximum, splat, store
from ....types import FloatArray, Real
from .blocks import flush, products_of_block, sums_of_block
from .transforms_3x3 import (
    G_0,
    G_PPT,
    G_PT,
    G_QQU,
    G_QU,
    G_T,
    G_U,
    PP,
    QQ,
    VECTOR_BYTES,
    WINDOW,
    P,
    Q,
    ask_for_next,
    transform_input,
)

TILE, TAPS = 2, 5

G_PPPT, G_PPPPT, G_QQQU, G_QQQQU = (
    np.float32(float(a) * float(b)) for a, b in ((G_PPT, P), (G_PPT, PP), (G_QQU, Q), (G_QQU, QQ))
)


@inlined
def _kernel_transform(g0: Vector, g1: Vector, g2: Vector, g3: Vector, g4: Vector) -> tuple[Vector, ...]:
    """Multiply five numbers by G."""
    a, b = G_T * g0 + G_PPT * g2 + G_PPPPT * g4, G_PT * g1 + G_PPPT * g3
    c, d = G_U * g0 + G_QQU * g2 + G_QQQQU * g4, G_QU * g1 + G_QQQU * g3
    return G_0 * g0, a + b, a - b, c + d, c - d, g4


@inlined
def _kernel_gradient_transform(
    u0: Vector, u1: Vector, u2: Vector, u3: Vector, u4: Vector, u5: Vector
) -> tuple[Vector, ...]:
    """Multiply six numbers by G^T."""
    p, q, r, s = u1 + u2, u1 - u2, u3 + u4, u3 - u4
    return (
        G_0 * u0 + G_T * p + G_U * r, G_PT * q + G_QU * s, G_PPT * p + G_QQU * r, G_PPPT * q + G_QQQU * s,
        G_PPPPT * p + G_QQQQU * r + u5,
    )  # fmt: skip


@inlined
def _output_transform(m0: Vector, m1: Vector, m2: Vector, m3: Vector, m4: Vector, m5: Vector) -> tuple[Vector, ...]:
    """Multiply six numbers by A^T."""
    return m0 + (m1 + m2) + (m3 + m4), P * (m1 - m2) + Q * (m3 - m4) + m5


@inlined
def _upstream_transform(d0: Vector, d1: Vector) -> tuple[Vector, ...]:
    """Multiply two numbers by A."""
    p, q = P * d1, Q * d1
    return d0, d0 + p, d0 - p, d0 + q, d0 - q, d1


@inlined
def _transform_output(
    source: int, step: int, temporary: int, bias: FloatArray, least: Real, y: FloatArray, n: int, h0: int, w0: int,
    past_cache: bool,
) -> None:  # fmt: skip
    """Write the outputs of a tile that lie inside the image."""
    _, height, width, filters = y.shape
    lowest, row, t = splat(least), filters * 4, temporary
    for f in range(0, row, VECTOR_BYTES):
        offset = load(bias.ctypes.data + f)
        for b in range(WINDOW):
            m = source + b * step + f
            r0, r1 = _output_transform(
                load(m), load(m + 6 * step), load(m + 12 * step), load(m + 18 * step), load(m + 24 * step), load(m + 30 * step)
            )  # fmt: skip
            store(t + b * VECTOR_BYTES, r0)
            store(t + (6 + b) * VECTOR_BYTES, r1)
        for a in range(min(TILE, height - h0)):
            s = t + a * 6 * VECTOR_BYTES
            r0, r1 = _output_transform(
                load(s), load(s + VECTOR_BYTES), load(s + 2 * VECTOR_BYTES), load(s + 3 * VECTOR_BYTES), load(s + 4 * VECTOR_BYTES),
                load(s + 5 * VECTOR_BYTES),
            )  # fmt: skip
            target = y.ctypes.data + ((n * height + h0 + a) * width + w0) * row + f
            write(target, maximum(r0 + offset, lowest), past_cache)
            if w0 + 1 < width:
                write(target + row, maximum(r1 + offset, lowest), past_cache)


@inlined
def _transform_upstream(dy: FloatArray, n: int, h0: int, w0: int, temporary: int, target: int, step: int) -> None:
    """Write D of the tile whose outputs begin at (h0, w0)."""
    _, height, width, filters = dy.shape
    row, zero = filters * 4, splat(np.float32(0))
    for f in range(0, row, VECTOR_BYTES):
        source = dy.ctypes.data + ((n * height + h0) * width + w0) * row + f
        for b in range(TILE):
            d0 = d1 = zero
            if w0 + b < width:
                d0 = load(source + b * row)
                if h0 + 1 < height:
                    d1 = load(source + (width + b) * row)
            r0, r1, r2, r3, r4, r5 = _upstream_transform(d0, d1)
            t = temporary + b * VECTOR_BYTES
            store(t, r0)
            store(t + 2 * VECTOR_BYTES, r1)
            store(t + 4 * VECTOR_BYTES, r2)
            store(t + 6 * VECTOR_BYTES, r3)
            store(t + 8 * VECTOR_BYTES, r4)
            store(t + 10 * VECTOR_BYTES, r5)
        for a in range(WINDOW):
            t = temporary + 2 * a * VECTOR_BYTES
            r0, r1, r2, r3, r4, r5 = _upstream_transform(load(t), load(t + VECTOR_BYTES))
            d = target + a * 6 * step + f
            store(d, r0)
            store(d + step, r1)
            store(d + 2 * step, r2)
            store(d + 3 * step, r3)
            store(d + 4 * step, r4)
            store(d + 5 * step, r5)


@kernel
def transform_kernel(start: int, stop: int, kernel: FloatArray, matrices: FloatArray, past_cache: bool) -> None:
    """Write U = G g G^T of channels start .. stop as matrices (36, numbers of panels (panels, C, COLUMNS) or more), panel after panel: each position is then written in order. Of a panel that is half full the other half is never read."""
    channels, filters = kernel.shape[2], kernel.shape[3]
    temporary = np.empty(30 * LANES, np.float32)
    t, vector = temporary.ctypes.data, VECTOR_BYTES
    tap, step = channels * filters * 4, matrices.shape[1] * 4
    for first in range(0, filters, COLUMNS):
        last = min(first + COLUMNS, filters)
        for c in range(start, stop):
            for f in range(first, last, LANES):
                g = kernel.ctypes.data + (c * filters + f) * 4
                for j in range(TAPS):
                    r = _kernel_transform(
                        load(g + j * tap), load(g + (5 + j) * tap), load(g + (10 + j) * tap), load(g + (15 + j) * tap), load(g + (20 + j) * tap)
                    )  # fmt: skip
                    store(t + j * vector, r[0])
                    store(t + (5 + j) * vector, r[1])
                    store(t + (10 + j) * vector, r[2])
                    store(t + (15 + j) * vector, r[3])
                    store(t + (20 + j) * vector, r[4])
                    store(t + (25 + j) * vector, r[5])
                target = matrices.ctypes.data + (first * channels + c * COLUMNS + f - first) * 4
                for i in range(6):
                    s = t + 5 * i * vector
                    r = _kernel_transform(
                        load(s), load(s + vector), load(s + 2 * vector), load(s + 3 * vector), load(s + 4 * vector)
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
def transform_kernel_gradient(start: int, stop: int, partial: FloatArray, dkernel: FloatArray) -> None:
    """Add up dU of all parts (parts, 36, numbers of (C, width) or more), in order, and write dg = G^T dU G of channels start .. stop."""
    channels, filters = dkernel.shape[2], dkernel.shape[3]
    parts, width = partial.shape[0], -(-filters // LANES) * LANES
    temporary = np.empty(66 * LANES, np.float32)
    t, vector = temporary.ctypes.data, VECTOR_BYTES
    step, part = partial.shape[2] * 4, 36 * partial.shape[2] * 4
    s, tap = t + 30 * vector, channels * filters * 4
    for c in range(start, stop):
        for f in range(0, filters, LANES):
            u = partial.ctypes.data + (c * width + f) * 4
            for p in range(36):
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
                store(t + (18 + b) * vector, r[3])
                store(t + (24 + b) * vector, r[4])
            for i in range(TAPS):
                row = t + 6 * i * vector
                r = _kernel_gradient_transform(
                    load(row), load(row + vector), load(row + 2 * vector), load(row + 3 * vector), load(row + 4 * vector),
                    load(row + 5 * vector),
                )  # fmt: skip
                g = dkernel.ctypes.data + (c * filters + f) * 4 + 5 * i * tap
                store(g, r[0])
                store(g + tap, r[1])
                store(g + 2 * tap, r[2])
                store(g + 3 * tap, r[3])
                store(g + 4 * tap, r[4])


@kernel
def forward(
    part: int, start: int, stop: int, x: FloatArray, matrices: FloatArray, bias: FloatArray, y: FloatArray,
    vs: FloatArray, ms: FloatArray, temporaries: FloatArray, tiles: int, block: int, top: int, left: int, relu: bool,
    past_cache: bool, is_far: bool,
) -> None:  # fmt: skip
    """Write the outputs of blocks start .. stop."""
    across, down = -(-y.shape[2] // TILE), -(-y.shape[1] // TILE)
    channels, width = x.shape[3], -(-y.shape[3] // LANES) * LANES
    v, m, temporary = vs[part].ctypes.data, ms[part].ctypes.data, temporaries[part].ctypes.data
    v_step, m_step = vs.shape[2] * 4, ms.shape[2] * 4
    least = np.float32(0) if relu else np.float32(-np.inf)
    for job in range(start, stop):
        first = job * block
        count = min(block, tiles - first)
        for t in range(count):
            n, place = (first + t) // (down * across), (first + t) % (down * across)
            h0, w0 = place // across * TILE, place % across * TILE
            if is_far:
                ask_for_next(x, n, h0 - top, w0 - left + WINDOW, WINDOW, TILE)
            transform_input(x, n, h0 - top, w0 - left, temporary, v + t * channels * 4, v_step)
        products_of_block(v, v_step, matrices.ctypes.data, matrices.shape[1] * 4, m, m_step, channels, width, count)
        for t in range(count):
            n, place = (first + t) // (down * across), (first + t) % (down * across)
            h0, w0 = place // across * TILE, place % across * TILE
            _transform_output(m + t * width * 4, m_step, temporary, bias, least, y, n, h0, w0, past_cache)
    written()


@kernel
def kernel_gradient(
    part: int, start: int, stop: int, x: FloatArray, dy: FloatArray, vs: FloatArray, ds: FloatArray,
    temporaries: FloatArray, partial: FloatArray, totals: FloatArray, tiles: int, block: int, group: int, top: int,
    left: int, x_is_far: bool, dy_is_far: bool,
) -> None:  # fmt: skip
    """Write a thread's dU (36, numbers of (C, width) or more) of blocks start .. stop."""
    across, down = -(-dy.shape[2] // TILE), -(-dy.shape[1] // TILE)
    channels, width = x.shape[3], -(-dy.shape[3] // LANES) * LANES
    v, d, temporary = vs[part].ctypes.data, ds[part].ctypes.data, temporaries[part].ctypes.data
    v_step, d_step = vs.shape[2] * 4, ds.shape[2] * 4
    sums, total_sums = partial[part].reshape(-1), totals[part].reshape(-1)
    sums[:] = 0
    total_sums[:] = 0
    for job in range(start, stop):
        first = job * block
        count = min(block, tiles - first)
        for t in range(count):
            n, place = (first + t) // (down * across), (first + t) % (down * across)
            h0, w0 = place // across * TILE, place % across * TILE
            if x_is_far:
                ask_for_next(x, n, h0 - top, w0 - left + WINDOW, WINDOW, TILE)
            if dy_is_far:
                ask_for_next(dy, n, h0, w0 + TILE, TILE, TILE)
            transform_input(x, n, h0 - top, w0 - left, temporary, v + t * channels * 4, v_step)
            _transform_upstream(dy, n, h0, w0, temporary, d + t * width * 4, d_step)
        sums_of_block(v, v_step, d, d_step, sums.ctypes.data, partial.shape[2] * 4, channels, width, count)
        if (job - start) % group == group - 1 or job == stop - 1:
            flush(sums, total_sums)
