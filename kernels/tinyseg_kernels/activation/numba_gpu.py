"""Activation functions by Numba kernels: one thread for each number.

A literal such as 0 is an int64 for Numba, and float32 with int64 makes float64; so constants are made of the arrays'
own type.
"""

from __future__ import annotations

import math

from ..device import contiguous, empty
from ..gpu.cuda import blocks
from ..gpu.numba_cuda import Kernel, cuda, jit, launch
from ..types import FloatArray
from .cache import LeakyReluCache

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


_VECTOR = "float32[::1]"
PTX_SIGNATURES = [
    *((kernel, (_VECTOR,) * 2) for kernel in (_relu_forward, _sigmoid_forward, _tanh_forward)),
    *((kernel, (_VECTOR,) * 3) for kernel in (_relu_backward, _sigmoid_backward, _tanh_backward)),
    (_leaky_relu_forward, (_VECTOR, _VECTOR, "float32")),
    (_leaky_relu_backward, (_VECTOR, _VECTOR, _VECTOR, "float32")),
]
"""For the check that float32 stays float32."""
