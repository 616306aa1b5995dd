"""concatenate, add, flatten and reshape in NumPy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..types import Array


def concatenate_forward(x: Sequence[Array], *, axis: int = -1) -> tuple[Array, tuple[list[int], int]]:
    """Side by side along the axis."""
    return np.concatenate(x, axis=axis), ([array.shape[axis] for array in x], axis)


def concatenate_backward(dy: Array, cache: tuple[list[int], int]) -> list[Array]:
    """Cut at the same places; contiguous parts, since what follows runs faster on them."""
    lengths, axis = cache
    parts = np.split(dy, np.cumsum(lengths)[:-1], axis=axis)
    return [np.ascontiguousarray(part) for part in parts]


def add_forward(x: Sequence[Array]) -> tuple[Array, int]:
    """y = x_1 + x_2 + ..."""
    y: Array = x[0].copy() if len(x) == 1 else x[0] + x[1]
    for array in x[2:]:
        y += array
    return y, len(x)


def add_backward(dy: Array, count: int) -> list[Array]:
    """Dy to each: the same array, since nobody changes it."""
    return [dy] * count


def flatten_forward(x: Array) -> tuple[Array, tuple[int, ...]]:
    """A view where x is contiguous."""
    return x.reshape(x.shape[0], int(np.prod(x.shape[1:]))), x.shape


def flatten_backward(dy: Array, shape: tuple[int, ...]) -> Array:
    """Dy in x's shape."""
    return dy.reshape(shape)


def reshape_forward(x: Array, *, shape: tuple[int, ...]) -> tuple[Array, tuple[int, ...]]:
    """A view where x is contiguous."""
    return x.reshape(shape), x.shape


def reshape_backward(dy: Array, shape: tuple[int, ...]) -> Array:
    """Dy in x's shape."""
    return dy.reshape(shape)
