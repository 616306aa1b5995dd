"""concatenate, add, flatten and reshape in NumPy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..types import Array, FloatArray, Shape
from .cache import ConcatenateCache


def concatenate_forward(x: Sequence[FloatArray], *, axis: int = -1) -> tuple[FloatArray, ConcatenateCache]:
    """Side by side along the axis."""
    return np.concatenate(x, axis=axis), ([array.shape[axis] for array in x], axis)


def concatenate_backward(dy: FloatArray, cache: ConcatenateCache) -> list[FloatArray]:
    """Cut at the same places; contiguous parts, since what follows runs faster on them."""
    lengths, axis = cache
    parts = np.split(dy, np.cumsum(lengths)[:-1], axis=axis)
    return [np.ascontiguousarray(part) for part in parts]


def add_forward(x: Sequence[FloatArray]) -> tuple[FloatArray, int]:
    """y = x_1 + x_2 + ..."""
    y: Array = x[0].copy() if len(x) == 1 else x[0] + x[1]
    for array in x[2:]:
        y += array
    return y, len(x)


def add_backward(dy: FloatArray, count: int) -> list[FloatArray]:
    """dy to each: the same array, since nobody changes it."""
    return [dy] * count


def flatten_forward(x: FloatArray) -> tuple[FloatArray, Shape]:
    """A view where x is contiguous."""
    return x.reshape(x.shape[0], int(np.prod(x.shape[1:]))), x.shape


def flatten_backward(dy: FloatArray, shape: Shape) -> FloatArray:
    """dy in x's shape."""
    return dy.reshape(shape)


def reshape_forward(x: FloatArray, *, shape: Shape) -> tuple[FloatArray, Shape]:
    """A view where x is contiguous."""
    return x.reshape(shape), x.shape


def reshape_backward(dy: FloatArray, shape: Shape) -> FloatArray:
    """dy in x's shape."""
    return dy.reshape(shape)
