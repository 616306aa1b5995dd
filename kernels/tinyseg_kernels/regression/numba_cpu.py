"""squared_error and absolute_error compiled for the CPU.

Predictions and targets are read once forward and once backward, and their difference is not kept.
"""

from __future__ import annotations

import numpy as np

from ..cpu.compiled import inlined, kernel
from ..cpu.memory.buffers import empty
from ..cpu.threading.threads import parallel
from ..cpu.vectors.rows import as_rows, block_of_rows, blocks_of_rows, repeat, write_sums
from ..types import FloatArray, Real
from . import numpy_cpu
from .cache import DifferenceCache, InputsCache


def squared_error_forward(p: FloatArray, target: FloatArray) -> tuple[FloatArray, DifferenceCache | InputsCache]:
    """Return the mean square over the last axis."""
    if p.dtype != np.float32 or p.size == 0:
        return numpy_cpu.squared_error_forward(p, target)
    return _mean_error(p, target, True), (p, target)


def squared_error_backward(dloss: FloatArray, cache: DifferenceCache | InputsCache) -> FloatArray:
    """Return 2 * (p - t) / C * dloss."""
    return _gradient(dloss, cache, True) if isinstance(cache, tuple) else numpy_cpu.squared_error_backward(dloss, cache)


def absolute_error_forward(p: FloatArray, target: FloatArray) -> tuple[FloatArray, DifferenceCache | InputsCache]:
    """Return the mean distance over the last axis."""
    if p.dtype != np.float32 or p.size == 0:
        return numpy_cpu.absolute_error_forward(p, target)
    return _mean_error(p, target, False), (p, target)


def absolute_error_backward(dloss: FloatArray, cache: DifferenceCache | InputsCache) -> FloatArray:
    """Return sign(p - t) / C * dloss."""
    if isinstance(cache, tuple):
        return _gradient(dloss, cache, False)
    return numpy_cpu.absolute_error_backward(dloss, cache)


def _mean_error(p: FloatArray, target: FloatArray, squared: bool) -> FloatArray:
    rows, loss = as_rows(p), empty(p.shape[:-1], p.dtype)
    block = block_of_rows(p.shape[-1])
    parallel(_forward, blocks_of_rows(*rows.shape), rows, as_rows(target), loss.reshape(-1), block, squared)
    return loss


@kernel
def _forward(start: int, stop: int, p: FloatArray, t: FloatArray, loss: FloatArray, block: int, squared: bool) -> None:
    rows, columns = p.shape
    values, flat_p, flat_t = np.empty(block * columns, np.float32), p.reshape(p.size), t.reshape(t.size)
    for b in range(start, stop):
        first, last = b * block, min((b + 1) * block, rows)
        part, target = flat_p[first * columns : last * columns], flat_t[first * columns : last * columns]
        for k in range(part.size):
            d = part[k] - target[k]
            values[k] = d * d if squared else abs(d)
        write_sums(values.reshape(block, columns), np.float32(1) / np.float32(columns), loss[first:last])


def _gradient(dloss: FloatArray, cache: InputsCache, squared: bool) -> FloatArray:
    p, target = cache
    rows, dp = as_rows(p), empty(p.shape, p.dtype)
    block = block_of_rows(p.shape[-1])
    scale = np.ascontiguousarray(dloss).reshape(-1)
    parallel(
        _backward, blocks_of_rows(*rows.shape), rows, as_rows(target), scale, dp.reshape(rows.shape), block, squared
    )
    return dp


@inlined
def _sign(d: Real) -> Real:
    """Return -1, 0 or 1; NaN for NaN."""
    return np.float32(1) if d > 0 else (np.float32(-1) if d < 0 else d)


@kernel
def _backward(
    start: int, stop: int, p: FloatArray, t: FloatArray, scale: FloatArray, dp: FloatArray, block: int, squared: bool
) -> None:
    rows, columns = p.shape
    values, flat_p, flat_t = np.empty(block * columns, np.float32), p.reshape(p.size), t.reshape(t.size)
    flat = dp.reshape(dp.size)
    factor = np.float32(2 if squared else 1) / np.float32(columns)
    for b in range(start, stop):
        first, last = b * block, min((b + 1) * block, rows)
        repeat(scale[first:last], factor, values.reshape(block, columns))
        part, target = flat_p[first * columns : last * columns], flat_t[first * columns : last * columns]
        gradient = flat[first * columns : last * columns]
        for k in range(part.size):
            d = part[k] - target[k]
            gradient[k] = (d if squared else _sign(d)) * values[k]
