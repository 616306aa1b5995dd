"""dense compiled for the CPU: three matrix products of `cpu/gemm/gemm.py`, in float32; float64 takes the NumPy rung."""

from __future__ import annotations

import numpy as np

from ..cpu.gemm.gemm import product, product_transposed, transposed_product
from ..cpu.vectors.reductions import sum_to_last_axis
from ..types import Array, FloatArray, KernelGradients
from . import numpy_cpu
from .cache import DenseCache


def dense_forward(x: FloatArray, kernel: FloatArray, bias: FloatArray | None = None) -> tuple[FloatArray, DenseCache]:
    """y = x @ kernel + bias."""
    if x.dtype != np.float32:
        return numpy_cpu.dense_forward(x, kernel, bias)
    y = product(x.reshape(-1, kernel.shape[0]), kernel, bias).reshape(*x.shape[:-1], kernel.shape[1])
    return y, (x, kernel, bias is not None)


def dense_backward(dy: FloatArray, cache: tuple[Array, Array, bool], *, need_dx: bool = True) -> KernelGradients:
    """dx = dy @ kernel^T, dkernel = x^T @ dy, dbias = sum of dy."""
    if dy.dtype != np.float32:
        return numpy_cpu.dense_backward(dy, cache, need_dx=need_dx)
    x, kernel, has_bias = cache
    upstream = dy.reshape(-1, kernel.shape[1])
    dkernel = transposed_product(x.reshape(-1, kernel.shape[0]), upstream)
    dx = product_transposed(upstream, kernel).reshape(x.shape) if need_dx else None
    return dx, dkernel, (sum_to_last_axis(dy) if has_bias else None)
