r"""Winograd's F(2x2, 5x5).

The kernels of a 5x5 convolution, whose tiles have 2x2 outputs and 6x6 inputs, with 36 multiplications instead of 100.

B^T is that of F(4x4, 3x3) (`transforms_3x3.py`), since it depends on the six points only. With the same names

    G = [1/s    0    0     0      0  ]      A^T = [1  1  1  1  1 0]
        [1/t  P/t pp/t  Ppp/t  pppp/t]            [0  P -P  Q -Q 1]
        [1/t -P/t pp/t -Ppp/t  pppp/t]
        [1/u  Q/u qq/u  Qqq/u  qqqq/u]
        [1/u -Q/u qq/u -Qqq/u  qqqq/u]
        [  0    0    0      0     1  ]

It needs four times as many tiles, so the transforms count more. How many channels it takes to pay:
`convolution.LEAST_CHANNELS_OF_5X5`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ....cpu.compiled import inlined, kernel
from ....cpu.memory.non_temporal import write, written
from ....cpu.vectors.vectors import Vector, load, maximum, splat, store
from ....types import FloatArray, Real
from .blocks import forward_of_blocks, gradient_of_blocks
from .squares import (
    VECTOR_BYTES,
    WINDOW,
    kernel_gradients,
    kernel_matrices,
    load_six,
    store_six,
    transform_square,
)
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
    P,
    Q,
)

TILE, TAPS = 2, 5

G_PPPT, G_PPPPT, G_QQQU, G_QQQQU = (
    np.float32(float(a) * float(b)) for a, b in ((G_PPT, P), (G_PPT, PP), (G_QQU, Q), (G_QQU, QQ))
)


@inlined
def _kernel_transform(address: int, step: int) -> Any:
    """Multiply five numbers by G."""
    g0, g1, g2 = load(address), load(address + step), load(address + 2 * step)
    g3, g4 = load(address + 3 * step), load(address + 4 * step)
    a, b = G_T * g0 + G_PPT * g2 + G_PPPPT * g4, G_PT * g1 + G_PPPT * g3
    c, d = G_U * g0 + G_QQU * g2 + G_QQQQU * g4, G_QU * g1 + G_QQQU * g3
    return G_0 * g0, a + b, a - b, c + d, c - d, g4


@inlined
def _kernel_gradient_transform(source: int, step: int, target: int, target_step: int) -> None:
    """Multiply six numbers by G^T."""
    u0, u1, u2, u3, u4, u5 = load_six(source, step)
    p, q, r, s = u1 + u2, u1 - u2, u3 + u4, u3 - u4
    store(target, G_0 * u0 + G_T * p + G_U * r)
    store(target + target_step, G_PT * q + G_QU * s)
    store(target + 2 * target_step, G_PPT * p + G_QQU * r)
    store(target + 3 * target_step, G_PPPT * q + G_QQQU * s)
    store(target + 4 * target_step, G_PPPPT * p + G_QQQQU * r + u5)


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
    row = filters * 4
    seen = (source, step)
    target = (
        y.ctypes.data + ((n * height + h0) * width + w0) * row, row, width, w0, bias.ctypes.data, least, past_cache,
    )  # fmt: skip
    rows = min(TILE, height - h0)
    transform_square(VECTOR_BYTES, row, WINDOW, _output_column, seen, rows, _output_row, target, temporary)


@inlined
def _output_column(seen: Any, b: int, f: int, t: int, pitch: int) -> None:
    """Write a column of A^T M."""
    source, step = seen
    r0, r1 = _output_transform(*load_six(source + b * step + f, 6 * step))
    store(t, r0)
    store(t + 6 * pitch, r1)


@inlined
def _output_row(target: Any, a: int, f: int, t: int, pitch: int) -> None:
    """Write a row of outputs, those that lie inside the image."""
    y, pixel, width, w0, bias, least, past_cache = target
    offset, lowest, place = load(bias + f), splat(least), y + a * width * pixel + f
    r0, r1 = _output_transform(*load_six(t, pitch))
    write(place, maximum(r0 + offset, lowest), past_cache)
    if w0 + 1 < width:
        write(place + pixel, maximum(r1 + offset, lowest), past_cache)


@inlined
def _transform_upstream(dy: FloatArray, n: int, h0: int, w0: int, temporary: int, target: int, step: int) -> None:
    """Write D of the tile whose outputs begin at (h0, w0)."""
    _, height, width, filters = dy.shape
    row = filters * 4
    seen = (dy.ctypes.data + ((n * height + h0) * width + w0) * row, row, height - h0, w0, width)
    written_to = (target, step)
    transform_square(VECTOR_BYTES, row, TILE, _upstream_column, seen, WINDOW, _upstream_row, written_to, temporary)


@inlined
def _upstream_column(seen: Any, b: int, f: int, t: int, pitch: int) -> None:
    """Write a column of A dy."""
    source, row, rows, w0, width = seen
    d0 = d1 = splat(np.float32(0))
    if w0 + b < width:
        a = source + b * row + f
        d0 = load(a)
        if rows > 1:
            d1 = load(a + width * row)
    store_six(t, 2 * pitch, _upstream_transform(d0, d1))


@inlined
def _upstream_row(target: Any, a: int, f: int, t: int, pitch: int) -> None:
    """Write a row of D."""
    d, step = target
    store_six(d + a * 6 * step + f, step, _upstream_transform(load(t), load(t + pitch)))


@kernel
def transform_kernel(start: int, stop: int, kernel: Any, matrices: Any, past_cache: bool) -> None:
    """Write the matrices of channels start .. stop."""
    kernel_matrices(TAPS, _kernel_transform, start, stop, kernel, matrices, past_cache)
    written()


@kernel
def transform_kernel_gradient(start: int, stop: int, partial: Any, dkernel: Any) -> None:
    """Write dg of channels start .. stop."""
    kernel_gradients(TAPS, _kernel_gradient_transform, start, stop, partial, dkernel)


@kernel
def forward(
    part: int, start: int, stop: int, x: FloatArray, matrices: FloatArray, bias: FloatArray, y: FloatArray,
    vs: FloatArray, ms: FloatArray, temporaries: FloatArray, tiles: int, block: int, top: int, left: int, relu: bool,
    past_cache: bool, is_far: bool,
) -> None:  # fmt: skip
    """Write the outputs of blocks start .. stop."""
    forward_of_blocks(
        TILE, _transform_output, part, start, stop, x, matrices, bias, y, vs, ms, temporaries, tiles, block, top, left,
        relu, past_cache, is_far,
    )  # fmt: skip
    written()


@kernel
def kernel_gradient(
    part: int, start: int, stop: int, x: FloatArray, dy: FloatArray, vs: FloatArray, ds: FloatArray,
    temporaries: FloatArray, partial: FloatArray, totals: FloatArray, tiles: int, block: int, group: int, top: int,
    left: int, x_is_far: bool, dy_is_far: bool,
) -> None:  # fmt: skip
    """Write a thread's dU (36, numbers of (C, width) or more) of blocks start .. stop."""
    gradient_of_blocks(
        TILE, _transform_upstream, part, start, stop, x, dy, vs, ds, temporaries, partial, totals, tiles, block, group,
        top, left, x_is_far, dy_is_far,
    )  # fmt: skip
