r"""Softmax: numbers to probabilities.

    y_k = exp(x_k) / sum over l of exp(x_l)

Subtracting the maximum from x first changes nothing (it cancels) and keeps exp from overflowing.

Gradient: dy_k/dx_l = y_k * ([k = l] - y_l), therefore

    dx_l = sum over k of dy_k * y_k * ([k = l] - y_l) = y_l * (dy_l - sum over k of dy_k * y_k)

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.softmax import softmax_backward, softmax_forward
    >>> y, cache = softmax_forward(np.zeros((1, 4)))
    >>> y
    array([[0.25, 0.25, 0.25, 0.25]])
    >>> softmax_backward(np.array([[1.0, 0.0, 0.0, 0.0]]), cache)
    array([[ 0.1875, -0.0625, -0.0625, -0.0625]])
"""

from __future__ import annotations

from ..backend import rung
from ..caches import Kept, given_back, keep
from ..checks import as_axis, check_float
from ..types import FloatArray


def softmax_forward(x: FloatArray, *, axis: int = -1) -> tuple[FloatArray, Kept]:
    """Turn the numbers along an axis into probabilities that add up to 1.

    Args:
        x: Any shape with at least one axis, float32 or float64.
        axis: The axis that holds the classes.

    Raises:
        InvalidInput: Wrong dtype, or no such axis.
    """
    check_float("softmax", x=x)
    if type(axis) is not int or not -x.ndim <= axis < x.ndim:
        axis = as_axis("softmax: axis", axis, x.ndim, f"x of shape {x.shape}")
    return keep("softmax", *rung("softmax").softmax_forward(x, axis=axis))


def softmax_backward(dy: FloatArray, cache: Kept) -> FloatArray:
    """Return dx = y * (dy - sum of dy * y along the axis)."""
    return rung("softmax").softmax_backward(*given_back("softmax", dy, cache))
