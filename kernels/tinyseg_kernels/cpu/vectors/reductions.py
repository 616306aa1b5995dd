"""Sums over all axes but the last, which biases and batch statistics need."""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import numpy as np

from ...types import FloatArray
from ..compiled import kernel
from ..gemm.micro_kernel import LANES
from ..memory.buffers import empty
from ..memory.non_temporal import too_large_to_stay, write, written
from ..memory.prefetch import prefetch
from ..threading.threads import get_num_threads, parallel_parts
from .channels import PAIR, add_pair, first_of_pair, rows_of_block, second_of_pair
from .vectors import load, splat, where_positive


class OfBias(Protocol):
    """The cache of an operation that may have a bias."""

    @property
    def has_bias(self) -> bool:
        """Whether it has one."""


Of = TypeVar("Of", bound=OfBias)

ROWS_AT_A_TIME = 64
"""Rows added up in float32 before they go into a float64 sum: few enough that their rounding does not count, many
enough that the conversion does not."""


def sum_to_last_axis(x: FloatArray) -> FloatArray:
    """Sum x (..., C) to (C,): rows of a block in float32, blocks in float64, in a threads' number's own order."""
    rows = np.ascontiguousarray(x).reshape(-1, x.shape[-1])
    blocks = -(-len(rows) // ROWS_AT_A_TIME)
    parts = max(1, min(get_num_threads(), blocks))
    totals = np.zeros((parts, x.shape[-1]))
    if blocks:
        parallel_parts(_sum, blocks, parts, rows, totals)
    return totals.sum(axis=0).astype(x.dtype)


@kernel
def _sum(part: int, start: int, stop: int, rows: FloatArray, totals: FloatArray) -> None:
    channels = rows.shape[1]
    row, zero = channels * 4, splat(np.float32(0))
    sums = np.empty(channels, np.float32)
    step = min(ROWS_AT_A_TIME, rows_of_block(channels))
    for block in range(start, stop):
        begin, end = block * ROWS_AT_A_TIME, min((block + 1) * ROWS_AT_A_TIME, rows.shape[0])
        sums[:] = 0
        if channels < LANES:
            for r in range(begin, end):
                for c in range(channels):
                    sums[c] += rows[r, c]
        else:
            for first in range(begin, end, step):
                last = min(first + step, end)
                for c in range(0, channels, PAIR):
                    i, j = first_of_pair(c, channels), second_of_pair(c, channels)
                    s_i = s_j = zero
                    for r in range(rows.ctypes.data + first * row, rows.ctypes.data + last * row, row):
                        prefetch(r + step * row + i)
                        prefetch(r + step * row + j)
                        s_i, s_j = s_i + load(r + i), s_j + load(r + j)
                    add_pair(sums.ctypes.data, c, channels, s_i, s_j)
        for c in range(channels):
            totals[part, c] += sums[c]


def masked_and_summed(dy: FloatArray, y: FloatArray, overwrite_dy: bool = False) -> tuple[FloatArray, FloatArray]:
    """Return dy where y > 0, else 0, and its column sums: a ReLU's backward and dbias before it, in one pass.

    With `overwrite_dy` the first result is written where dy was, if dy lies in one piece and may be written: memory
    that is in the cache already, and half of what both need.
    """
    upstream = np.ascontiguousarray(dy).reshape(-1, dy.shape[-1])
    dz = dy if overwrite_dy and dy.flags.carray else empty(dy.shape, dy.dtype)
    blocks = -(-len(upstream) // ROWS_AT_A_TIME)
    parts = max(1, min(get_num_threads(), blocks))
    totals = np.zeros((parts, dy.shape[-1]))
    if blocks:
        parallel_parts(
            _mask_and_sum, blocks, parts, upstream, y.reshape(upstream.shape), dz.reshape(upstream.shape), totals,
            too_large_to_stay(dz),
        )  # fmt: skip
    return dz, totals.sum(axis=0).astype(dy.dtype)


class FusedCache(NamedTuple, Generic[Of]):
    """The cache of an operation with a bias that computed the ReLU after it, and its y."""

    operation: Of
    y: FloatArray

    def through_relu(self, dy: FloatArray, overwrite_dy: bool = False) -> tuple[FloatArray, MaskedCache[Of]]:
        """Return upstream gradient and cache of the operation itself."""
        dz, dbias = masked_and_summed(dy, self.y, overwrite_dy)
        return dz, MaskedCache(self.operation, dbias if self.operation.has_bias else None)


class MaskedCache(NamedTuple, Generic[Of]):
    """The cache of an operation, and the gradient of its bias, which is known already."""

    operation: Of
    dbias: FloatArray | None


@kernel
def _mask_and_sum(part: int, start: int, stop: int, dy: Any, y: Any, dz: Any, totals: Any, past_cache: bool) -> None:
    channels = dy.shape[1]
    row, zero = channels * 4, splat(np.float32(0))
    sums = np.empty(channels, np.float32)
    step = min(ROWS_AT_A_TIME, rows_of_block(channels))
    for block in range(start, stop):
        begin, end = block * ROWS_AT_A_TIME, min((block + 1) * ROWS_AT_A_TIME, dy.shape[0])
        sums[:] = 0
        if channels < LANES:
            for r in range(begin, end):
                for c in range(channels):
                    dz[r, c] = dy[r, c] if y[r, c] > 0 else np.float32(0)
                    sums[c] += dz[r, c]
        else:
            for first in range(begin, end, step):
                last = min(first + step, end)
                for c in range(0, channels, PAIR):
                    i, j = first_of_pair(c, channels), second_of_pair(c, channels)
                    s_i = s_j = zero
                    for r in range(first * row, last * row, row):
                        d_i = where_positive(load(y.ctypes.data + r + i), load(dy.ctypes.data + r + i))
                        d_j = where_positive(load(y.ctypes.data + r + j), load(dy.ctypes.data + r + j))
                        write(dz.ctypes.data + r + i, d_i, past_cache)
                        write(dz.ctypes.data + r + j, d_j, past_cache)
                        s_i, s_j = s_i + d_i, s_j + d_j
                    add_pair(sums.ctypes.data, c, channels, s_i, s_j)
        for c in range(channels):
            totals[part, c] += sums[c]
    written()
