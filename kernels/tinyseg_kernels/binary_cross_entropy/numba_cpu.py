"""binary_cross_entropy compiled for the CPU: logarithms and exponentials in vectors, each number read once forward and once backward."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.buffers import empty
from ..cpu.compiled import inlined, kernel
from ..cpu.exponential import exponential
from ..cpu.logarithm import logarithm_of_1_plus
from ..cpu.probabilities import at_least_smallest, log_of_clipped
from ..cpu.rows import as_rows, block_of_rows, blocks_of_rows, repeat, write_means
from ..cpu.threads import parallel
from ..types import Array, Cache
from . import numpy_cpu

_ONE, _ZERO = np.float32(1), np.float32(0)


def binary_cross_entropy_forward(p: Array, target: Array, *, from_logits: bool = False) -> tuple[Array, Cache]:
    """Return the mean cross-entropy over the last axis."""
    if p.dtype != np.float32 or p.size == 0:
        return numpy_cpu.binary_cross_entropy_forward(p, target, from_logits=from_logits)
    rows, loss = as_rows(p), empty(p.shape[:-1], p.dtype)
    block = block_of_rows(p.shape[-1])
    parallel(_forward, blocks_of_rows(*rows.shape), rows, as_rows(target), loss.reshape(-1), block, from_logits)
    return loss, (target, p, from_logits)


@inlined
def _cost_of_logit(z: Any, t: Any) -> Any:
    return max(z, _ZERO) - z * t + logarithm_of_1_plus(exponential(-abs(z)))


@inlined
def _cost(p: Any, t: Any) -> Any:
    return -(t * log_of_clipped(p) + (_ONE - t) * log_of_clipped(_ONE - p))


@kernel
def _forward(start: int, stop: int, p: Any, t: Any, loss: Any, block: int, from_logits: bool) -> None:
    rows, columns = p.shape
    values, flat_p, flat_t = np.empty(block * columns, np.float32), p.reshape(p.size), t.reshape(t.size)
    for b in range(start, stop):
        first, last = b * block, min((b + 1) * block, rows)
        offset, count = first * columns, (last - first) * columns
        if from_logits:
            for k in range(count):
                values[k] = _cost_of_logit(flat_p[offset + k], flat_t[offset + k])
        else:
            for k in range(count):
                values[k] = _cost(flat_p[offset + k], flat_t[offset + k])
        write_means(values, first, last, columns, loss)


def binary_cross_entropy_backward(dloss: Array, cache: Cache) -> Array:
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
def _backward(start: int, stop: int, p: Any, t: Any, scale: Any, dp: Any, block: int, from_logits: bool) -> None:
    rows, columns = p.shape
    values, flat_p, flat_t = np.empty(block * columns, np.float32), p.reshape(p.size), t.reshape(t.size)
    flat, share = dp.reshape(dp.size), _ONE / np.float32(columns)
    for b in range(start, stop):
        first, last = b * block, min((b + 1) * block, rows)
        offset, count = first * columns, (last - first) * columns
        repeat(scale, first, last, columns, share, values)
        if from_logits:
            for k in range(count):
                sigmoid = _ONE / (_ONE + exponential(-flat_p[offset + k]))
                flat[offset + k] = (sigmoid - flat_t[offset + k]) * values[k]
        else:
            for k in range(count):
                yes, label = flat_p[offset + k], flat_t[offset + k]
                slope = (_ONE - label) / at_least_smallest(_ONE - yes) - label / at_least_smallest(yes)
                flat[offset + k] = slope * values[k]
