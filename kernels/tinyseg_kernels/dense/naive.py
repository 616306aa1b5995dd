"""dense in loops."""

from __future__ import annotations

import numpy as np

from ..caches import relu_after
from ..types import FloatArray, KernelGradients
from .cache import DenseCache


@relu_after
def dense_forward(x: FloatArray, kernel: FloatArray, bias: FloatArray | None = None) -> tuple[FloatArray, DenseCache]:
    """Y[n, f] = bias[f] + sum of x[n, d] * kernel[d, f]."""
    y = np.zeros((*x.shape[:-1], kernel.shape[1]), x.dtype)
    for place in np.ndindex(x.shape[:-1]):
        for f in range(kernel.shape[1]):
            for d in range(kernel.shape[0]):
                y[(*place, f)] += x[(*place, d)] * kernel[d, f]
    if bias is not None:
        y = y + bias
    return y, DenseCache(x, kernel, bias is not None)


def dense_backward(dy: FloatArray, cache: DenseCache, *, need_dx: bool = True) -> KernelGradients:
    """Each product of the forward gives one term to dx and one to dkernel."""
    x, kernel, has_bias = cache
    dx, dkernel, dbias = np.zeros_like(x), np.zeros_like(kernel), np.zeros(kernel.shape[1], dy.dtype)
    for place in np.ndindex(x.shape[:-1]):
        for f in range(kernel.shape[1]):
            dbias[f] += dy[(*place, f)]
            for d in range(kernel.shape[0]):
                dx[(*place, d)] += dy[(*place, f)] * kernel[d, f]
                dkernel[d, f] += dy[(*place, f)] * x[(*place, d)]
    return (dx if need_dx else None), dkernel, (dbias if has_bias else None)
