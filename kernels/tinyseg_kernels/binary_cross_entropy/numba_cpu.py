"""binary_cross_entropy compiled for the CPU.

Logarithms and exponentials in vectors, each number read once forward and once backward.
"""

from __future__ import annotations

import numpy as np

from ..cpu.compiled import inlined, kernel
from ..cpu.memory.buffers import empty
from ..cpu.threading.threads import parallel
from ..cpu.vectors.exponential import exponential
from ..cpu.vectors.logarithm import logarithm_of_1_plus
from ..cpu.vectors.probabilities import at_least_smallest, log_of_clipped
from ..cpu.vectors.rows import as_rows, block_of_rows, blocks_of_rows, repeat, write_sums
from ..types import FloatArray, Real
from . import numpy_cpu
from .cache import BinaryCrossEntropyCache

_ONE, _ZERO = np.float32(1), np.float32(0)


def binary_cross_entropy_forward(
    p: FloatArray, target: FloatArray, *, from_logits: bool = False
) -> tuple[FloatArray, BinaryCrossEntropyCache]:
    """Return the mean cross-entropy over the last axis."""
    if p.dtype != np.float32 or p.size == 0:
        return numpy_cpu.binary_cross_entropy_forward(p, target, from_logits=from_logits)
    rows, loss = as_rows(p), empty(p.shape[:-1], p.dtype)
    block = block_of_rows(p.shape[-1])
    parallel(_forward, blocks_of_rows(*rows.shape), rows, as_rows(target), loss.reshape(-1), block, from_logits)
    return loss, (target, p, from_logits)


@inlined
def _cost_of_logit(z: Real, t: Real) -> Real:
    return max(z, _ZERO) - z * t + logarithm_of_1_plus(exponential(-abs(z)))


@inlined
def _cost(p: Real, t: Real) -> Real:
    return -(t * log_of_clipped(p) + (_ONE - t) * log_of_clipped(_ONE - p))


@kernel
def _forward(
    start: int, stop: int, p: FloatArray, t: FloatArray, loss: FloatArray, block: int, from_logits: bool
) -> None:
    rows, columns = p.shape
    values, flat_p, flat_t = np.empty(block * columns, np.float32), p.reshape(p.size), t.reshape(t.size)
    for b in range(start, stop):
        first, last = b * block, min((b + 1) * block, rows)
        part, target = flat_p[first * columns : last * columns], flat_t[first * columns : last * columns]
        if from_logits:
            for k in range(part.size):
                values[k] = _cost_of_logit(part[k], target[k])
        else:
            for k in range(part.size):
                values[k] = _cost(part[k], target[k])
        write_sums(values.reshape(block, columns), np.float32(1) / np.float32(columns), loss[first:last])


def binary_cross_entropy_backward(dloss: FloatArray, cache: BinaryCrossEntropyCache) -> FloatArray:
    """Return the gradient by each probability or logit."""
    target, p, from_logits = cache
    if p.dtype != np.float32 or p.size == 0:
        return numpy_cpu.binary_cross_entropy_backward(dloss, cache)
    rows, dp = as_rows(p), empty(p.shape, p.dtype)
    block = block_of_rows(p.shape[-1])
    scale = np.ascontiguousarray(dloss).reshape(-1)
    parallel(
        _backward, blocks_of_rows(*rows.shape), rows, as_rows(target), scale, dp.reshape(rows.shape), block, from_logits
    )
    return dp


@kernel
def _backward(
    start: int, stop: int, p: FloatArray, t: FloatArray, scale: FloatArray, dp: FloatArray, block: int,
    from_logits: bool,
) -> None:  # fmt: skip
    rows, columns = p.shape
    values, flat_p, flat_t = np.empty(block * columns, np.float32), p.reshape(p.size), t.reshape(t.size)
    flat, share = dp.reshape(dp.size), _ONE / np.float32(columns)
    for b in range(start, stop):
        first, last = b * block, min((b + 1) * block, rows)
        part, target = flat_p[first * columns : last * columns], flat_t[first * columns : last * columns]
        gradient = flat[first * columns : last * columns]
        repeat(scale[first:last], share, values.reshape(block, columns))
        if from_logits:
            for k in range(part.size):
                sigmoid = _ONE / (_ONE + exponential(-part[k]))
                gradient[k] = (sigmoid - target[k]) * values[k]
        else:
            for k in range(part.size):
                yes, label = part[k], target[k]
                slope = (_ONE - label) / at_least_smallest(_ONE - yes) - label / at_least_smallest(yes)
                gradient[k] = slope * values[k]
