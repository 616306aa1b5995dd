"""Activation functions in NumPy."""

from __future__ import annotations

from functools import cache

import numpy as np

from ..types import Array, DType, FloatArray
from .binding import Bound, bind_table
from .cache import ElementwiseCache, Options, SignCache
from .table import TABLE


def relu_forward(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """max(x, 0); np.maximum hands NaN on."""
    y: Array = np.maximum(x, 0)
    return y, y


def relu_backward(dy: FloatArray, y: FloatArray) -> FloatArray:
    """dy where y > 0: multiplying by the mask is three times as fast as np.where."""
    return np.multiply(dy, y > 0)


def leaky_relu_forward(x: FloatArray, *, negative_slope: float = 0.3) -> tuple[FloatArray, SignCache]:
    """x, or slope * x."""
    positive = x > 0
    return np.where(positive, x, x * negative_slope), (positive, negative_slope)


def leaky_relu_backward(dy: FloatArray, cache: tuple[Array, float]) -> FloatArray:
    """dy, or slope * dy."""
    positive, negative_slope = cache
    return np.where(positive, dy, dy * negative_slope)


def sigmoid_forward(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """With z = exp(-|x|), which cannot overflow: 1 / (1 + z) for x >= 0, and z / (1 + z) below.

    No digits cancel in either.
    """
    z = np.exp(-np.abs(x))
    y: Array = np.where(x >= 0, x.dtype.type(1), z)
    z += 1
    y /= z
    return y, y


def sigmoid_backward(dy: FloatArray, y: FloatArray) -> FloatArray:
    """dy * y * (1 - y)."""
    dx: Array = (1 - y) * y
    dx *= dy
    return dx


def tanh_forward(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Hyperbolic tangent."""
    y: Array = np.tanh(x)
    return y, y


def tanh_backward(dy: FloatArray, y: FloatArray) -> FloatArray:
    """dy * (1 - y^2)."""
    dx: Array = 1 - y * y
    dx *= dy
    return dx


def elementwise_forward(x: FloatArray, function: str, options: Options) -> tuple[FloatArray, ElementwiseCache]:
    """The table's value, of the whole array at once."""
    with np.errstate(all="ignore"):  # `where` computes both sides
        y = _table(x.dtype)[function].value(x, *map(x.dtype.type, options))
    return y, ElementwiseCache(x if TABLE[function].keeps == "x" else y, function, options)


def elementwise_backward(dy: FloatArray, cache: ElementwiseCache) -> FloatArray:
    """dy times the table's slope."""
    kept, function, options = cache
    with np.errstate(all="ignore"):
        dx: Array = dy * _table(kept.dtype)[function].slope(kept, *map(kept.dtype.type, options))
    return dx


@cache
def _table(dtype: DType) -> dict[str, Bound]:
    """Return the table for a dtype."""
    return bind_table(
        {
            "exp": np.exp, "expm1": np.expm1, "log1p": np.log1p, "sqrt": np.sqrt, "tanh": np.tanh, "where": np.where,
            "erfc": _erfc,
        },
        dtype.type,
    )  # fmt: skip


def _erfc(x: FloatArray) -> FloatArray:
    """SciPy's, since NumPy has none."""
    from scipy.special import erfc

    y: FloatArray = erfc(x)
    return y
