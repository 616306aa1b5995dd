"""dense by Numba kernels: three matrix products, whose transposed factors are views."""

from __future__ import annotations

from typing import Any

from ..device import contiguous
from ..gemm.numba_gpu import matmul
from ..gpu.numba_sums import sum_rows

PTX_SIGNATURES: list[tuple[Any, tuple[str, ...]]] = []
"""All kernels are those of gemm/numba_gpu.py and gpu/numba_sums.py."""


def dense_forward(x: Any, kernel: Any, bias: Any | None = None) -> tuple[Any, tuple[Any, Any, bool]]:
    """y = x @ kernel + bias."""
    features, units = kernel.shape
    x, kernel = contiguous(x), contiguous(kernel)
    bias_row = None if bias is None else contiguous(bias)
    y = matmul(_rows(x, features), kernel, bias_row).reshape(*x.shape[:-1], units)
    return y, (x, kernel, bias is not None)


def dense_backward(
    dy: Any, cache: tuple[Any, Any, bool], *, need_dx: bool = True
) -> tuple[Any | None, Any, Any | None]:
    """dx = dy @ kernel^T, dkernel = x^T @ dy, dbias = sum of dy."""
    x, kernel, has_bias = cache
    features, units = kernel.shape
    upstream = _rows(contiguous(dy), units)
    dkernel = matmul(_rows(x, features).T, upstream)
    dx = matmul(upstream, kernel.T).reshape(x.shape) if need_dx else None
    return dx, dkernel, (sum_rows(upstream) if has_bias else None)


def _rows(array: Any, columns: int) -> Any:
    """View a contiguous array (..., C) as (P, C), also when it is empty."""
    return array.reshape(array.size // columns if columns else 0, columns)
