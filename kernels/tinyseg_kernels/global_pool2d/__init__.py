r"""Pooling of whole images: one number per image and channel.

global average: y[n, c] = mean over h, w of x[n, h, w, c]        dx = dy / (H * W) everywhere
global maximum: y[n, c] = max  over h, w of x[n, h, w, c]        dx = dy where the maximum stood (the first in row-major order)

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.global_pool2d import global_avg_pool2d_forward, global_max_pool2d_forward
    >>> x = np.arange(4.0).reshape(1, 2, 2, 1)
    >>> global_avg_pool2d_forward(x)[0], global_max_pool2d_forward(x)[0]
    (array([[1.5]]), array([[3.]]))
"""

from __future__ import annotations

from ..backend import rung
from ..caches import Kept, given_back, keep
from ..checks import as_flag, check_float, check_rank
from ..errors import InvalidInput
from ..types import FloatArray


def _check(operation: str, x: FloatArray, keepdims: bool) -> bool:
    check_float(operation, x=x)
    check_rank(operation, "x", x.shape, "N, H, W, C")
    if 0 in x.shape[1:]:
        raise InvalidInput(f"{operation}: expected images of at least one pixel, got shape {x.shape}")
    return as_flag(f"{operation}: keepdims", keepdims)


def global_avg_pool2d_forward(x: FloatArray, *, keepdims: bool = False) -> tuple[FloatArray, Kept]:
    """Return the mean of each channel: (N, C), or (N, 1, 1, C) with keepdims."""
    keepdims = _check("global_avg_pool2d", x, keepdims)
    return keep("global_avg_pool2d", *rung("global_pool2d").global_avg_pool2d_forward(x, keepdims=keepdims))


def global_avg_pool2d_backward(dy: FloatArray, cache: Kept) -> FloatArray:
    """Share dy equally among all pixels."""
    return rung("global_pool2d").global_avg_pool2d_backward(*given_back("global_avg_pool2d", dy, cache))


def global_max_pool2d_forward(x: FloatArray, *, keepdims: bool = False) -> tuple[FloatArray, Kept]:
    """Return the largest number of each channel: (N, C), or (N, 1, 1, C) with keepdims."""
    keepdims = _check("global_max_pool2d", x, keepdims)
    return keep("global_max_pool2d", *rung("global_pool2d").global_max_pool2d_forward(x, keepdims=keepdims))


def global_max_pool2d_backward(dy: FloatArray, cache: Kept) -> FloatArray:
    """Give dy to the pixel that was largest."""
    return rung("global_pool2d").global_max_pool2d_backward(*given_back("global_max_pool2d", dy, cache))
