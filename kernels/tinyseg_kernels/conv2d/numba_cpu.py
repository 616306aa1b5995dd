"""conv2d compiled for the CPU: forward and backward, each by the way that `cpu/algorithm.py` chooses from the geometry.

All of it is float32; float64, which is asked for where exactness counts, takes the NumPy rung.
"""

from __future__ import annotations

import numpy as np

from ..caches import MaskCache
from ..cpu.gemm.gemm import product, product_transposed, transposed_product
from ..cpu.vectors.reductions import FusedCache, MaskedCache, sum_to_last_axis
from ..types import FloatArray, KernelGradients, Padding, Pair
from ..windows import explicit_padding, output_size
from . import numpy_cpu
from .cache import Conv2DCache
from .cpu import dilated, direct, few_channels, im2col, non_overlapping, phases
from .cpu.algorithm import Geometry, algorithm
from .cpu.flipped_kernel import as_convolution
from .cpu.winograd import convolution as winograd


def conv2d_forward(
    x: FloatArray,
    kernel: FloatArray,
    bias: FloatArray | None = None,
    *,
    strides: Pair = (1, 1),
    padding: Padding = "valid",
    dilation_rate: Pair = (1, 1),
    relu: bool = False,
) -> tuple[FloatArray, Conv2DCache | FusedCache[Conv2DCache] | MaskCache]:
    """Convolve; bias and ReLU are applied to each part of y while it is in the cache."""
    if x.dtype != np.float32:
        return numpy_cpu.conv2d_forward(
            x, kernel, bias, strides=strides, padding=padding, dilation_rate=dilation_rate, relu=relu
        )
    size, window = x.shape[1:3], kernel.shape[:2]
    pads = explicit_padding(padding, size, window, strides, dilation_rate)
    out = output_size(size, window, strides, pads, dilation_rate)
    y = convolved(x, kernel, bias, out, strides, pads, dilation_rate, relu)
    cache = Conv2DCache(x, kernel, bias is not None, strides, pads, dilation_rate)
    return y, (FusedCache(cache, y) if relu else cache)


def convolved(
    x: FloatArray,
    kernel: FloatArray,
    bias: FloatArray | None,
    out: Pair,
    strides: Pair,
    pads: tuple[Pair, Pair],
    dilation_rate: Pair,
    relu: bool = False,
) -> FloatArray:
    """Return y (N, *out, F) in float32; `pads` may be negative, which cuts rows and columns off x."""
    kh, kw, channels, filters = kernel.shape
    way = algorithm("y", Geometry((kh, kw), channels, filters, strides, pads, dilation_rate, len(x), out))
    if way == "matrix_product":
        return product(x.reshape(-1, channels), kernel[0, 0], bias, relu).reshape(*x.shape[:3], filters)
    if way == "im2col":
        return im2col.forward(x, kernel, bias, out, strides, pads, dilation_rate, relu)
    if way == "winograd":
        return winograd.forward(x, kernel, bias, out, pads, relu)
    if way == "dilated":
        return dilated.forward(x, kernel, bias, out, pads, dilation_rate, relu)
    return direct.forward(x, kernel, bias, out, strides, pads, dilation_rate, relu)


def conv2d_backward(
    dy: FloatArray, cache: Conv2DCache | FusedCache[Conv2DCache] | MaskedCache[Conv2DCache], *, need_dx: bool = True
) -> KernelGradients:
    """Return (dx, dkernel, dbias)."""
    if isinstance(cache, FusedCache):
        dy, cache = cache.through_relu(dy)
    if isinstance(cache, MaskedCache):
        cache, dbias = cache
    elif dy.dtype != np.float32:
        return numpy_cpu.conv2d_backward(dy, cache, need_dx=need_dx)
    else:
        dbias = sum_to_last_axis(dy) if cache.has_bias else None
    dkernel = kernel_gradient(cache.x, dy, cache)
    dx = input_gradient(dy, cache.kernel, cache.x.shape[1:3], cache) if need_dx else None
    return dx, dkernel, dbias


def kernel_gradient(x: FloatArray, dy: FloatArray, geometry: Conv2DCache) -> FloatArray:
    """Return dkernel of a convolution with this geometry, from its image and upstream gradient."""
    kh, kw, channels, filters = geometry.kernel.shape
    way = algorithm("dkernel", _sizes(dy, geometry.kernel, geometry))
    if way == "matrix_product":
        return transposed_product(x.reshape(-1, channels), dy.reshape(-1, filters)).reshape(1, 1, channels, filters)
    if way == "im2col":
        return im2col.kernel_gradient(x, dy, geometry)
    if way == "winograd":
        return winograd.kernel_gradient(x, dy, geometry.padding, kh)
    if way == "dilated":
        return dilated.kernel_gradient(x, dy, (kh, kw), geometry.padding, geometry.dilation_rate)
    return direct.kernel_gradient(x, dy, (kh, kw), geometry.strides, geometry.padding, geometry.dilation_rate)


def input_gradient(dy: FloatArray, kernel: FloatArray, size: Pair, geometry: Conv2DCache) -> FloatArray:
    """Return dx (N, *size, C) of a convolution with this kernel and geometry."""
    channels, filters = kernel.shape[2:]
    way = algorithm("dx", _sizes(dy, kernel, geometry))
    if way == "matrix_product":
        return product_transposed(dy.reshape(-1, filters), kernel[0, 0]).reshape(*dy.shape[:3], channels)
    if way == "non_overlapping":
        return non_overlapping.input_gradient(dy, kernel, size)
    if way == "im2col":
        return im2col.input_gradient(dy, kernel, size, geometry)
    if way == "few_channels":
        return few_channels.input_gradient(dy, kernel, size, geometry)
    if way == "phases":
        return phases.input_gradient(dy, kernel, size, geometry)
    if way == "numpy":
        return numpy_cpu.input_gradient(dy, kernel, size, geometry)
    flipped, pads = as_convolution(dy, kernel, size, geometry.padding, geometry.dilation_rate)
    return convolved(dy, flipped, None, size, (1, 1), pads, geometry.dilation_rate)


def _sizes(dy: FloatArray, kernel: FloatArray, geometry: Conv2DCache) -> Geometry:
    """Return the sizes of the convolution of which dy is the upstream gradient."""
    kh, kw, channels, filters = kernel.shape
    images, oh, ow, _ = dy.shape
    strides, padding, dilation_rate = geometry.strides, geometry.padding, geometry.dilation_rate
    return Geometry((kh, kw), channels, filters, strides, padding, dilation_rate, images, (oh, ow))
