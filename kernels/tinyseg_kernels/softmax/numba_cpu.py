"""softmax compiled for the CPU, for the last axis: a block of rows at a time, so that its three passes stay in the cache. Other axes take the NumPy rung."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.buffers import empty
from ..cpu.compiled import inlined, kernel
from ..cpu.exponential import exponential
from ..cpu.threads import parallel
from ..types import Array
from . import numpy_cpu

BLOCK_NUMBERS = 4096
"""Numbers of a block: 16 KiB, half of a first-level cache."""


def softmax_forward(x: Array, *, axis: int = -1) -> tuple[Array, tuple[Array, int]]:
    """Y = exp(x - max) / sum."""
    if x.dtype != np.float32 or axis % x.ndim != x.ndim - 1 or x.size == 0:
        return numpy_cpu.softmax_forward(x, axis=axis)
    rows = np.ascontiguousarray(x).reshape(-1, x.shape[-1])
    y = empty(x.shape, x.dtype)
    parallel(_forward, -(-len(rows) // block_of_rows(rows)), rows, y.reshape(rows.shape), block_of_rows(rows))
    return y, (y, axis)


def block_of_rows(rows: Array) -> int:
    """Return how many rows a block has."""
    return max(1, BLOCK_NUMBERS // rows.shape[1])


@inlined
def softmax_of_rows(x: Any, y: Any, first: int, last: int) -> None:
    """Write the softmax of rows first .. last."""
    classes = x.shape[1]
    for r in range(first, last):
        top = x[r, 0]
        for k in range(1, classes):
            top = x[r, k] if x[r, k] > top else top
        for k in range(classes):
            y[r, k] = x[r, k] - top
    flat = y[first:last].reshape((last - first) * classes)
    for k in range(flat.size):  # the whole block in one loop: rows may be too short for vectors
        flat[k] = exponential(flat[k])
    for r in range(first, last):
        total = np.float32(0)
        for k in range(classes):
            total += y[r, k]
        share = np.float32(1) / total
        for k in range(classes):
            y[r, k] *= share


@kernel
def _forward(start: int, stop: int, x: Any, y: Any, block: int) -> None:
    for b in range(start, stop):
        softmax_of_rows(x, y, b * block, min((b + 1) * block, x.shape[0]))


def softmax_backward(dy: Array, cache: tuple[Array, int]) -> Array:
    """Dx = y * (dy - sum of dy * y)."""
    y, axis = cache
    if dy.dtype != np.float32 or axis % y.ndim != y.ndim - 1 or dy.size == 0:
        return numpy_cpu.softmax_backward(dy, cache)
    dx = empty(dy.shape, dy.dtype)
    shape = (-1, dy.shape[-1])
    upstream, rows = np.ascontiguousarray(dy).reshape(shape), np.ascontiguousarray(y).reshape(shape)
    parallel(_backward, len(rows), upstream, rows, dx.reshape(rows.shape))
    return dx


@kernel
def _backward(start: int, stop: int, dy: Any, y: Any, dx: Any) -> None:
    for r in range(start, stop):
        total = np.float32(0)
        for k in range(y.shape[1]):
            total += dy[r, k] * y[r, k]
        for k in range(y.shape[1]):
            dx[r, k] = y[r, k] * (dy[r, k] - total)
