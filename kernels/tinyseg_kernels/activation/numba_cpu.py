"""Activation functions compiled for the CPU: one pass each.

relu, its backward and leaky relu; exp and tanh are NumPy's, whose vector versions are as fast.
"""

from __future__ import annotations

import numpy as np

from ..cpu.compiled import kernel
from ..cpu.gemm.micro_kernel import LANES
from ..cpu.memory.buffers import empty
from ..cpu.memory.non_temporal import too_large_to_stay, write, written
from ..cpu.threading.threads import parallel
from ..cpu.vectors.rows import BLOCK
from ..cpu.vectors.vectors import load, maximum, splat, where_positive
from ..types import Array, FloatArray, Real
from . import numpy_cpu
from .cache import LeakyReluCache, SignCache
from .numpy_cpu import sigmoid_backward, sigmoid_forward, tanh_backward, tanh_forward

__all__ = [
    "leaky_relu_backward",
    "leaky_relu_forward",
    "relu_backward",
    "relu_forward",
    "sigmoid_backward",
    "sigmoid_forward",
    "tanh_backward",
    "tanh_forward",
]


def relu_forward(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """max(x, 0), and NaN where x is NaN."""
    if x.dtype != np.float32:
        return numpy_cpu.relu_forward(x)
    y = empty(x.shape, x.dtype)
    blocks = -(-x.size // BLOCK)
    parallel(_relu_forward, blocks, _flat(x), _flat(y), too_large_to_stay(_flat(y)))
    return y, y


def relu_backward(dy: FloatArray, y: FloatArray) -> FloatArray:
    """dy where y > 0."""
    if dy.dtype != np.float32:
        return numpy_cpu.relu_backward(dy, y)
    dx = empty(dy.shape, dy.dtype)
    blocks = -(-dy.size // BLOCK)
    parallel(_relu_backward, blocks, _flat(dy), _flat(y), _flat(dx), too_large_to_stay(_flat(dx)))
    return dx


@kernel
def _relu_forward(start: int, stop: int, x: FloatArray, y: FloatArray, past_cache: bool) -> None:
    first, last = start * BLOCK, min(stop * BLOCK, x.size)
    whole, zero = first + (last - first) // LANES * LANES, splat(np.float32(0))
    for k in range(first * 4, whole * 4, LANES * 4):
        write(y.ctypes.data + k, maximum(load(x.ctypes.data + k), zero), past_cache)
    for k in range(whole, last):
        y[k] = np.float32(0) if x[k] <= 0 else x[k]  # a NaN is not below 0, and stays
    written()


@kernel
def _relu_backward(start: int, stop: int, dy: FloatArray, y: FloatArray, dx: FloatArray, past_cache: bool) -> None:
    first, last = start * BLOCK, min(stop * BLOCK, dy.size)
    whole = first + (last - first) // LANES * LANES
    for k in range(first * 4, whole * 4, LANES * 4):
        opened = where_positive(load(y.ctypes.data + k), load(dy.ctypes.data + k))
        write(dx.ctypes.data + k, opened, past_cache)
    for k in range(whole, last):
        dx[k] = dy[k] if y[k] > 0 else np.float32(0)
    written()


def leaky_relu_forward(x: FloatArray, *, negative_slope: float = 0.3) -> tuple[FloatArray, LeakyReluCache | SignCache]:
    """x, or slope * x; the cache is x itself."""
    if x.dtype != np.float32:
        return numpy_cpu.leaky_relu_forward(x, negative_slope=negative_slope)
    y = empty(x.shape, x.dtype)
    parallel(_slope_forward, x.size, _flat(x), _flat(y), np.float32(negative_slope))
    return y, (x, negative_slope)


def leaky_relu_backward(dy: FloatArray, cache: tuple[Array, float]) -> FloatArray:
    """dy, or slope * dy."""
    x, negative_slope = cache
    if dy.dtype != np.float32:
        return numpy_cpu.leaky_relu_backward(dy, cache)
    dx = empty(dy.shape, dy.dtype)
    parallel(_slope_backward, dy.size, _flat(dy), _flat(x), _flat(dx), np.float32(negative_slope))
    return dx


def _flat(array: Array) -> FloatArray:
    return np.ascontiguousarray(array).reshape(-1)


@kernel
def _slope_forward(start: int, stop: int, x: FloatArray, y: FloatArray, slope: Real) -> None:
    x, y = x[start:stop], y[start:stop]  # counted from 0, k cannot be negative: only then vectors are made of the loop
    for k in range(x.size):
        value = x[k]
        below = value * slope if slope != 0 else np.float32(0)  # -infinity * 0 would be NaN
        y[k] = below if value <= 0 else value  # a NaN is not below 0, and stays


@kernel
def _slope_backward(start: int, stop: int, dy: FloatArray, sign: FloatArray, dx: FloatArray, slope: Real) -> None:
    dy, sign, dx = dy[start:stop], sign[start:stop], dx[start:stop]
    for k in range(dy.size):
        below = dy[k] * slope if slope != 0 else np.float32(0)
        dx[k] = dy[k] if sign[k] > 0 else below
