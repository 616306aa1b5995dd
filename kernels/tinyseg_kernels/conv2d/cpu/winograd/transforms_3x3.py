r"""The transforms of Winograd's F(4x4, 3x3), each of a tile or of a kernel, eight or sixteen channels at a time.

With the points 0, P, -P, Q, -Q and infinity (derivation, and why P = 5/8 and Q = 3/2: `conv2d_winograd.cu`), and pp =
P^2, qq = Q^2, s = pp qq, t = 2 pp (pp - qq), u = 2 qq (qq - pp):

    B^T = [s     0 -pp-qq      0 1 0]      G = [1/s    0    0]      A^T = [1    1     1    1     1 0]
          [0 -P qq    -qq      P 1 0]          [1/t  P/t pp/t]            [0    P    -P    Q    -Q 0]
          [0  P qq    -qq     -P 1 0]          [1/t -P/t pp/t]            [0   pp    pp   qq    qq 0]
          [0 -Q pp    -pp      Q 1 0]          [1/u  Q/u qq/u]            [0 P pp -P pp Q qq -Q qq 1]
          [0  Q pp    -pp     -Q 1 0]          [1/u -Q/u qq/u]
          [0     s      0 -pp-qq 0 1]          [  0    0    1]

Rows of the matrices that differ in signs alone share their sums. The loops: `squares.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ....cpu.compiled import inlined, kernel
from ....cpu.memory.non_temporal import write, written
from ....cpu.memory.prefetch import prefetch
from ....cpu.vectors.vectors import Vector, load, maximum, splat, store
from ....types import FloatArray, Real
from .squares import (
    TOGETHER,
    VECTOR_BYTES,
    WINDOW,
    kernel_gradients,
    kernel_matrices,
    load_six,
    store_six,
    transform_square,
)

TILE, TAPS = 4, 3

_P, _Q = 0.625, 1.5
_S, _T, _U = (_P * _Q) ** 2, 2 * _P**2 * (_P**2 - _Q**2), 2 * _Q**2 * (_Q**2 - _P**2)
P, Q, PP, QQ, S = (np.float32(value) for value in (_P, _Q, _P**2, _Q**2, _S))  # exact in binary
PPP, QQQ, SUM = np.float32(_P**3), np.float32(_Q**3), np.float32(_P**2 + _Q**2)
G_0, G_T, G_PT, G_PPT, G_U, G_QU, G_QQU = (
    np.float32(value) for value in (1 / _S, 1 / _T, _P / _T, _P**2 / _T, 1 / _U, _Q / _U, _Q**2 / _U)
)


@inlined
def _input_transform(d0: Vector, d1: Vector, d2: Vector, d3: Vector, d4: Vector, d5: Vector) -> tuple[Vector, ...]:
    """Multiply six numbers by B^T."""
    p, q = d4 - QQ * d2, P * (d3 - QQ * d1)
    u, v = d4 - PP * d2, Q * (d3 - PP * d1)
    return S * d0 - SUM * d2 + d4, p + q, p - q, u + v, u - v, S * d1 - SUM * d3 + d5


@inlined
def _output_transform(m0: Vector, m1: Vector, m2: Vector, m3: Vector, m4: Vector, m5: Vector) -> tuple[Vector, ...]:
    """Multiply six numbers by A^T."""
    p, q, u, v = m1 + m2, m1 - m2, m3 + m4, m3 - m4
    return m0 + p + u, P * q + Q * v, PP * p + QQ * u, PPP * q + QQQ * v + m5


@inlined
def _upstream_transform(d0: Vector, d1: Vector, d2: Vector, d3: Vector) -> tuple[Vector, ...]:
    """Multiply four numbers by A."""
    p, q = d0 + PP * d2, P * (d1 + PP * d3)
    u, v = d0 + QQ * d2, Q * (d1 + QQ * d3)
    return d0, p + q, p - q, u + v, u - v, d3


@inlined
def ask_for_next(image: FloatArray, n: int, h0: int, w0: int, rows: int, columns: int) -> None:
    """Ask for this many rows and columns from (h0, w0) on: what the next tile in the row is the first to see.

    That may be no part of the image, which does no harm.

    The rows of a tile lie too far apart for the processor to guess them. 32 to 32 channels, 4 images of 256x256 in
    memory: forward 4.95 to 4.6 ms, the kernel's gradient 6.7 to 5.4.
    """
    _, height, width, channels = image.shape
    row = channels * 4
    for i in range(rows):
        source = image.ctypes.data + ((n * height + h0 + i) * width + w0) * row
        for k in range(0, columns * row, 64):
            prefetch(source + k)


@inlined
def transform_input(x: FloatArray, n: int, h0: int, w0: int, temporary: int, target: int, step: int) -> None:
    """Write V of the tile whose inputs begin at (h0, w0); `step` bytes lie between two positions."""
    _, height, width, channels = x.shape
    row = channels * 4
    seen = (x.ctypes.data + ((n * height + h0) * width + w0) * row, row, h0, height, w0, width)
    written_to = (target, step)
    if channels < TOGETHER:
        transform_square(VECTOR_BYTES, row, WINDOW, _input_column, seen, WINDOW, _input_row, written_to, temporary)
    else:
        transform_square(TOGETHER * 4, row, WINDOW, _input_column, seen, WINDOW, _input_row, written_to, temporary)


@inlined
def _input_column(seen: Any, b: int, c: int, t: int, pitch: int) -> None:
    """Write a column of B^T d."""
    source, row, h0, height, w0, width = seen
    zero = splat(np.float32(0))
    if 0 <= w0 + b < width:
        a, line = source + b * row + c, width * row
        d0 = load(a) if 0 <= h0 < height else zero
        d1 = load(a + line) if 0 <= h0 + 1 < height else zero
        d2 = load(a + 2 * line) if 0 <= h0 + 2 < height else zero
        d3 = load(a + 3 * line) if 0 <= h0 + 3 < height else zero
        d4 = load(a + 4 * line) if 0 <= h0 + 4 < height else zero
        d5 = load(a + 5 * line) if 0 <= h0 + 5 < height else zero
        store_six(t, 6 * pitch, _input_transform(d0, d1, d2, d3, d4, d5))
    else:
        store_six(t, 6 * pitch, (zero, zero, zero, zero, zero, zero))


@inlined
def _input_row(target: Any, a: int, c: int, t: int, pitch: int) -> None:
    """Write a row of V."""
    v, step = target
    store_six(v + a * 6 * step + c, step, _input_transform(*load_six(t, pitch)))


@inlined
def transform_output(
    source: int, step: int, temporary: int, bias: FloatArray, least: Real, y: FloatArray, n: int, h0: int, w0: int,
    past_cache: bool,
) -> None:  # fmt: skip
    """Write the outputs of a tile that lie inside the image: plus bias, and at least `least`, which is 0 for a ReLU."""
    _, height, width, filters = y.shape
    row = filters * 4
    seen = (source, step)
    target = (
        y.ctypes.data + ((n * height + h0) * width + w0) * row, row, width, w0, bias.ctypes.data, least, past_cache,
    )  # fmt: skip
    rows = min(TILE, height - h0)
    if filters < TOGETHER:
        transform_square(VECTOR_BYTES, row, WINDOW, _output_column, seen, rows, _output_row, target, temporary)
    else:
        transform_square(TOGETHER * 4, row, WINDOW, _output_column, seen, rows, _output_row, target, temporary)


@inlined
def _output_column(seen: Any, b: int, f: int, t: int, pitch: int) -> None:
    """Write a column of A^T M."""
    source, step = seen
    r0, r1, r2, r3 = _output_transform(*load_six(source + b * step + f, 6 * step))
    store(t, r0)
    store(t + 6 * pitch, r1)
    store(t + 12 * pitch, r2)
    store(t + 18 * pitch, r3)


@inlined
def _output_row(target: Any, a: int, f: int, t: int, pitch: int) -> None:
    """Write a row of outputs, those that lie inside the image."""
    y, pixel, width, w0, bias, least, past_cache = target
    offset, lowest, columns, place = load(bias + f), splat(least), width - w0, y + a * width * pixel + f
    r0, r1, r2, r3 = _output_transform(*load_six(t, pitch))
    write(place, maximum(r0 + offset, lowest), past_cache)
    if columns > 1:
        write(place + pixel, maximum(r1 + offset, lowest), past_cache)
    if columns > 2:
        write(place + 2 * pixel, maximum(r2 + offset, lowest), past_cache)
    if columns > 3:
        write(place + 3 * pixel, maximum(r3 + offset, lowest), past_cache)


@inlined
def transform_upstream(dy: FloatArray, n: int, h0: int, w0: int, temporary: int, target: int, step: int) -> None:
    """Write D of the tile whose outputs begin at (h0, w0); outputs beyond the image have no gradient."""
    _, height, width, filters = dy.shape
    row = filters * 4
    seen = (dy.ctypes.data + ((n * height + h0) * width + w0) * row, row, height - h0, w0, width)
    written_to = (target, step)
    if filters < TOGETHER:
        transform_square(VECTOR_BYTES, row, TILE, _upstream_column, seen, WINDOW, _upstream_row, written_to, temporary)
    else:
        transform_square(TOGETHER * 4, row, TILE, _upstream_column, seen, WINDOW, _upstream_row, written_to, temporary)


@inlined
def _upstream_column(seen: Any, b: int, f: int, t: int, pitch: int) -> None:
    """Write a column of A dy."""
    source, row, rows, w0, width = seen
    zero = splat(np.float32(0))
    if w0 + b < width:
        a, line = source + b * row + f, width * row
        d1 = load(a + line) if rows > 1 else zero
        d2 = load(a + 2 * line) if rows > 2 else zero
        d3 = load(a + 3 * line) if rows > 3 else zero
        store_six(t, 4 * pitch, _upstream_transform(load(a), d1, d2, d3))
    else:
        store_six(t, 4 * pitch, (zero, zero, zero, zero, zero, zero))


@inlined
def _upstream_row(target: Any, a: int, f: int, t: int, pitch: int) -> None:
    """Write a row of D."""
    d, step = target
    r = _upstream_transform(load(t), load(t + pitch), load(t + 2 * pitch), load(t + 3 * pitch))
    store_six(d + a * 6 * step + f, step, r)


@inlined
def _kernel_transform(address: int, step: int) -> Any:
    """Multiply three numbers by G."""
    g0, g1, g2 = load(address), load(address + step), load(address + 2 * step)
    a, b = G_T * g0 + G_PPT * g2, G_PT * g1
    c, d = G_U * g0 + G_QQU * g2, G_QU * g1
    return G_0 * g0, a + b, a - b, c + d, c - d, g2


@inlined
def _kernel_gradient_transform(source: int, step: int, target: int, target_step: int) -> None:
    """Multiply six numbers by G^T."""
    u0, u1, u2, u3, u4, u5 = load_six(source, step)
    p, q, r, s = u1 + u2, u1 - u2, u3 + u4, u3 - u4
    store(target, G_0 * u0 + G_T * p + G_U * r)
    store(target + target_step, G_PT * q + G_QU * s)
    store(target + 2 * target_step, G_PPT * p + G_QQU * r + u5)


@kernel
def transform_kernel(start: int, stop: int, kernel: Any, matrices: Any, past_cache: bool) -> None:
    """Write the matrices of channels start .. stop."""
    kernel_matrices(TAPS, _kernel_transform, start, stop, kernel, matrices, past_cache)
    written()


@kernel
def transform_kernel_gradient(start: int, stop: int, partial: Any, dkernel: Any) -> None:
    """Write dg of channels start .. stop."""
    kernel_gradients(TAPS, _kernel_gradient_transform, start, stop, partial, dkernel)
