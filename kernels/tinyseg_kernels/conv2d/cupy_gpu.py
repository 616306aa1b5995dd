"""conv2d in CUDA C++: which version computes a convolution, and its gradients.

naive, coalesced, shared_tiles, register_tiles   the formulas' own products, ever better organised (gpu/implicit_gemm.py)
a matrix product                                 for 1x1 kernels, which are one (gemm)
"""

from __future__ import annotations

from ..caches import relu_after
from ..device import contiguous
from ..gemm.cupy_gpu import matmul
from ..gpu.column_sums import as_rows, sum_to_last_axis
from ..gpu.tensor_cores import tensor_cores
from ..gpu.versions import forced_version
from ..types import DTypeLike, FloatArray, KernelGradients, Padding, Pair
from ..windows import explicit_padding
from .cache import Conv2DCache
from .gpu import implicit_gemm, winograd
from .gpu.geometry import Geometry, make_geometry
from .gpu.implicit_gemm import COMPILED_WITH as COMPILED_WITH


@relu_after
def conv2d_forward(
    x: FloatArray,
    kernel: FloatArray,
    bias: FloatArray | None = None,
    *,
    strides: Pair = (1, 1),
    padding: Padding = "valid",
    dilation_rate: Pair = (1, 1),
) -> tuple[FloatArray, Conv2DCache]:
    """Convolve: y[o] = bias + sum of x[o*s - p + i*d] * kernel[i]."""
    pads = explicit_padding(padding, x.shape[1:3], kernel.shape[:2], strides, dilation_rate)
    cache = Conv2DCache(x, kernel, bias is not None, strides, pads, dilation_rate)
    return convolve(x, kernel, bias, cache), cache


def conv2d_backward(dy: FloatArray, cache: Conv2DCache, *, need_dx: bool = True) -> KernelGradients:
    """Return (dx, dkernel, dbias)."""
    dx = input_gradient(dy, cache.kernel, cache.x.shape, cache) if need_dx else None
    dkernel = kernel_gradient(cache.x, dy, cache.kernel.shape, cache)
    return dx, dkernel, (sum_to_last_axis(dy) if cache.has_bias else None)


def convolve(x: FloatArray, kernel: FloatArray, bias: FloatArray | None, options: Conv2DCache) -> FloatArray:
    """Return y; of `options`, only strides, padding and dilation matter."""
    x, kernel, bias = contiguous(x), contiguous(kernel), None if bias is None else contiguous(bias)
    g = _geometry(x.shape, kernel.shape, options)
    version = choose(g, x.dtype)
    if version == "winograd":
        return winograd.forward(x, kernel, bias, options.padding)
    if version == "matrix_product":
        return matmul(as_rows(x), kernel.reshape(g.channels, g.filters), bias).reshape(g.y_shape)
    return implicit_gemm.forward(version, x, kernel, bias, g)


def input_gradient(
    dy: FloatArray, kernel: FloatArray, x_shape: tuple[int, ...], options: Conv2DCache, bias: FloatArray | None = None
) -> FloatArray:
    """Return dx of this shape, plus bias (C,): a transposed convolution's output."""
    dy, kernel, bias = contiguous(dy), contiguous(kernel), None if bias is None else contiguous(bias)
    g = _geometry(x_shape, kernel.shape, options)
    version = choose(g, dy.dtype)
    if version == "winograd":
        dx = winograd.input_gradient(dy, kernel, x_shape, options.padding)
        if bias is not None:
            dx += bias
        return dx
    if version == "matrix_product":
        weights = kernel.reshape(g.channels, g.filters)
        return matmul(as_rows(dy), weights, bias, transpose_b=True).reshape(g.x_shape)
    return implicit_gemm.input_gradient(version, dy, kernel, g, bias)


def kernel_gradient(x: FloatArray, dy: FloatArray, kernel_shape: tuple[int, ...], options: Conv2DCache) -> FloatArray:
    """Return dkernel of this shape."""
    x, dy = contiguous(x), contiguous(dy)
    g = _geometry(x.shape, kernel_shape, options)
    version = choose(g, x.dtype)
    if version == "winograd":
        return winograd.kernel_gradient(x, dy, kernel_shape, options.padding)
    if version == "matrix_product":
        return matmul(as_rows(x), as_rows(dy), transpose_a=True).reshape(g.kernel_shape)
    return implicit_gemm.kernel_gradient(version, x, dy, g)


def choose(g: Geometry, dtype: DTypeLike) -> str:
    """Return the version for a geometry: what was asked for, else the fastest.

    A 1x1 kernel needs no gathering. Tensor cores, for those who ask for them, do register tiles' products. Winograd
    saves multiplications where it can and where its transforms cost less than that. Register tiles do all the rest.
    """
    window, strides, dilation = g.kernel_shape, (g.stride_down, g.stride_right), (g.dilation_down, g.dilation_right)
    forced = forced_version("conv2d")
    if forced == "winograd" and all(window) and winograd.possible(window, strides, dilation):
        return forced
    if forced in implicit_gemm.VERSIONS:
        return forced
    if g.pointwise:
        return "matrix_product"
    if tensor_cores(dtype):
        return "register_tiles"
    return "winograd" if winograd.suits(g.x_shape, window, strides, dilation, dtype) else "register_tiles"


def _geometry(x_shape: tuple[int, ...], kernel_shape: tuple[int, ...], options: Conv2DCache) -> Geometry:
    return make_geometry(x_shape, kernel_shape, options.strides, options.padding, options.dilation_rate)
