"""concatenate and add in CUDA C++ (arrange.cu).

Flatten and reshape, which only look at the same numbers in another way.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from ..device import contiguous, empty
from ..gpu.cuda import Source
from ..gpu.packs import THREADS, VECTORS, flat_grid, pair_grid, vectors
from ..types import Array, FloatArray, Shape
from .cache import ConcatenateCache

_SOURCE = Source(__file__, "arrange.cu")
_MOST_TERMS = 4
COMPILED_WITH = VECTORS


def concatenate_forward(x: Sequence[FloatArray], *, axis: int = -1) -> tuple[FloatArray, ConcatenateCache]:
    """Each array's block of columns."""
    axis %= x[0].ndim
    lengths = [array.shape[axis] for array in x]
    shape = x[0].shape
    y: Array = empty((*shape[:axis], sum(lengths), *shape[axis + 1 :]), x[0].dtype)
    rows, inner = prod(shape[:axis]), prod(shape[axis + 1 :])
    start = 0
    for array, length in zip(x, lengths, strict=True):
        source = contiguous(array)
        _copy_block(source, 0, length * inner, y, start, sum(lengths) * inner, rows, length * inner)
        start += length * inner
    return y, (lengths, axis)


def concatenate_backward(dy: FloatArray, cache: ConcatenateCache) -> list[FloatArray]:
    """The blocks back, each into an array of its own."""
    lengths, axis = cache
    dy = contiguous(dy)
    shape = dy.shape
    rows, inner = prod(shape[:axis]), prod(shape[axis + 1 :])
    parts, start = [], 0
    for length in lengths:
        part: Array = empty((*shape[:axis], length, *shape[axis + 1 :]), dy.dtype)
        _copy_block(dy, start, sum(lengths) * inner, part, 0, length * inner, rows, length * inner)
        parts.append(part)
        start += length * inner
    return parts


def _copy_block(
    source: FloatArray, source_start: int, source_pitch: int, target: Array, target_start: int, target_pitch: int,
    rows: int, length: int,
) -> None:  # fmt: skip
    fits = all(vectors(n, source, target) for n in (source_start, source_pitch, target_start, target_pitch, length))
    grid, block = pair_grid(rows, length)
    arguments = (source, source_start, source_pitch, target, target_start, target_pitch, rows, length)
    _SOURCE.launch("copy_block", source.dtype, grid, block, arguments, defines={"VECTOR": int(fits)})


def add_forward(x: Sequence[FloatArray]) -> tuple[FloatArray, int]:
    """y = x_1 + x_2 + ..., up to four in one pass."""
    if len(x) == 1:
        return x[0].copy(), 1
    rest = [contiguous(array) for array in x]
    y: Array = empty(x[0].shape, x[0].dtype)
    terms, rest = rest[:_MOST_TERMS], rest[_MOST_TERMS:]
    while terms:
        grid, vector = flat_grid(y.size, y.dtype), {"VECTOR": int(vectors(0, *terms, y))}
        _SOURCE.launch(f"add_{len(terms)}", y.dtype, grid, THREADS, (*terms, y, y.size), defines=vector)
        terms, rest = ([y, *rest[: _MOST_TERMS - 1]], rest[_MOST_TERMS - 1 :]) if rest else ([], [])
    return y, len(x)


def add_backward(dy: FloatArray, count: int) -> list[FloatArray]:
    """dy to each: the same array, since nobody changes it."""
    return [dy] * count


def flatten_forward(x: FloatArray) -> tuple[FloatArray, Shape]:
    """A view where x is contiguous."""
    return x.reshape(x.shape[0], prod(x.shape[1:])), x.shape


def flatten_backward(dy: FloatArray, shape: Shape) -> FloatArray:
    """dy in x's shape."""
    return dy.reshape(shape)


def reshape_forward(x: FloatArray, *, shape: Shape) -> tuple[FloatArray, Shape]:
    """A view where x is contiguous."""
    return x.reshape(shape), x.shape


def reshape_backward(dy: FloatArray, shape: Shape) -> FloatArray:
    """dy in x's shape."""
    return dy.reshape(shape)
