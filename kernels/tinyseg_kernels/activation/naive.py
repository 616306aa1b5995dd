"""Activation functions in loops."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ..types import Array, FloatArray
from . import mathematics
from .binding import bind_table
from .cache import ElementwiseCache, Options, SignCache
from .table import TABLE


def relu_forward(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """max(x, 0); NaN stays NaN."""
    y = _each(lambda v: 0.0 if v <= 0 else v, x)
    return y, y


def relu_backward(dy: FloatArray, y: FloatArray) -> FloatArray:
    """dy where y > 0."""
    return _each(lambda d, v: d if v > 0 else 0.0, dy, y)


def leaky_relu_forward(x: FloatArray, *, negative_slope: float = 0.3) -> tuple[FloatArray, SignCache]:
    """x, or slope * x."""
    return _each(lambda v: v if v > 0 else negative_slope * v, x), (x > 0, negative_slope)


def leaky_relu_backward(dy: FloatArray, cache: tuple[Array, float]) -> FloatArray:
    """dy, or slope * dy."""
    positive, negative_slope = cache
    return _each(lambda d, p: d if p else negative_slope * d, dy, positive)


def sigmoid_forward(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """1 / (1 + exp(-x)), with the exponential of a negative number in both cases."""
    y = _each(lambda v: 1 / (1 + math.exp(-v)) if v >= 0 else math.exp(v) / (1 + math.exp(v)), x)
    return y, y


def sigmoid_backward(dy: FloatArray, y: FloatArray) -> FloatArray:
    """dy * y * (1 - y)."""
    return _each(lambda d, v: d * v * (1 - v), dy, y)


def tanh_forward(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Hyperbolic tangent."""
    y = _each(math.tanh, x)
    return y, y


def tanh_backward(dy: FloatArray, y: FloatArray) -> FloatArray:
    """dy * (1 - y^2)."""
    return _each(lambda d, v: d * (1 - v * v), dy, y)


def elementwise_forward(x: FloatArray, function: str, options: Options) -> tuple[FloatArray, ElementwiseCache]:
    """The table's value of every number."""
    entry = _TABLE[function]
    with np.errstate(over="ignore"):  # float32 has no number for exp(90)
        y = _each(lambda v: entry.value(v, *options), x)
    return y, ElementwiseCache(x if TABLE[function].keeps == "x" else y, function, options)


def elementwise_backward(dy: FloatArray, cache: ElementwiseCache) -> FloatArray:
    """dy times the table's slope."""
    entry = _TABLE[cache.function]
    return _each(lambda d, v: d * entry.slope(v, *cache.options), dy, cache.kept)


_TABLE = bind_table(vars(mathematics))


def _each(function: Callable[..., float], *arrays: Array) -> FloatArray:
    """Apply a function of numbers at every place."""
    result = np.empty(arrays[0].shape, arrays[0].dtype)
    for place in np.ndindex(result.shape):
        result[place] = function(*(float(array[place]) for array in arrays))
    return result
