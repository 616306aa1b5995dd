"""Activation functions compiled for the CPU: one pass each.

relu, its backward and leaky relu by hand, and all of the table; sigmoid and tanh are NumPy's, whose vector versions are
as fast. float64 is NumPy's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from ..cpu.compiled import kernel, shared
from ..cpu.gemm.micro_kernel import LANES
from ..cpu.memory.buffers import empty
from ..cpu.memory.non_temporal import too_large_to_stay, write, written
from ..cpu.threading.threads import parallel
from ..cpu.vectors.rows import BLOCK
from ..cpu.vectors.vectors import load, maximum, splat, where_positive
from ..types import Array, FloatArray, Real
from . import numpy_cpu
from .binding import Bound, bind_table, bound
from .cache import ElementwiseCache, LeakyReluCache, Options, SignCache
from .cpu.mathematics import MATHEMATICS
from .numpy_cpu import sigmoid_backward, sigmoid_forward, tanh_backward, tanh_forward
from .table import TABLE

__all__ = [
    "elementwise_backward",
    "elementwise_forward",
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


# The table ------------------------------------------------------------------------------------------------------------


def elementwise_forward(x: FloatArray, function: str, options: Options) -> tuple[FloatArray, ElementwiseCache]:
    """The table's value."""
    if x.dtype != np.float32:
        return numpy_cpu.elementwise_forward(x, function, options)
    y = empty(x.shape, x.dtype)
    parallel(_kernels(function).value, x.size, _flat(x), _flat(y), *map(np.float32, options))
    return y, ElementwiseCache(x if TABLE[function].keeps == "x" else y, function, options)


def elementwise_backward(dy: FloatArray, cache: ElementwiseCache) -> FloatArray:
    """dy times the table's slope."""
    if dy.dtype != np.float32:
        return numpy_cpu.elementwise_backward(dy, cache)
    dx = empty(dy.shape, dy.dtype)
    kept, function, options = cache
    parallel(_kernels(function).slope, dy.size, _flat(dy), _flat(kept), _flat(dx), *map(np.float32, options))
    return dx


@cache
def _kernels(function: str) -> Bound:
    """Return the two loops for a function; they are compiled when they are first called."""
    value, slope = _table()[function]
    return Bound(_loop(_forward, function, value), _loop(_backward, function, slope))


def _loop(loop: Callable[..., None], function: str, of: Callable[..., Real]) -> Callable[..., None]:
    """Return a loop for one of the table's functions, under a name of its own: the compiler keeps code by name."""
    name = f"{loop.__name__}_{function}"
    return kernel(bound(loop, {**globals(), "of": of}, np.float32, name))


@cache
def _table() -> dict[str, Bound]:
    """Return the table, compiled."""
    return bind_table(MATHEMATICS, np.float32, shared)


def _forward(start: int, stop: int, x: FloatArray, y: FloatArray, a: Real, b: Real, c: Real) -> None:
    x, y = x[start:stop], y[start:stop]  # counted from 0: as in `_slope_forward`
    for k in range(x.size):
        y[k] = of(x[k], a, b, c)  # type: ignore[name-defined]  # noqa: F821


def _backward(
    start: int, stop: int, dy: FloatArray, kept: FloatArray, dx: FloatArray, a: Real, b: Real, c: Real
) -> None:
    dy, kept, dx = dy[start:stop], kept[start:stop], dx[start:stop]
    for k in range(dy.size):
        dx[k] = dy[k] * of(kept[k], a, b, c)  # type: ignore[name-defined]  # noqa: F821
