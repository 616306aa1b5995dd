"""dense by Numba kernels: three matrix products, whose transposed factors are views."""

from __future__ import annotations

from ..caches import relu_after
from ..device import contiguous
from ..gemm.numba_gpu import matmul
from ..gpu.numba_cuda import Kernel
from ..gpu.numba_sums import sum_rows
from ..types import FloatArray, KernelGradients
from .cache import DenseCache

PTX_SIGNATURES: list[tuple[Kernel, tuple[str, ...]]] = []
"""All kernels are those of gemm/numba_gpu.py and gpu/numba_sums.py."""


@relu_after
def dense_forward(x: FloatArray, kernel: FloatArray, bias: FloatArray | None = None) -> tuple[FloatArray, DenseCache]:
    """y = x @ kernel + bias."""
    features, units = kernel.shape
    x, kernel = contiguous(x), contiguous(kernel)
    bias_row = None if bias is None else contiguous(bias)
    y = matmul(_rows(x, features), kernel, bias_row).reshape(*x.shape[:-1], units)
    return y, DenseCache(x, kernel, bias is not None)


def dense_backward(dy: FloatArray, cache: DenseCache, *, need_dx: bool = True) -> KernelGradients:
    """dx = dy @ kernel^T, dkernel = x^T @ dy, dbias = sum of dy."""
    x, kernel, has_bias = cache
    features, units = kernel.shape
    upstream = _rows(contiguous(dy), units)
    dkernel = matmul(_rows(x, features).T, upstream)
    dx = matmul(upstream, kernel.T).reshape(x.shape) if need_dx else None
    return dx, dkernel, (sum_rows(upstream) if has_bias else None)


def _rows(array: FloatArray, columns: int) -> FloatArray:
    """View a contiguous array (..., C) as (P, C), also when it is empty."""
    return array.reshape(array.size // columns if columns else 0, columns)
