r"""Maximum pooling: the largest number of each window, channel by channel.

    y[n, oh, ow, c] = max over i, j of x[n, oh*s - p + i, ow*s - p + j, c]

A maximum passes on only the number that won, so dy goes to that pixel alone, and where windows overlap a pixel gathers
dy of every window that it won. Of equal numbers the first of the window in row-major order wins. Padded positions are
minus infinity: they never win against a number.

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.max_pool2d import max_pool2d_backward, max_pool2d_forward
    >>> y, cache = max_pool2d_forward(np.arange(4.0).reshape(1, 2, 2, 1), pool_size=2)
    >>> y.ravel(), max_pool2d_backward(np.ones_like(y), cache).ravel()
    (array([3.]), array([0., 0., 0., 1.]))
"""

from __future__ import annotations

from ..backend import rung
from ..caches import Kept, given_back, keep
from ..checks import as_pooling
from ..types import FloatArray, Padding, Pair


def max_pool2d_forward(
    x: FloatArray, *, pool_size: int | Pair, strides: int | Pair | None = None, padding: Padding = "valid"
) -> tuple[FloatArray, Kept]:
    """Pool every window.

    Args:
        x: Images (N, H, W, C), float32 or float64.
        pool_size: Height and width of the window.
        strides: Steps between windows, larger or smaller than the window; pool_size when None.
        padding: 'valid', 'same' or ((top, bottom), (left, right)).

    Returns:
        y (N, OH, OW, C) and the cache.

    Raises:
        InvalidInput: Wrong rank or dtype, or a window that meets no pixel.
    """
    window, steps, pads = as_pooling("max_pool2d", x, pool_size, strides, padding)
    return keep("max_pool2d", *rung("max_pool2d").max_pool2d_forward(x, pool_size=window, strides=steps, padding=pads))


def max_pool2d_backward(dy: FloatArray, cache: Kept) -> FloatArray:
    """Return dx: each dy at the pixel that won its window, added up where windows overlap."""
    return rung("max_pool2d").max_pool2d_backward(*given_back("max_pool2d", dy, cache))
