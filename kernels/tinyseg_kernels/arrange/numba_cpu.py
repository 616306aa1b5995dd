"""concatenate and add compiled for the CPU, along the last axis; flatten and reshape are views, and other axes are NumPy's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..cpu.buffers import empty
from ..cpu.compiled import kernel
from ..cpu.threads import parallel
from ..types import Array
from . import numpy_cpu
from .numpy_cpu import add_backward, flatten_backward, flatten_forward, reshape_backward, reshape_forward

__all__ = [
    "add_backward",
    "add_forward",
    "concatenate_backward",
    "concatenate_forward",
    "flatten_backward",
    "flatten_forward",
    "reshape_backward",
    "reshape_forward",
]


def concatenate_forward(x: Sequence[Array], *, axis: int = -1) -> tuple[Array, tuple[list[int], int]]:
    """Side by side along the axis."""
    if x[0].dtype != np.float32 or axis % x[0].ndim != x[0].ndim - 1:
        return numpy_cpu.concatenate_forward(x, axis=axis)
    lengths = [array.shape[-1] for array in x]
    y = empty((*x[0].shape[:-1], sum(lengths)), x[0].dtype)
    rows = y.reshape(-1, y.shape[-1])
    first = 0
    for array, length in zip(x, lengths, strict=True):
        parallel(_put, len(rows), np.ascontiguousarray(array).reshape(-1, length), rows, first)
        first += length
    return y, (lengths, axis)


@kernel
def _put(start: int, stop: int, x: Any, y: Any, first: int) -> None:
    for r in range(start, stop):
        source, target = x[r], y[r, first : first + x.shape[1]]
        for c in range(x.shape[1]):
            target[c] = source[c]


def concatenate_backward(dy: Array, cache: tuple[list[int], int]) -> list[Array]:
    """Cut at the same places, into contiguous parts."""
    lengths, axis = cache
    if dy.dtype != np.float32 or axis % dy.ndim != dy.ndim - 1:
        return numpy_cpu.concatenate_backward(dy, cache)
    rows = np.ascontiguousarray(dy).reshape(-1, dy.shape[-1])
    parts, first = [], 0
    for length in lengths:
        part = empty((*dy.shape[:-1], length), dy.dtype)
        parallel(_take, len(rows), rows, part.reshape(-1, length), first)
        parts.append(part)
        first += length
    return parts


@kernel
def _take(start: int, stop: int, y: Any, x: Any, first: int) -> None:
    for r in range(start, stop):
        source, target = y[r, first : first + x.shape[1]], x[r]
        for c in range(x.shape[1]):
            target[c] = source[c]


def add_forward(x: Sequence[Array]) -> tuple[Array, int]:
    """Y = x_1 + x_2 + ..."""
    if x[0].dtype != np.float32 or len(x) == 1:
        return numpy_cpu.add_forward(x)
    y = empty(x[0].shape, x[0].dtype)
    flat = [np.ascontiguousarray(array).reshape(-1) for array in x]
    parallel(_add, y.size, flat[0], flat[1], y.reshape(-1))
    for array in flat[2:]:
        parallel(_add, y.size, y.reshape(-1), array, y.reshape(-1))
    return y, len(x)


@kernel
def _add(start: int, stop: int, a: Any, b: Any, y: Any) -> None:
    a, b, y = a[start:stop], b[start:stop], y[start:stop]
    for k in range(y.size):
        y[k] = a[k] + b[k]
