"""dense compiled for the CPU: three matrix products of `cpu/gemm/gemm.py`, in float32; float64 takes the NumPy rung."""

from __future__ import annotations

import numpy as np

from ..caches import MaskCache
from ..cpu.gemm.gemm import product, product_transposed, transposed_product
from ..cpu.vectors.reductions import FusedCache, MaskedCache, sum_to_last_axis
from ..types import FloatArray, KernelGradients
from . import numpy_cpu
from .cache import DenseCache


def dense_forward(
    x: FloatArray, kernel: FloatArray, bias: FloatArray | None = None, *, relu: bool = False
) -> tuple[FloatArray, DenseCache | FusedCache[DenseCache] | MaskCache]:
    """y = x @ kernel + bias, and with `relu` max(y, 0)."""
    if x.dtype != np.float32:
        return numpy_cpu.dense_forward(x, kernel, bias, relu=relu)
    y = product(x.reshape(-1, kernel.shape[0]), kernel, bias, relu).reshape(*x.shape[:-1], kernel.shape[1])
    cache = DenseCache(x, kernel, bias is not None)
    return y, (FusedCache(cache, y) if relu else cache)


def dense_backward(
    dy: FloatArray, cache: DenseCache | MaskedCache[DenseCache], *, need_dx: bool = True
) -> KernelGradients:
    """dx = dy @ kernel^T, dkernel = x^T @ dy, dbias = sum of dy."""
    if isinstance(cache, MaskedCache):
        cache, dbias = cache
    elif dy.dtype != np.float32:
        return numpy_cpu.dense_backward(dy, cache, need_dx=need_dx)
    else:
        dbias = sum_to_last_axis(dy) if cache.has_bias else None
    x, kernel, _ = cache
    upstream = dy.reshape(-1, kernel.shape[1])
    dkernel = transposed_product(x.reshape(-1, kernel.shape[0]), upstream)
    dx = product_transposed(upstream, kernel).reshape(x.shape) if need_dx else None
    return dx, dkernel, dbias
