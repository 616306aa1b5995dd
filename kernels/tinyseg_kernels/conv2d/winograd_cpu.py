r"""3x3 convolution with a quarter of the multiplications, on the CPU: Winograd's F(4x4, 3x3). The matrices and their derivation: `winograd.py`.

The outputs are cut into tiles of 4x4 pixels; the inputs that a tile needs are 6x6. For each tile

    V = B^T d B        36 numbers of each input channel, from the 6x6 inputs d
    M[p] = V[p] @ U[p]        for each of the 36 positions p: (tiles, C) @ (C, F), with U = G g G^T of the kernel
    y = A^T M A        4x4 outputs of each filter

so a tile costs 36 multiplications for each pair of channels instead of 16 * 9 = 144. V and M of a block of tiles are written, used and forgotten in a core's cache.

dx is the same with the kernel turned by 180 degrees and its channels swapped. dkernel has the same form: y = A^T [(G g G^T) * V] A is linear in g, so

    dU[p] = sum over tiles of V[p]^T @ D[p]   with D = A dy A^T (36 numbers of each filter, from 4x4 of dy)        dg = G^T dU G
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.buffers import empty, zeros
from ..cpu.compiled import inlined, kernel
from ..cpu.micro_kernel import COLUMNS, LANES, ROWS, row_add, tile, tile_add
from ..cpu.packing import packed, panels
from ..cpu.threads import get_num_threads, parallel_parts
from ..cpu.vectors import load, splat, store
from ..types import Array, Pair

TILE, WINDOW, POSITIONS = 4, 6, 36
BLOCK_BYTES = 320 << 10
"""Size of V and M of a block of tiles."""

G = np.array(
    [
        [1 / 4, 0, 0],
        [-1 / 6, -1 / 6, -1 / 6],
        [-1 / 6, 1 / 6, -1 / 6],
        [1 / 24, 1 / 12, 1 / 6],
        [1 / 24, -1 / 12, 1 / 6],
        [0, 0, 1],
    ]
)


def suits(channels: int, filters: int, window: Pair, strides: Pair, dilation_rate: Pair) -> bool:
    """Return whether the transforms pay: they cost as much as a few channels' products."""
    return (
        window == (3, 3)
        and strides == (1, 1)
        and dilation_rate == (1, 1)
        and channels % LANES == 0
        and channels >= 32
        and filters % LANES == 0
        and filters >= 32
    )


def forward(x: Array, kernel: Array, bias: Array | None, out: Pair, padding: tuple[Pair, Pair]) -> Array:
    """Return y (N, *out, F); `padding` may be negative."""
    channels, filters = kernel.shape[2:]
    y = empty((len(x), *out, filters), x.dtype)
    if y.size == 0:
        return y
    transformed = np.einsum("ai,ijcf,bj->abcf", G, kernel.astype(np.float64), G, optimize=True).astype(np.float32)
    matrices = packed(transformed.reshape(POSITIONS, channels, filters))
    tiles = len(x) * -(-out[0] // TILE) * -(-out[1] // TILE)
    width = panels(filters) * COLUMNS
    block = _block(channels + width, tiles)
    jobs = -(-tiles // block)
    parts = min(get_num_threads(), jobs)
    v, m = empty((parts, POSITIONS, block, channels), x.dtype), empty((parts, POSITIONS, block, width), x.dtype)
    temporary = empty((parts, POSITIONS, LANES), x.dtype)
    no_bias = np.zeros(filters, x.dtype)
    parallel_parts(
        _forward, jobs, parts, np.ascontiguousarray(x), matrices, no_bias if bias is None else bias, y, v, m, temporary, tiles,
        padding[0][0], padding[1][0],
    )  # fmt: skip
    return y


def _block(numbers: int, tiles: int) -> int:
    """Return how many tiles a block has: a multiple of the micro-kernel's rows."""
    fitting = max(1, BLOCK_BYTES // (POSITIONS * numbers * 4) // ROWS)
    share = max(1, -(-tiles // get_num_threads()) // ROWS)
    return ROWS * min(fitting, share)


@inlined
def _input_transform(d0: Any, d1: Any, d2: Any, d3: Any, d4: Any, d5: Any) -> Any:
    """Multiply six numbers by B^T."""
    four, five, two = np.float32(4), np.float32(5), np.float32(2)
    p, q = d4 - four * d2, d3 - four * d1
    u, v = d4 - d2, two * (d3 - d1)
    return four * d0 - five * d2 + d4, p + q, p - q, u + v, u - v, four * d1 - five * d3 + d5


@inlined
def _output_transform(m0: Any, m1: Any, m2: Any, m3: Any, m4: Any, m5: Any) -> Any:
    """Multiply six numbers by A^T."""
    p, q, u, v = m1 + m2, m1 - m2, m3 + m4, m3 - m4
    return m0 + p + u, q + np.float32(2) * v, p + np.float32(4) * u, q + np.float32(8) * v + m5


@inlined
def _upstream_transform(d0: Any, d1: Any, d2: Any, d3: Any) -> Any:
    """Multiply four numbers by A."""
    p, q = d0 + d2, d1 + d3
    u, v = d0 + np.float32(4) * d2, np.float32(2) * d1 + np.float32(8) * d3
    return d0, p + q, p - q, u + v, u - v, d3


@inlined
def _transform_input(x: Any, n: int, h0: int, w0: int, temporary: int, target: int, step: int) -> None:
    """Write V of the tile whose inputs begin at (h0, w0); `step` bytes lie between two positions."""
    _, height, width, channels = x.shape
    vector = LANES * 4
    zero = splat(np.float32(0))
    for c in range(0, channels, LANES):
        source = x.ctypes.data + ((n * height + h0) * width + w0) * channels * 4 + c * 4
        line = width * channels * 4
        for b in range(WINDOW):
            if 0 <= w0 + b < width:
                a = source + b * channels * 4
                d0 = load(a) if 0 <= h0 < height else zero
                d1 = load(a + line) if 0 <= h0 + 1 < height else zero
                d2 = load(a + 2 * line) if 0 <= h0 + 2 < height else zero
                d3 = load(a + 3 * line) if 0 <= h0 + 3 < height else zero
                d4 = load(a + 4 * line) if 0 <= h0 + 4 < height else zero
                d5 = load(a + 5 * line) if 0 <= h0 + 5 < height else zero
                r0, r1, r2, r3, r4, r5 = _input_transform(d0, d1, d2, d3, d4, d5)
            else:
                r0, r1, r2, r3, r4, r5 = zero, zero, zero, zero, zero, zero
            t = temporary + b * vector
            store(t, r0)
            store(t + 6 * vector, r1)
            store(t + 12 * vector, r2)
            store(t + 18 * vector, r3)
            store(t + 24 * vector, r4)
            store(t + 30 * vector, r5)
        for a in range(WINDOW):
            t = temporary + a * 6 * vector
            r0, r1, r2, r3, r4, r5 = _input_transform(
                load(t), load(t + vector), load(t + 2 * vector), load(t + 3 * vector), load(t + 4 * vector), load(t + 5 * vector)
            )  # fmt: skip
            v = target + a * 6 * step + c * 4
            store(v, r0)
            store(v + step, r1)
            store(v + 2 * step, r2)
            store(v + 3 * step, r3)
            store(v + 4 * step, r4)
            store(v + 5 * step, r5)


@inlined
def _transform_output(source: int, step: int, temporary: int, bias: Any, y: Any, n: int, h0: int, w0: int) -> None:
    """Write the outputs of a tile that lie inside the image."""
    _, height, width, filters = y.shape
    vector = LANES * 4
    for f in range(0, filters, LANES):
        offset = load(bias.ctypes.data + f * 4)
        for b in range(WINDOW):
            m = source + b * step + f * 4
            r0, r1, r2, r3 = _output_transform(
                load(m), load(m + 6 * step), load(m + 12 * step), load(m + 18 * step), load(m + 24 * step), load(m + 30 * step)
            )  # fmt: skip
            t = temporary + b * vector
            store(t, r0)
            store(t + 6 * vector, r1)
            store(t + 12 * vector, r2)
            store(t + 18 * vector, r3)
        for a in range(min(TILE, height - h0)):
            t = temporary + a * 6 * vector
            r0, r1, r2, r3 = _output_transform(
                load(t), load(t + vector), load(t + 2 * vector), load(t + 3 * vector), load(t + 4 * vector), load(t + 5 * vector)
            )  # fmt: skip
            target = y.ctypes.data + (((n * height + h0 + a) * width + w0) * filters + f) * 4
            store(target, r0 + offset)
            if w0 + 1 < width:
                store(target + filters * 4, r1 + offset)
            if w0 + 2 < width:
                store(target + 2 * filters * 4, r2 + offset)
            if w0 + 3 < width:
                store(target + 3 * filters * 4, r3 + offset)


@kernel
def _forward(
    part: int, start: int, stop: int, x: Any, matrices: Any, bias: Any, y: Any, vs: Any, ms: Any, temporaries: Any, tiles: int,
    top: int, left: int,
) -> None:  # fmt: skip
    across, down = -(-y.shape[2] // TILE), -(-y.shape[1] // TILE)
    block, channels, width = vs.shape[2], vs.shape[3], ms.shape[3]
    v, m, temporary = vs[part].ctypes.data, ms[part].ctypes.data, temporaries[part].ctypes.data
    v_step, m_step = block * channels * 4, block * width * 4
    for job in range(start, stop):
        first = job * block
        count = min(block, tiles - first)
        for t in range(count):
            n, place = (first + t) // (down * across), (first + t) % (down * across)
            _transform_input(
                x,
                n,
                place // across * TILE - top,
                place % across * TILE - left,
                temporary,
                v + t * channels * 4,
                v_step,
            )
        for p in range(POSITIONS):
            for panel in range(matrices.shape[1]):
                b = matrices.ctypes.data + (p * matrices.shape[1] + panel) * channels * COLUMNS * 4
                for t in range(0, count, ROWS):  # rows beyond the count are old numbers, whose products nobody reads
                    tile(
                        v + p * v_step + t * channels * 4, channels * 4, 4, b, COLUMNS * 4,
                        m + p * m_step + (t * width + panel * COLUMNS) * 4, width * 4, channels,
                    )  # fmt: skip
        for t in range(count):
            n, place = (first + t) // (down * across), (first + t) % (down * across)
            _transform_output(
                m + t * width * 4, m_step, temporary, bias, y, n, place // across * TILE, place % across * TILE
            )


def kernel_gradient(x: Array, dy: Array, padding: tuple[Pair, Pair]) -> Array:
    """Return dkernel (3, 3, C, F)."""
    channels, filters = x.shape[3], dy.shape[3]
    tiles = len(x) * -(-dy.shape[1] // TILE) * -(-dy.shape[2] // TILE)
    width = panels(filters) * COLUMNS
    block = _block(channels + width, tiles)
    jobs = -(-tiles // block)
    parts = max(1, min(get_num_threads(), jobs))
    partial = zeros((parts, POSITIONS, channels, width), x.dtype)
    if jobs:
        v, d = empty((parts, POSITIONS, block, channels), x.dtype), empty((parts, POSITIONS, block, width), x.dtype)
        temporary = empty((parts, POSITIONS, LANES), x.dtype)
        parallel_parts(
            _kernel_gradient, jobs, parts, np.ascontiguousarray(x), np.ascontiguousarray(dy), v, d, temporary, partial, tiles,
            padding[0][0], padding[1][0],
        )  # fmt: skip
    total = partial[0]
    for other in partial[1:]:
        total += other
    spread = total.reshape(WINDOW, WINDOW, channels, width)[..., :filters]
    return np.einsum("ai,abcf,bj->ijcf", G.astype(np.float32), spread, G.astype(np.float32), optimize=True)


@inlined
def _transform_upstream(dy: Any, n: int, h0: int, w0: int, temporary: int, target: int, step: int) -> None:
    """Write D of the tile whose outputs begin at (h0, w0); outputs beyond the image have no gradient."""
    _, height, width, filters = dy.shape
    vector = LANES * 4
    zero = splat(np.float32(0))
    line = width * filters * 4
    for f in range(0, filters, LANES):
        source = dy.ctypes.data + (((n * height + h0) * width + w0) * filters + f) * 4
        for b in range(TILE):
            if w0 + b < width:
                a = source + b * filters * 4
                d1 = load(a + line) if h0 + 1 < height else zero
                d2 = load(a + 2 * line) if h0 + 2 < height else zero
                d3 = load(a + 3 * line) if h0 + 3 < height else zero
                r0, r1, r2, r3, r4, r5 = _upstream_transform(load(a), d1, d2, d3)
            else:
                r0, r1, r2, r3, r4, r5 = zero, zero, zero, zero, zero, zero
            t = temporary + b * vector
            store(t, r0)
            store(t + 4 * vector, r1)
            store(t + 8 * vector, r2)
            store(t + 12 * vector, r3)
            store(t + 16 * vector, r4)
            store(t + 20 * vector, r5)
        for a in range(WINDOW):
            t = temporary + a * 4 * vector
            r0, r1, r2, r3, r4, r5 = _upstream_transform(
                load(t), load(t + vector), load(t + 2 * vector), load(t + 3 * vector)
            )
            d = target + a * 6 * step + f * 4
            store(d, r0)
            store(d + step, r1)
            store(d + 2 * step, r2)
            store(d + 3 * step, r3)
            store(d + 4 * step, r4)
            store(d + 5 * step, r5)


@kernel
def _kernel_gradient(
    part: int,
    start: int,
    stop: int,
    x: Any,
    dy: Any,
    vs: Any,
    ds: Any,
    temporaries: Any,
    partial: Any,
    tiles: int,
    top: int,
    left: int,
) -> None:
    across, down = -(-dy.shape[2] // TILE), -(-dy.shape[1] // TILE)
    block, channels, width = vs.shape[2], vs.shape[3], ds.shape[3]
    v, d, temporary = vs[part].ctypes.data, ds[part].ctypes.data, temporaries[part].ctypes.data
    v_step, d_step = block * channels * 4, block * width * 4
    for job in range(start, stop):
        first = job * block
        count = min(block, tiles - first)
        for t in range(count):
            n, place = (first + t) // (down * across), (first + t) % (down * across)
            h0, w0 = place // across * TILE, place % across * TILE
            _transform_input(x, n, h0 - top, w0 - left, temporary, v + t * channels * 4, v_step)
            _transform_upstream(dy, n, h0, w0, temporary, d + t * width * 4, d_step)
        for p in range(POSITIONS):
            total = partial[part, p].ctypes.data
            for column in range(0, width, COLUMNS):
                c = 0
                while c + ROWS <= channels:
                    tile_add(
                        v + p * v_step + c * 4, 4, channels * 4, d + p * d_step + column * 4, width * 4,
                        total + (c * width + column) * 4, width * 4, count,
                    )  # fmt: skip
                    c += ROWS
                while c < channels:
                    row_add(
                        v + p * v_step + c * 4, 4, channels * 4, d + p * d_step + column * 4, width * 4,
                        total + (c * width + column) * 4, width * 4, count,
                    )  # fmt: skip
                    c += 1
