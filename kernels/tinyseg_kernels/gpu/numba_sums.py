"""Sums over all axes but the last by Numba kernels.

For biases, and for partial results that several blocks have left behind.

The rows of (P, C) are folded: with G groups, row p is added to the sum of group p % G, and the G sums are folded again
until one is left. Each number of a group's sum is made by one thread in a fixed order, so two runs give the same bits,
and a sum in float32 has chains of `ROWS_PER_THREAD` additions, not of P: the rounding error hardly grows with P. Thread
t of G * C reads the numbers t, t + G*C, t + 2*G*C, ..., so that neighbouring threads read neighbouring numbers whatever
C is.
"""

from __future__ import annotations

from ..device import empty, zeros
from ..types import FloatArray
from .cuda import blocks
from .numba_cuda import cuda, jit, launch

ROWS_PER_THREAD = 64
"""Rows that one thread adds up: enough that the sums written are few beside the numbers read, few enough for many
threads and short chains."""

BLOCK = 128


@jit
def _fold(x: FloatArray, sums: FloatArray) -> None:
    """sums[t] = x[t] + x[t + T] + x[t + 2*T] + ..., where T is the number of sums."""
    t = cuda.grid(1)
    if t < sums.size:
        total = x[t]
        for k in range(t + sums.size, x.size, sums.size):
            total += x[k]
        sums[t] = total


def sum_rows(rows: FloatArray) -> FloatArray:
    """Sum a contiguous device array (P, C) to (C,); zeros for no rows."""
    count, columns = rows.shape
    if count == 0:
        return zeros((columns,), rows.dtype)
    while True:
        groups = -(-count // ROWS_PER_THREAD)
        sums = empty((groups, columns), rows.dtype)
        launch(_fold, blocks(sums.size, BLOCK), BLOCK, rows.reshape(-1), sums.reshape(-1))
        if groups == 1:
            return sums.reshape(columns)
        rows, count = sums, groups


PTX_SIGNATURES = [(_fold, ("float32[::1]", "float32[::1]"))]
"""For the check that float32 stays float32."""
