"""softmax_cross_entropy compiled for the CPU.

Probabilities and loss in one pass over the logits, the gradient in another.

The loss needs one logarithm for each row. They are taken in vectors, for a block of rows whose largest logits and sums
the pass has left in the first-level cache.
"""

from __future__ import annotations

import numpy as np

from ..cpu.compiled import as_written, kernel
from ..cpu.gemm.micro_kernel import LANES
from ..cpu.memory.buffers import empty
from ..cpu.threading.threads import parallel
from ..cpu.vectors.logarithm import logarithm
from ..cpu.vectors.probabilities import is_class, number_of_class
from ..cpu.vectors.vectors import load, store
from ..softmax.numba_cpu import VECTOR_BYTES, block_of_rows, scratch_of_row, softmax_of_rows
from ..types import Array, FloatArray, IntArray, Real
from . import numpy_cpu
from .cache import SoftmaxCrossEntropyCache


def softmax_cross_entropy_forward(logits: FloatArray, target: Array) -> tuple[FloatArray, SoftmaxCrossEntropyCache]:
    """loss = sum of t * (log of the sum of exp(z) - z)."""
    if logits.dtype != np.float32 or logits.size == 0:
        return numpy_cpu.softmax_cross_entropy_forward(logits, target)
    rows = np.ascontiguousarray(logits).reshape(-1, logits.shape[-1])
    p, loss = empty(logits.shape, logits.dtype), empty(logits.shape[:-1], logits.dtype)
    block = block_of_rows(rows)
    blocks = -(-len(rows) // block)
    if target.ndim == logits.ndim:
        t = np.ascontiguousarray(target).reshape(rows.shape)
        parallel(_forward_shares, blocks, rows, t, p.reshape(rows.shape), loss.reshape(-1), block)
    else:
        ids = np.ascontiguousarray(target, np.int64).reshape(-1)
        parallel(_forward_ids, blocks, rows, ids, p.reshape(rows.shape), loss.reshape(-1), block)
    return loss, (p, target)


@kernel
def _forward_ids(
    start: int, stop: int, z: FloatArray, ids: IntArray, p: FloatArray, loss: FloatArray, block: int
) -> None:
    powers, scratch = np.empty(block * z.shape[1] + LANES, np.float32), scratch_of_row(z)
    tops, sums = np.empty(block, np.float32), np.empty(block, np.float32)
    for b in range(start, stop):
        first, last = b * block, min((b + 1) * block, z.shape[0])
        softmax_of_rows(z, p, first, last, powers, scratch, tops, sums)
        cost, logits, right = loss[first:last], z[first:last], ids[first:last]
        for r in range(cost.size):
            tops[r] -= number_of_class(logits[r], right[r])
        for r in range(cost.size):  # a loop of its own: in vectors
            cost[r] = tops[r] + logarithm(sums[r])


@kernel
def _forward_shares(
    start: int, stop: int, z: FloatArray, t: FloatArray, p: FloatArray, loss: FloatArray, block: int
) -> None:
    powers, scratch = np.empty(block * z.shape[1] + LANES, np.float32), scratch_of_row(z)
    tops, sums = np.empty(block, np.float32), np.empty(block, np.float32)
    for b in range(start, stop):
        first, last = b * block, min((b + 1) * block, z.shape[0])
        softmax_of_rows(z, p, first, last, powers, scratch, tops, sums)
        for r in range(last - first):
            sums[r] = logarithm(sums[r])
        for r in range(first, last):
            total, top, log = np.float32(0), tops[r - first], sums[r - first]
            for k in range(z.shape[1]):
                total += t[r, k] * _cost(top, log, z[r, k])
            loss[r] = total


@as_written
def _cost(top: Real, log: Real, logit: Real) -> Real:
    """Return - log p of a class; first the difference of logits, which may be large and equal."""
    return (top - logit) + log


def softmax_cross_entropy_backward(dloss: FloatArray, cache: tuple[Array, Array]) -> FloatArray:
    """dz = (p * sum of t - t) * dloss."""
    p, target = cache
    if p.dtype != np.float32 or p.size == 0:
        return numpy_cpu.softmax_cross_entropy_backward(dloss, cache)
    dz = empty(p.shape, p.dtype)
    rows = p.reshape(-1, p.shape[-1])
    scale = np.ascontiguousarray(dloss).reshape(-1)
    if target.ndim == p.ndim:
        t = np.ascontiguousarray(target).reshape(rows.shape)
        parallel(_backward_shares, len(rows), rows, t, scale, dz.reshape(rows.shape))
    else:
        parallel(
            _backward_ids,
            len(rows),
            rows,
            np.ascontiguousarray(target, np.int64).reshape(-1),
            scale,
            dz.reshape(rows.shape),
        )
    return dz


@kernel
def _backward_ids(start: int, stop: int, p: FloatArray, ids: IntArray, scale: FloatArray, dz: FloatArray) -> None:
    """Write rows in whole vectors, each of which overwrites what the one before has written behind its row, but number by number at the end; see softmax."""
    classes = p.shape[1]
    vectors = (classes + LANES - 1) // LANES
    for r in range(start, stop):
        factor, right = scale[r], ids[r]
        if (stop - r) * classes >= vectors * LANES:
            source, target = p.ctypes.data + r * classes * 4, dz.ctypes.data + r * classes * 4
            for place in range(0, vectors * VECTOR_BYTES, VECTOR_BYTES):
                store(target + place, factor * load(source + place))
        else:
            for k in range(classes):
                dz[r, k] = p[r, k] * factor
        if is_class(right, classes):
            dz[r, right] = (p[r, right] - np.float32(1)) * factor
        else:
            dz[r] = np.float32(np.nan)


@kernel
def _backward_shares(start: int, stop: int, p: FloatArray, t: FloatArray, scale: FloatArray, dz: FloatArray) -> None:
    for r in range(start, stop):
        total = np.float32(0)
        for k in range(p.shape[1]):
            total += t[r, k]
        for k in range(p.shape[1]):
            dz[r, k] = (p[r, k] * total - t[r, k]) * scale[r]
