"""Activation functions in CUDA C++ (activation.cu, and table.cu with what is written of the table)."""

from __future__ import annotations

from ..device import contiguous, empty
from ..gpu.cuda import Source
from ..gpu.packs import THREADS, VECTORS, flat_grid, vectors
from ..types import Argument, Array, FloatArray
from .cache import ElementwiseCache, LeakyReluCache, Options
from .table import TABLE

_SOURCE, _TABLE = Source(__file__, "activation.cu"), Source(__file__, "table.cu")
COMPILED_WITH = VECTORS


def relu_forward(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """max(x, 0); NaN stays NaN."""
    y = _each("relu_forward", x)
    return y, y


def relu_backward(dy: FloatArray, y: FloatArray) -> FloatArray:
    """dy where y > 0."""
    return _each("relu_backward", dy, y)


def leaky_relu_forward(x: FloatArray, *, negative_slope: float = 0.3) -> tuple[FloatArray, LeakyReluCache]:
    """x, or slope * x.

    Kept is an array that is positive where x is: y, which exists anyway, unless a negative slope turns the sign.
    """
    x = contiguous(x)
    y = _each("leaky_relu_forward", x, options=(float(negative_slope),))
    return y, (y if negative_slope >= 0 else x, negative_slope)


def leaky_relu_backward(dy: FloatArray, cache: tuple[Array, float]) -> FloatArray:
    """dy, or slope * dy."""
    sign, negative_slope = cache
    return _each("leaky_relu_backward", dy, sign, options=(float(negative_slope),))


def sigmoid_forward(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """1 / (1 + exp(-x)), without overflow."""
    y = _each("sigmoid_forward", x)
    return y, y


def sigmoid_backward(dy: FloatArray, y: FloatArray) -> FloatArray:
    """dy * y * (1 - y)."""
    return _each("sigmoid_backward", dy, y)


def tanh_forward(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Hyperbolic tangent."""
    y = _each("tanh_forward", x)
    return y, y


def tanh_backward(dy: FloatArray, y: FloatArray) -> FloatArray:
    """dy * (1 - y^2)."""
    return _each("tanh_backward", dy, y)


def elementwise_forward(x: FloatArray, function: str, options: Options) -> tuple[FloatArray, ElementwiseCache]:
    """The table's value."""
    x = contiguous(x)
    y = _each(f"{function}_forward", x, options=options, source=_TABLE)
    return y, ElementwiseCache(x if TABLE[function].keeps == "x" else y, function, options)


def elementwise_backward(dy: FloatArray, cache: ElementwiseCache) -> FloatArray:
    """dy times the table's slope."""
    kept, function, options = cache
    return _each(f"{function}_backward", dy, kept, options=options, source=_TABLE)


def _each(kernel: str, *given: Array, options: tuple[Argument, ...] = (), source: Source = _SOURCE) -> FloatArray:
    """Run an elementwise kernel on arrays of one shape."""
    arrays = tuple(contiguous(array) for array in given)
    first = arrays[0]
    result: Array = empty(first.shape, first.dtype)
    vector = {"VECTOR": int(vectors(0, *arrays, result))}  # any length: the kernel does a rest number by number
    grid = flat_grid(first.size, first.dtype)
    source.launch(kernel, first.dtype, grid, THREADS, (*arrays, result, first.size, *options), defines=vector)
    return result
