"""dense in NumPy: three matrix products, all BLAS."""

from __future__ import annotations

import numpy as np

from ..caches import MaskCache
from ..sums import sum_to_last_axis
from ..types import Array, FloatArray, KernelGradients
from .cache import DenseCache


def dense_forward(
    x: FloatArray, kernel: FloatArray, bias: FloatArray | None = None, *, relu: bool = False
) -> tuple[FloatArray, DenseCache | MaskCache]:
    """y = x @ kernel + bias, and with `relu` max(y, 0)."""
    y: Array = np.matmul(x, kernel)
    if bias is not None:
        y += bias
    cache = DenseCache(x, kernel, bias is not None)
    return (np.maximum(y, 0, out=y), MaskCache(cache, y)) if relu else (y, cache)


def dense_backward(dy: FloatArray, cache: DenseCache, *, need_dx: bool = True) -> KernelGradients:
    """dx = dy @ kernel^T, dkernel = x^T @ dy, dbias = sum of dy."""
    x, kernel, has_bias = cache
    units = kernel.shape[1]
    dkernel = x.reshape(-1, kernel.shape[0]).T @ dy.reshape(-1, units)
    dx = dy @ kernel.T if need_dx else None
    return dx, dkernel, (sum_to_last_axis(dy) if has_bias else None)
