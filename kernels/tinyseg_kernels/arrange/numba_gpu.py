"""concatenate and add by Numba kernels; flatten and reshape, which run no kernel, are those of cupy_gpu.py."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from ..device import contiguous, empty
from ..gpu.cuda import blocks
from ..gpu.numba_cuda import cuda, jit, launch
from ..types import FloatArray
from .cache import ConcatenateCache
from .cupy_gpu import add_backward, flatten_backward, flatten_forward, reshape_backward, reshape_forward

__all__ = [
    "add_backward", "add_forward", "concatenate_backward", "concatenate_forward", "flatten_backward", "flatten_forward", "reshape_backward",
    "reshape_forward",
]  # fmt: skip

BLOCK = 256


def concatenate_forward(x: Sequence[FloatArray], *, axis: int = -1) -> tuple[FloatArray, ConcatenateCache]:
    """Seen from the axis, an array is a matrix: the axes before make the rows, it and those behind the columns.

    Each input gives a block of columns.
    """
    axis %= x[0].ndim
    lengths = [array.shape[axis] for array in x]
    shape = x[0].shape
    y = empty((*shape[:axis], sum(lengths), *shape[axis + 1 :]), x[0].dtype)
    rows, inner = prod(shape[:axis]), prod(shape[axis + 1 :])
    target, start = y.reshape(rows, sum(lengths) * inner), 0
    for array, length in zip(x, lengths, strict=True):
        source = contiguous(array).reshape(rows, length * inner)
        launch(_copy_block, blocks(source.size, BLOCK), BLOCK, source, 0, target, start, length * inner)
        start += length * inner
    return y, (lengths, axis)


def concatenate_backward(dy: FloatArray, cache: ConcatenateCache) -> list[FloatArray]:
    """The blocks back, each into an array of its own."""
    lengths, axis = cache
    shape = dy.shape
    rows, inner = prod(shape[:axis]), prod(shape[axis + 1 :])
    source, parts, start = contiguous(dy).reshape(rows, sum(lengths) * inner), [], 0
    for length in lengths:
        part = empty((*shape[:axis], length, *shape[axis + 1 :]), dy.dtype)
        target = part.reshape(rows, length * inner)
        launch(_copy_block, blocks(part.size, BLOCK), BLOCK, source, start, target, 0, length * inner)
        parts.append(part)
        start += length * inner
    return parts


def add_forward(x: Sequence[FloatArray]) -> tuple[FloatArray, int]:
    """y = x_1 + x_2 + ..."""
    if len(x) == 1:
        return x[0].copy(), 1
    y = empty(x[0].shape, x[0].dtype)
    first, grid = contiguous(x[0]), blocks(y.size, BLOCK)
    for array in x[1:]:
        launch(_add, grid, BLOCK, first.reshape(-1), contiguous(array).reshape(-1), y.reshape(-1))
        first = y
    return y, len(x)


@jit
def _copy_block(source: FloatArray, source_start: int, target: FloatArray, target_start: int, columns: int) -> None:
    """Copy this many neighbouring columns of all rows."""
    t = cuda.grid(1)
    row, column = t // columns, t % columns
    if row < source.shape[0]:
        target[row, target_start + column] = source[row, source_start + column]


@jit
def _add(a: FloatArray, b: FloatArray, y: FloatArray) -> None:
    """The sum may be written over a: each thread reads its numbers before it writes."""
    i = cuda.grid(1)
    if i < y.size:
        y[i] = a[i] + b[i]


_MATRIX = "float32[:, ::1]"
PTX_SIGNATURES = [(_copy_block, (_MATRIX, "int32", _MATRIX, "int32", "int32")), (_add, ("float32[::1]",) * 3)]
"""For the check that float32 stays float32."""
