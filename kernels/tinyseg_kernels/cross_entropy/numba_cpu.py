"""cross_entropy compiled for the CPU: the sum and the loss of a row in one pass, its gradient in another.

Logarithms are taken in vectors.
"""

from __future__ import annotations

import numpy as np

from ..cpu.compiled import kernel
from ..cpu.memory.buffers import empty
from ..cpu.threading.threads import parallel
from ..cpu.vectors.probabilities import at_least_smallest, is_class, log_of_clipped, number_of_class
from ..cpu.vectors.rows import as_rows, block_of_rows, blocks_of_rows, repeat, write_sums
from ..types import Array, FloatArray, IntArray
from . import numpy_cpu
from .cache import DistributionsCache, IdsCache


def cross_entropy_forward(p: FloatArray, target: Array) -> tuple[FloatArray, DistributionsCache | IdsCache]:
    """loss = - sum of t * log(p / sum of p); a class id picks its one term."""
    if p.dtype != np.float32 or p.size == 0:
        return numpy_cpu.cross_entropy_forward(p, target)
    rows, loss, totals = as_rows(p), empty(p.shape[:-1], p.dtype), empty((p.size // p.shape[-1],), p.dtype)
    block, blocks = block_of_rows(p.shape[-1]), blocks_of_rows(*as_rows(p).shape)
    if target.ndim == p.ndim:
        parallel(_forward_shares, blocks, rows, as_rows(target), loss.reshape(-1), totals, block)
        return loss, (target, p, totals)
    ids, right = np.ascontiguousarray(target, np.int64).reshape(-1), empty(totals.shape, p.dtype)
    parallel(_forward_ids, blocks, rows, ids, loss.reshape(-1), totals, right, block)
    return loss, (ids, right, totals, p.shape)


@kernel
def _forward_ids(
    start: int, stop: int, p: FloatArray, ids: IntArray, loss: FloatArray, totals: FloatArray, right: FloatArray,
    block: int,
) -> None:  # fmt: skip
    for b in range(start, stop):
        first, last = b * block, min((b + 1) * block, p.shape[0])
        for r in range(first, last):
            total = np.float32(0)
            for k in range(p.shape[1]):
                total += p[r, k]
            totals[r] = total
            right[r] = number_of_class(p[r], ids[r])
        cost, of_class, total_of = loss[first:last], right[first:last], totals[first:last]
        for k in range(cost.size):  # a loop of its own: in vectors
            cost[k] = -log_of_clipped(of_class[k] / total_of[k])


@kernel
def _forward_shares(start: int, stop: int, p: Array, t: Array, loss: Array, totals: Array, block: int) -> None:
    columns, one = p.shape[1], np.float32(1)
    values, flat_p, flat_t = np.empty(block * columns, np.float32), p.reshape(p.size), t.reshape(t.size)
    for b in range(start, stop):
        first, last = b * block, min((b + 1) * block, p.shape[0])
        total_of, rows = totals[first:last], values.reshape(block, columns)
        write_sums(p[first:last], one, total_of)
        repeat(total_of, one, rows)
        part, target = flat_p[first * columns : last * columns], flat_t[first * columns : last * columns]
        for k in range(part.size):  # the whole block in one loop: rows may be too short for vectors
            values[k] = target[k] * log_of_clipped(part[k] / values[k])
        write_sums(rows, -one, loss[first:last])


def cross_entropy_backward(dloss: FloatArray, cache: DistributionsCache | IdsCache) -> FloatArray:
    """dp = (sum of t / S - t / p) * dloss; for class ids, dloss / p is taken from dloss / S at the id."""
    dtype, shape = cache[1].dtype, cache[1].shape if len(cache) == 3 else cache[3]
    if dtype != np.float32 or 0 in shape:
        return numpy_cpu.cross_entropy_backward(dloss, cache)
    dp = empty(shape, dtype)
    scale, rows = np.ascontiguousarray(dloss).reshape(-1), dp.reshape(-1, shape[-1])
    if len(cache) == 3:
        target, p, totals = cache
        parallel(_backward_shares, len(rows), as_rows(p), as_rows(target), totals, scale, rows)
    else:
        ids, right, totals, _ = cache
        parallel(_backward_ids, len(rows), ids, right, totals, scale, rows)
    return dp


@kernel
def _backward_ids(
    start: int, stop: int, ids: IntArray, right: FloatArray, totals: FloatArray, scale: FloatArray, dp: FloatArray
) -> None:
    for r in range(start, stop):
        share = scale[r] / totals[r]
        for k in range(dp.shape[1]):
            dp[r, k] = share
        if is_class(ids[r], dp.shape[1]):
            dp[r, ids[r]] = share - scale[r] / at_least_smallest(right[r])
        else:
            dp[r] = np.float32(np.nan)


@kernel
def _backward_shares(start: int, stop: int, p: Array, t: Array, totals: Array, scale: Array, dp: Array) -> None:
    for r in range(start, stop):
        total = np.float32(0)
        for k in range(p.shape[1]):
            total += t[r, k]
        share = total / totals[r]
        for k in range(p.shape[1]):
            dp[r, k] = (share - t[r, k] / at_least_smallest(p[r, k])) * scale[r]
