"""What all of Winograd's convolutions do with a block of tiles, between the transforms: products at each of the 36 positions."""

from __future__ import annotations

from ....cpu.compiled import inlined
from ....cpu.gemm.micro_kernel import COLUMNS, height_for, tile_of, tile_of_add
from ....types import FloatArray
from .transforms_3x3 import POSITIONS


@inlined
def products_of_block(
    v: int, v_step: int, u: int, u_step: int, m: int, m_step: int, channels: int, width: int, count: int
) -> None:
    """Write M[p] = V[p] @ U[p] of this many tiles for all positions, which lie v_step, u_step and m_step bytes apart; U[p] in panels (panels, C, COLUMNS)."""
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
