"""What all of Winograd's convolutions do with blocks of tiles: transforms, and products at each of the 36 positions."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....cpu.compiled import inlined, shared
from ....cpu.gemm.micro_kernel import COLUMNS, LANES, height_for, tile_of, tile_of_add
from ....types import FloatArray
from .squares import POSITIONS, WINDOW
from .transforms_3x3 import ask_for_next, transform_input


@inlined
def products_of_block(
    v: int, v_step: int, u: int, u_step: int, m: int, m_step: int, channels: int, width: int, count: int
) -> None:
    """Write M[p] = V[p] @ U[p] of this many tiles for all positions, which lie v_step, u_step and m_step bytes apart.

    U[p] in panels (panels, C, COLUMNS).
    """
    for p in range(POSITIONS):
        for column in range(0, width, COLUMNS):
            for t in range(
                0, count, height_for(width - column)
            ):  # rows beyond the count are old numbers, whose products nobody reads
                tile_of(
                    width - column, v + p * v_step + t * channels * 4, channels * 4, 4, u + p * u_step + column * channels * 4, COLUMNS * 4,
                    m + p * m_step + (t * width + column) * 4, width * 4, channels,
                )  # fmt: skip


@inlined
def sums_of_block(
    v: int, v_step: int, d: int, d_step: int, sums: int, sums_step: int, channels: int, width: int, count: int
) -> None:
    """Add V[p]^T @ D[p] of this many tiles to the sums (C or more, width) of all positions, which lie v_step, d_step and sums_step bytes apart."""
    for p in range(POSITIONS):
        for column in range(0, width, COLUMNS):
            for c in range(0, channels, height_for(width - column)):
                tile_of_add(
                    width - column, v + p * v_step + c * 4, 4, channels * 4, d + p * d_step + column * 4, width * 4,
                    sums + p * sums_step + (c * width + column) * 4, width * 4, count,
                )  # fmt: skip


@inlined
def flush(sums: FloatArray, totals: FloatArray) -> None:
    """Add sums to totals, and begin anew."""
    for k in range(sums.size):
        totals[k] += sums[k]
        sums[k] = 0


@inlined
def place_of(t: int, down: int, across: int, tile: int) -> Any:
    """Return the image of tile t, and the row and column of its first output."""
    n, place = t // (down * across), t % (down * across)
    return n, place // across * tile, place % across * tile


@shared
def forward_of_blocks(
    tile: int, transform_output: Any, part: int, start: int, stop: int, x: Any, matrices: Any, bias: Any, y: Any,
    vs: Any, ms: Any, temporaries: Any, tiles: int, block: int, top: int, left: int, relu: bool, past_cache: bool,
    is_far: bool,
) -> None:  # fmt: skip
    """Write the outputs of blocks start .. stop, for tiles of this many outputs each way."""
    across, down = -(-y.shape[2] // tile), -(-y.shape[1] // tile)
    channels, width = x.shape[3], -(-y.shape[3] // LANES) * LANES
    v, m, temporary = vs[part].ctypes.data, ms[part].ctypes.data, temporaries[part].ctypes.data
    v_step, m_step = vs.shape[2] * 4, ms.shape[2] * 4
    least = np.float32(0) if relu else np.float32(-np.inf)
    for job in range(start, stop):
        first = job * block
        count = min(block, tiles - first)
        for t in range(count):
            n, h0, w0 = place_of(first + t, down, across, tile)
            if is_far:
                ask_for_next(x, n, h0 - top, w0 - left + WINDOW, WINDOW, tile)
            transform_input(x, n, h0 - top, w0 - left, temporary, v + t * channels * 4, v_step)
        products_of_block(v, v_step, matrices.ctypes.data, matrices.shape[1] * 4, m, m_step, channels, width, count)
        for t in range(count):
            n, h0, w0 = place_of(first + t, down, across, tile)
            transform_output(m + t * width * 4, m_step, temporary, bias, least, y, n, h0, w0, past_cache)


@shared
def gradient_of_blocks(
    tile: int, transform_upstream: Any, part: int, start: int, stop: int, x: Any, dy: Any, vs: Any, ds: Any,
    temporaries: Any, partial: Any, totals: Any, tiles: int, block: int, group: int, top: int, left: int,
    x_is_far: bool, dy_is_far: bool,
) -> None:  # fmt: skip
    """Write a thread's dU (36, numbers of (C, width) or more) of blocks start .. stop, a group of blocks in one sum."""
    across, down = -(-dy.shape[2] // tile), -(-dy.shape[1] // tile)
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
            n, h0, w0 = place_of(first + t, down, across, tile)
            if x_is_far:
                ask_for_next(x, n, h0 - top, w0 - left + WINDOW, WINDOW, tile)
            if dy_is_far:
                ask_for_next(dy, n, h0, w0 + tile, tile, tile)
            transform_input(x, n, h0 - top, w0 - left, temporary, v + t * channels * 4, v_step)
            transform_upstream(dy, n, h0, w0, temporary, d + t * width * 4, d_step)
        sums_of_block(v, v_step, d, d_step, sums.ctypes.data, partial.shape[2] * 4, channels, width, count)
        if (job - start) % group == group - 1 or job == stop - 1:
            flush(sums, total_sums)
