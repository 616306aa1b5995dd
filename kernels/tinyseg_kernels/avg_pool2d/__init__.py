r"""Average pooling: the mean of each window, channel by channel.

    y[n, oh, ow, c] = (1 / count[oh, ow]) * sum over i, j of x[n, oh*s - p + i, ow*s - p + j, c]

The sum and the count run over the positions inside the image: padding is not counted, as in Keras. Every one of them
has the weight 1 / count, so each receives dy / count, added up where windows overlap.

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.avg_pool2d import avg_pool2d_backward, avg_pool2d_forward
    >>> y, cache = avg_pool2d_forward(np.arange(4.0).reshape(1, 2, 2, 1), pool_size=2)
    >>> y.ravel(), avg_pool2d_backward(np.ones_like(y), cache).ravel()
    (array([1.5]), array([0.25, 0.25, 0.25, 0.25]))
"""

from __future__ import annotations

from ..backend import rung
from ..caches import Kept, given_back, keep
from ..checks import as_pooling
from ..types import FloatArray, Padding, Pair


def avg_pool2d_forward(
    x: FloatArray, *, pool_size: int | Pair, strides: int | Pair | None = None, padding: Padding = "valid"
) -> tuple[FloatArray, Kept]:
    """Pool every window; arguments, result and errors as for `max_pool2d_forward`."""
    window, steps, pads = as_pooling("avg_pool2d", x, pool_size, strides, padding)
    return keep("avg_pool2d", *rung("avg_pool2d").avg_pool2d_forward(x, pool_size=window, strides=steps, padding=pads))


def avg_pool2d_backward(dy: FloatArray, cache: Kept) -> FloatArray:
    """Return dx: dy / count to every pixel of its window, added up where windows overlap."""
    return rung("avg_pool2d").avg_pool2d_backward(*given_back("avg_pool2d", dy, cache))
