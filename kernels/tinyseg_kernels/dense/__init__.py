r"""A dense (fully connected) layer's arithmetic.

y[n, f] = bias[f] + sum over d of x[n, d] * kernel[d, f]           y  = x @ kernel + bias

dx[n, d] = sum over f of dy[n, f] * kernel[d, f]                   dx = dy @ kernel^T
dkernel[d, f] = sum over n of x[n, d] * dy[n, f]                   dkernel = x^T @ dy
dbias[f] = sum over n of dy[n, f]
"""

from __future__ import annotations

from ..backend import rung
from ..caches import Kept, given_back, keep
from ..checks import as_flag, check_float, check_kernel, check_shape
from ..errors import InvalidInput
from ..types import FloatArray, KernelGradients


def dense_forward(x: FloatArray, kernel: FloatArray, bias: FloatArray | None = None) -> tuple[FloatArray, Kept]:
    """Return x @ kernel + bias.

    Args:
        x: (..., D), float32 or float64.
        kernel: (D, F) of x's dtype.
        bias: (F,) or None.

    Returns:
        y (..., F) and the cache.

    Raises:
        InvalidInput: Shapes or dtypes that do not fit.
    """
    check_float("dense", x=x, kernel=kernel, bias=bias)
    check_kernel("dense", kernel, "D, F")
    if x.ndim < 1 or x.shape[-1] != kernel.shape[0]:
        raise InvalidInput(f"dense: expected {kernel.shape[0]} numbers in the last axis of x, got shape {x.shape}")
    check_shape("dense", "bias", bias, (kernel.shape[1],), " (one number per unit)")
    return keep("dense", *rung("dense").dense_forward(x, kernel, bias))


def dense_backward(dy: FloatArray, cache: Kept, *, need_dx: bool = True) -> KernelGradients:
    """Return (dx, dkernel, dbias); dbias is None without a bias, dx when `need_dx` is false."""
    need_dx = need_dx if type(need_dx) is bool else as_flag("dense_backward: need_dx", need_dx)
    dy, cache = given_back("dense", dy, cache)
    return rung("dense").dense_backward(dy, cache, need_dx=need_dx)
