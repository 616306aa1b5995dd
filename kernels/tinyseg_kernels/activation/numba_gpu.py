"""Activation functions by Numba kernels: one thread for each number.

A literal such as 0 is an int64 for Numba, and float32 with int64 makes float64; so constants are made of the arrays'
own type. The table's functions get theirs from `bind_table`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from ..device import contiguous, empty
from ..gpu.cuda import blocks
from ..gpu.numba_cuda import Kernel, cuda, device_function, jit, launch
from ..types import DType, FloatArray, Real
from .binding import bind_table, bound
from .cache import ElementwiseCache, LeakyReluCache, Options
from .table import TABLE

BLOCK = 256


def relu_forward(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """max(x, 0); NaN stays NaN."""
    y = _each(_relu_forward, x)
    return y, y


def relu_backward(dy: FloatArray, y: FloatArray) -> FloatArray:
    """dy where y > 0."""
    return _each(_relu_backward, dy, y)


def leaky_relu_forward(x: FloatArray, *, negative_slope: float = 0.3) -> tuple[FloatArray, LeakyReluCache]:
    """x, or slope * x.

    Kept is an array that is positive where x is: y, which exists anyway, unless a negative slope turns the sign.
    """
    x = contiguous(x)
    y = _each(_leaky_relu_forward, x, options=(float(negative_slope),))
    return y, (y if negative_slope >= 0 else x, negative_slope)


def leaky_relu_backward(dy: FloatArray, cache: LeakyReluCache) -> FloatArray:
    """dy, or slope * dy."""
    sign, negative_slope = cache
    return _each(_leaky_relu_backward, dy, sign, options=(float(negative_slope),))


def sigmoid_forward(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """1 / (1 + exp(-x)), without overflow."""
    y = _each(_sigmoid_forward, x)
    return y, y


def sigmoid_backward(dy: FloatArray, y: FloatArray) -> FloatArray:
    """dy * y * (1 - y)."""
    return _each(_sigmoid_backward, dy, y)


def tanh_forward(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Hyperbolic tangent."""
    y = _each(_tanh_forward, x)
    return y, y


def tanh_backward(dy: FloatArray, y: FloatArray) -> FloatArray:
    """dy * (1 - y^2)."""
    return _each(_tanh_backward, dy, y)


def _each(kernel: Kernel, *given: FloatArray, options: tuple[float, ...] = ()) -> FloatArray:
    """Run a kernel on arrays of one shape, seen as vectors."""
    arrays = [contiguous(array) for array in given]
    result = empty(arrays[0].shape, arrays[0].dtype)
    vectors = [array.reshape(-1) for array in (*arrays, result)]
    launch(kernel, blocks(result.size, BLOCK), BLOCK, *vectors, *options)
    return result


@jit
def _relu_forward(x: FloatArray, y: FloatArray) -> None:
    i = cuda.grid(1)
    if i < x.size:
        zero = x.dtype.type(0)
        y[i] = zero if x[i] <= zero else x[i]  # NaN is not <= 0: it stays


@jit
def _relu_backward(dy: FloatArray, y: FloatArray, dx: FloatArray) -> None:
    i = cuda.grid(1)
    if i < dy.size:
        zero = dy.dtype.type(0)
        dx[i] = dy[i] if y[i] > zero else zero


@jit
def _leaky_relu_forward(x: FloatArray, y: FloatArray, slope: float) -> None:
    i = cuda.grid(1)
    if i < x.size:
        y[i] = x[i] if x[i] > x.dtype.type(0) else slope * x[i]


@jit
def _leaky_relu_backward(dy: FloatArray, sign: FloatArray, dx: FloatArray, slope: float) -> None:
    i = cuda.grid(1)
    if i < dy.size:
        dx[i] = dy[i] if sign[i] > sign.dtype.type(0) else slope * dy[i]


@jit
def _sigmoid_forward(x: FloatArray, y: FloatArray) -> None:
    """With z = exp(-|x|), which cannot overflow: 1 / (1 + z) for x >= 0, z / (1 + z) below.

    No digits cancel in either.
    """
    i = cuda.grid(1)
    if i < x.size:
        zero, one = x.dtype.type(0), x.dtype.type(1)
        z = math.exp(-x[i] if x[i] >= zero else x[i])
        y[i] = (one if x[i] >= zero else z) / (one + z)


@jit
def _sigmoid_backward(dy: FloatArray, y: FloatArray, dx: FloatArray) -> None:
    i = cuda.grid(1)
    if i < dy.size:
        dx[i] = dy[i] * ((y.dtype.type(1) - y[i]) * y[i])


@jit
def _tanh_forward(x: FloatArray, y: FloatArray) -> None:
    i = cuda.grid(1)
    if i < x.size:
        y[i] = math.tanh(x[i])


@jit
def _tanh_backward(dy: FloatArray, y: FloatArray, dx: FloatArray) -> None:
    i = cuda.grid(1)
    if i < dy.size:
        dx[i] = dy[i] * (y.dtype.type(1) - y[i] * y[i])


# The table ------------------------------------------------------------------------------------------------------------


def elementwise_forward(x: FloatArray, function: str, options: Options) -> tuple[FloatArray, ElementwiseCache]:
    """The table's value."""
    x = contiguous(x)
    y = _each(_kernels(x.dtype)[function].value, x, options=options)
    return y, ElementwiseCache(x if TABLE[function].keeps == "x" else y, function, options)


def elementwise_backward(dy: FloatArray, cache: ElementwiseCache) -> FloatArray:
    """dy times the table's slope."""
    kept, function, options = cache
    return _each(_kernels(dy.dtype)[function].slope, dy, kept, options=options)


class Pair(NamedTuple):
    """The two kernels of a function."""

    value: Kernel
    slope: Kernel


@cache
def _kernels(dtype: DType) -> dict[str, Pair]:
    """Return the two kernels of each function for a dtype; they are compiled when they are first launched."""
    mathematics = {name: device_function(function) for name, function in _MATHEMATICS.items()}
    table = bind_table(mathematics, dtype.type, device_function)

    def kernel(template: Callable[..., None], of: Callable[..., Real], name: str) -> Kernel:
        return jit(bound(template, {**globals(), "of": of}, dtype.type, f"{template.__name__}_{name}"))

    return {
        name: Pair(kernel(_elementwise_forward, of.value, name), kernel(_elementwise_backward, of.slope, name))
        for name, of in table.items()
    }


_MATHEMATICS: dict[str, Callable[..., object]] = {
    "exp": lambda x: math.exp(x),
    "expm1": lambda x: math.expm1(x),
    "log1p": lambda x: math.log1p(x),
    "erfc": lambda x: math.erfc(x),
    "sqrt": lambda x: math.sqrt(x),
    "tanh": lambda x: math.tanh(x),
    "where": lambda condition, a, b: a if condition else b,
}
"""Functions of the device, and in the simulator what it puts in the place of `math`."""


def _elementwise_forward(x: FloatArray, y: FloatArray, a: Real, b: Real, c: Real) -> None:
    i = cuda.grid(1)
    if i < x.size:
        y[i] = of(x[i], a, b, c)  # type: ignore[name-defined]  # noqa: F821


def _elementwise_backward(dy: FloatArray, kept: FloatArray, dx: FloatArray, a: Real, b: Real, c: Real) -> None:
    i = cuda.grid(1)
    if i < dy.size:
        dx[i] = dy[i] * of(kept[i], a, b, c)  # type: ignore[name-defined]  # noqa: F821


_VECTOR = "float32[::1]"
PTX_SIGNATURES = [
    *((kernel, (_VECTOR,) * 2) for kernel in (_relu_forward, _sigmoid_forward, _tanh_forward)),
    *((kernel, (_VECTOR,) * 3) for kernel in (_relu_backward, _sigmoid_backward, _tanh_backward)),
    (_leaky_relu_forward, (_VECTOR, _VECTOR, "float32")),
    (_leaky_relu_backward, (_VECTOR, _VECTOR, _VECTOR, "float32")),
    *((of.value, (_VECTOR,) * 2 + ("float32",) * 3) for of in _kernels(np.dtype(np.float32)).values()),
    *((of.slope, (_VECTOR,) * 3 + ("float32",) * 3) for of in _kernels(np.dtype(np.float32)).values()),
]
"""For the check that float32 stays float32."""
