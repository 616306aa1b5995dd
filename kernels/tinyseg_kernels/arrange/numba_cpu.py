"""concatenate and add compiled for the CPU, along the last axis.

Flatten and reshape are views, and other axes are NumPy's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..cpu.compiled import kernel
from ..cpu.gemm.micro_kernel import LANES
from ..cpu.memory.buffers import empty
from ..cpu.memory.non_temporal import LINE, too_large_to_stay, write, written
from ..cpu.pieces import piece_from
from ..cpu.threading.threads import parallel
from ..cpu.vectors.vectors import load
from ..types import Array, FloatArray
from . import numpy_cpu
from .cache import ConcatenateCache
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


def concatenate_forward(x: Sequence[FloatArray], *, axis: int = -1) -> tuple[FloatArray, ConcatenateCache]:
    """Side by side along the axis."""
    if x[0].dtype != np.float32 or axis % x[0].ndim != x[0].ndim - 1:
        return numpy_cpu.concatenate_forward(x, axis=axis)
    lengths = [array.shape[-1] for array in x]
    y = empty((*x[0].shape[:-1], sum(lengths)), x[0].dtype)
    rows, first = math.prod(y.shape[:-1]), 0
    past_cache = all(length % LINE == 0 for length in lengths) and too_large_to_stay(y)
    for array, length in zip(x, lengths, strict=True):
        parallel(_copy_rows, rows, _flat(array), 0, length, y.reshape(-1), first, y.shape[-1], length, past_cache)
        first += length
    return y, (lengths, axis)


def _flat(array: Array) -> FloatArray:
    return np.ascontiguousarray(array).reshape(-1)


@kernel
def _copy_rows(
    start: int, stop: int, source: FloatArray, source_first: int, source_step: int, target: FloatArray,
    target_first: int, target_step: int, length: int, past_cache: bool,
) -> None:  # fmt: skip
    """Copy `length` numbers of each row: whole vectors, the last of which may overlap the one before it."""
    for r in range(start, stop):
        a, b = source_first + r * source_step, target_first + r * target_step
        if length >= LANES:
            for c in range(0, length, LANES):
                at = piece_from(c, length, LANES)
                write(target.ctypes.data + (b + at) * 4, load(source.ctypes.data + (a + at) * 4), past_cache)
        else:
            for c in range(length):
                target[b + c] = source[a + c]
    written()


def concatenate_backward(dy: FloatArray, cache: ConcatenateCache) -> list[FloatArray]:
    """Cut at the same places, into contiguous parts."""
    lengths, axis = cache
    if dy.dtype != np.float32 or axis % dy.ndim != dy.ndim - 1:
        return numpy_cpu.concatenate_backward(dy, cache)
    rows, flat = math.prod(dy.shape[:-1]), _flat(dy)
    parts, first = [], 0
    for length in lengths:
        part = empty((*dy.shape[:-1], length), dy.dtype)
        past_cache = length % LINE == 0 and too_large_to_stay(part)
        parallel(_copy_rows, rows, flat, first, dy.shape[-1], part.reshape(-1), 0, length, length, past_cache)
        parts.append(part)
        first += length
    return parts


def add_forward(x: Sequence[FloatArray]) -> tuple[FloatArray, int]:
    """y = x_1 + x_2 + ..."""
    if x[0].dtype != np.float32 or len(x) == 1:
        return numpy_cpu.add_forward(x)
    y = empty(x[0].shape, x[0].dtype)
    flat = [np.ascontiguousarray(array).reshape(-1) for array in x]
    parallel(_add, y.size, flat[0], flat[1], y.reshape(-1))
    for array in flat[2:]:
        parallel(_add, y.size, y.reshape(-1), array, y.reshape(-1))
    return y, len(x)


@kernel
def _add(start: int, stop: int, a: FloatArray, b: FloatArray, y: FloatArray) -> None:
    a, b, y = a[start:stop], b[start:stop], y[start:stop]
    for k in range(y.size):
        y[k] = a[k] + b[k]
