"""The loops of Winograd's transforms, for tiles of any number of outputs, which pass what they do to six numbers.

A transform of a square is a matrix from the left, on its columns, then from the right, on its rows, of each channel.
The columns' results go through a small buffer in the first-level cache, since 36 vectors are more than there are
registers. All addresses and steps are in bytes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ....cpu.compiled import inlined, shared
from ....cpu.gemm.micro_kernel import COLUMNS, LANES
from ....cpu.memory.non_temporal import write
from ....cpu.sizes import SIZES
from ....cpu.vectors.vectors import load, store

WINDOW, POSITIONS = 6, 36
"""Inputs that a tile sees each way, and in all; as many numbers each transform has in between."""

TOGETHER = SIZES.winograd_channels_together

VECTOR_BYTES = LANES * 4


@inlined
def load_six(address: int, step: int) -> Any:
    """Load six vectors, `step` bytes apart."""
    return (
        load(address), load(address + step), load(address + 2 * step), load(address + 3 * step),
        load(address + 4 * step), load(address + 5 * step),
    )  # fmt: skip


@inlined
def store_six(address: int, step: int, vectors: Any) -> None:
    """Store six vectors, `step` bytes apart."""
    store(address, vectors[0])
    store(address + step, vectors[1])
    store(address + 2 * step, vectors[2])
    store(address + 3 * step, vectors[3])
    store(address + 4 * step, vectors[4])
    store(address + 5 * step, vectors[5])


@shared
def transform_square(
    pitch: int, length: int, columns: int, column: Any, seen: Any, rows: int, row: Any, target: Any, temporary: int
) -> None:
    """Transform a square of `length` bytes of channels, `pitch` bytes of them at a time: a vector, or several.

    `column(seen, b, c, t, pitch)` writes column b of what is in between, of the channels from byte c on, to address t;
    `row(target, a, c, t, pitch)` makes row a of the result of its row there. Numbers lie `pitch` apart there, rows
    `columns` numbers.
    """
    for first in range(0, length, pitch):
        last = first + pitch if pitch == VECTOR_BYTES else min(first + pitch, length)
        for b in range(columns):
            for c in range(first, last, VECTOR_BYTES):
                column(seen, b, c, temporary + b * pitch + c - first, pitch)
        for a in range(rows):
            for c in range(first, last, VECTOR_BYTES):
                row(target, a, c, temporary + a * columns * pitch + c - first, pitch)


@shared
def kernel_matrices(
    taps: int, transform: Any, start: int, stop: int, kernel: Any, matrices: Any, past_cache: bool
) -> None:
    """Write U = G g G^T of channels start .. stop as matrices (36, numbers of panels (panels, C, COLUMNS) or more).

    Panel after panel: each position is then written in order. Of a panel that is half full the other half is never
    read. `transform(address, step)` multiplies as many numbers as the kernel has taps each way by G.
    """
    channels, filters = kernel.shape[2], kernel.shape[3]
    temporary = np.empty(6 * taps * LANES, np.float32)
    t, vector = temporary.ctypes.data, VECTOR_BYTES
    tap, step = channels * filters * 4, matrices.shape[1] * 4
    for first in range(0, filters, COLUMNS):
        last = min(first + COLUMNS, filters)
        for c in range(start, stop):
            for f in range(first, last, LANES):
                g = kernel.ctypes.data + (c * filters + f) * 4
                for j in range(taps):
                    store_six(t + j * vector, taps * vector, transform(g + j * tap, taps * tap))
                target = matrices.ctypes.data + (first * channels + c * COLUMNS + f - first) * 4
                for i in range(6):
                    r = transform(t + taps * i * vector, vector)
                    u = target + 6 * i * step
                    write(u, r[0], past_cache)
                    write(u + step, r[1], past_cache)
                    write(u + 2 * step, r[2], past_cache)
                    write(u + 3 * step, r[3], past_cache)
                    write(u + 4 * step, r[4], past_cache)
                    write(u + 5 * step, r[5], past_cache)


@shared
def kernel_gradients(taps: int, transform: Any, start: int, stop: int, partial: Any, dkernel: Any) -> None:
    """Add up dU of all parts, in order, and write dg = G^T dU G of channels start .. stop.

    The parts are (parts, 36, numbers of (C, width) or more). `transform(source, step, target, target_step)` multiplies
    six numbers by G^T and writes as many as the kernel has taps each way.
    """
    channels, filters = dkernel.shape[2], dkernel.shape[3]
    parts, width = partial.shape[0], -(-filters // LANES) * LANES
    temporary = np.empty((POSITIONS + 6 * taps) * LANES, np.float32)
    t, vector = temporary.ctypes.data, VECTOR_BYTES
    step, part = partial.shape[2] * 4, POSITIONS * partial.shape[2] * 4
    s, tap = t + 6 * taps * vector, channels * filters * 4
    for c in range(start, stop):
        for f in range(0, filters, LANES):
            u = partial.ctypes.data + (c * width + f) * 4
            for p in range(POSITIONS):
                total = load(u + p * step)
                for k in range(1, parts):
                    total = total + load(u + p * step + k * part)
                store(s + p * vector, total)
            for b in range(6):
                transform(s + b * vector, 6 * vector, t + b * vector, 6 * vector)
            g = dkernel.ctypes.data + (c * filters + f) * 4
            for i in range(taps):
                transform(t + 6 * i * vector, vector, g + taps * i * tap, tap)
