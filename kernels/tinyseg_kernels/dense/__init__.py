r"""A dense (fully connected) layer's arithmetic.

y[n, f] = bias[f] + sum over d of x[n, d] * kernel[d, f]           y  = x @ kernel + bias

dx[n, d] = sum over f of dy[n, f] * kernel[d, f]                   dx = dy @ kernel^T
dkernel[d, f] = sum over n of x[n, d] * dy[n, f]                   dkernel = x^T @ dy
dbias[f] = sum over n of dy[n, f]

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.dense import dense_backward, dense_forward
    >>> y, cache = dense_forward(np.array([[1.0, 2.0]]), np.ones((2, 3)), np.zeros(3))
    >>> y
    array([[3., 3., 3.]])
    >>> dx, dkernel, dbias = dense_backward(np.ones((1, 3)), cache)
    >>> dx, dbias
    (array([[3., 3.]]), array([1., 1., 1.]))
"""

from __future__ import annotations

from ..backend import rung
from ..caches import Kept, before_relu, given_back, keep
from ..checks import as_flag, check_float, check_kernel, check_shape, remembered
from ..errors import InvalidInput
from ..types import FloatArray, KernelGradients, Shape


def dense_forward(
    x: FloatArray, kernel: FloatArray, bias: FloatArray | None = None, *, relu: bool = False
) -> tuple[FloatArray, Kept]:
    """Return x @ kernel + bias.

    Args:
        x: (..., D), float32 or float64.
        kernel: (D, F) of x's dtype.
        bias: (F,) or None.
        relu: Whether y is to be max(y, 0).

    Returns:
        y (..., F) and the cache.

    Raises:
        InvalidInput: Shapes or dtypes that do not fit.
    """
    check_float("dense", x=x, kernel=kernel, bias=bias)
    _check_shapes(x.shape, kernel.shape, None if bias is None else bias.shape)
    relu = relu if type(relu) is bool else as_flag("dense: relu", relu)
    return keep("dense", *rung("dense").dense_forward(x, kernel, bias, relu=relu))


@remembered
def _check_shapes(x: Shape, kernel: Shape, bias: Shape | None) -> None:
    check_kernel("dense", kernel, "D, F")
    if x[-1:] != kernel[:1]:
        raise InvalidInput(f"dense: expected {kernel[0]} numbers in the last axis of x, got shape {x}")
    check_shape("dense", "bias", bias, (kernel[1],), " (one number per unit)")


def dense_backward(dy: FloatArray, cache: Kept, *, need_dx: bool = True) -> KernelGradients:
    """Return (dx, dkernel, dbias); dbias is None without a bias, dx when `need_dx` is false."""
    need_dx = need_dx if type(need_dx) is bool else as_flag("dense_backward: need_dx", need_dx)
    dy, cache = given_back("dense", *before_relu(dy, cache))
    return rung("dense").dense_backward(dy, cache, need_dx=need_dx)
