"""concatenate, add, flatten and reshape in loops."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..types import FloatArray, Shape
from .cache import ConcatenateCache


def concatenate_forward(x: Sequence[FloatArray], *, axis: int = -1) -> tuple[FloatArray, ConcatenateCache]:
    """Number by number, shifted along the axis by the lengths of the arrays before."""
    axis %= x[0].ndim
    lengths = [array.shape[axis] for array in x]
    shape = list(x[0].shape)
    shape[axis] = sum(lengths)
    y = np.empty(shape, x[0].dtype)
    start = 0
    for array in x:
        for place in np.ndindex(array.shape):
            target = list(place)
            target[axis] += start
            y[tuple(target)] = array[place]
        start += array.shape[axis]
    return y, (lengths, axis)


def concatenate_backward(dy: FloatArray, cache: ConcatenateCache) -> list[FloatArray]:
    """The same moves backwards."""
    lengths, axis = cache
    dx, start = [], 0
    for length in lengths:
        shape = list(dy.shape)
        shape[axis] = length
        part = np.empty(shape, dy.dtype)
        for place in np.ndindex(*shape):
            source = list(place)
            source[axis] += start
            part[place] = dy[tuple(source)]
        dx.append(part)
        start += length
    return dx


def add_forward(x: Sequence[FloatArray]) -> tuple[FloatArray, int]:
    """y = x_1 + x_2 + ..."""
    y = np.zeros_like(x[0])
    for place in np.ndindex(y.shape):
        for array in x:
            y[place] += array[place]
    return y, len(x)


def add_backward(dy: FloatArray, count: int) -> list[FloatArray]:
    """dy to each."""
    return [dy.copy() for _ in range(count)]


def flatten_forward(x: FloatArray) -> tuple[FloatArray, Shape]:
    """The numbers of each sample in row-major order."""
    y = np.empty((x.shape[0], int(np.prod(x.shape[1:]))), x.dtype)
    for n in range(x.shape[0]):
        for d, place in enumerate(np.ndindex(x.shape[1:])):
            y[n, d] = x[(n, *place)]
    return y, x.shape


def flatten_backward(dy: FloatArray, shape: Shape) -> FloatArray:
    """The same order, back."""
    return reshape_forward(dy, shape=shape)[0]


def reshape_forward(x: FloatArray, *, shape: Shape) -> tuple[FloatArray, Shape]:
    """The numbers in row-major order into the other shape."""
    y = np.empty(shape, x.dtype)
    for source, target in zip(np.ndindex(x.shape), np.ndindex(*shape), strict=True):
        y[target] = x[source]
    return y, x.shape


def reshape_backward(dy: FloatArray, shape: Shape) -> FloatArray:
    """The same order, back."""
    return reshape_forward(dy, shape=shape)[0]
