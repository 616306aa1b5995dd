"""dense in CUDA C++: three matrix products by gemm, which reads kernel^T and x^T without a transposed copy."""

from __future__ import annotations

from ..caches import relu_after
from ..gemm.cupy_gpu import matmul
from ..gpu.column_sums import as_rows, column_sums
from ..types import FloatArray, KernelGradients
from .cache import DenseCache


@relu_after
def dense_forward(x: FloatArray, kernel: FloatArray, bias: FloatArray | None = None) -> tuple[FloatArray, DenseCache]:
    """y = x @ kernel + bias."""
    y: FloatArray = matmul(as_rows(x), kernel, bias)
    return y.reshape(*x.shape[:-1], kernel.shape[1]), DenseCache(x, kernel, bias is not None)


def dense_backward(dy: FloatArray, cache: DenseCache, *, need_dx: bool = True) -> KernelGradients:
    """dx = dy @ kernel^T, dkernel = x^T @ dy, dbias = sum of dy."""
    x, kernel, has_bias = cache
    rows = as_rows(dy)
    dkernel = matmul(as_rows(x), rows, transpose_a=True)
    dx = matmul(rows, kernel, transpose_b=True).reshape(x.shape) if need_dx else None
    return dx, dkernel, (column_sums(rows) if has_bias else None)
