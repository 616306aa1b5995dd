"""conv2d compiled for the CPU: which way each convolution goes, forward and backward.

    winograd_cpu.py   3x3 and 5x5 with stride 1 and enough channels: a quarter or a third of the multiplications
    dilated_cpu.py    the same with dilation, pixels d apart as images of their own
    few_pixels_cpu.py few outputs with many channels, of any window: a matrix of windows
    cpu/gemm/gemm.py       1x1 with stride 1: a matrix product
    direct_cpu.py     everything else: tiles of windows times the kernel
    side_by_side_cpu.py, few_channels_cpu.py    dx of windows that do not overlap, and of images with few channels

All of it is float32; float64, which is asked for where exactness counts, takes the NumPy rung.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..cpu.gemm.gemm import product, product_transposed, transposed_product
from ..cpu.memory.buffers import empty
from ..cpu.vectors.reductions import masked_and_summed, sum_to_last_axis
from ..types import Array, Padding, Pair
from ..windows import explicit_padding, output_size, window_span
from . import dilated_cpu, direct_cpu, few_channels_cpu, few_pixels_cpu, numpy_cpu, side_by_side_cpu, winograd_cpu
from .cache import Conv2DCache
from .turning_cpu import turned


class MaskedCache(NamedTuple):
    """The cache of a convolution, and the gradient of its bias, which is known already."""

    convolution: Conv2DCache
    dbias: Array | None


class FusedCache(NamedTuple):
    """The cache of a convolution that computed the ReLU after it, and its y."""

    convolution: Conv2DCache
    y: Array

    def through_relu(self, dy: Array, overwrite_dy: bool = False) -> tuple[Array, MaskedCache]:
        """Return upstream gradient and cache of the convolution itself."""
        dz, dbias = masked_and_summed(dy, self.y, overwrite_dy)
        return dz, MaskedCache(self.convolution, dbias if self.convolution.has_bias else None)


AnyCache = Conv2DCache | FusedCache | MaskedCache


def conv2d_forward(
    x: Array,
    kernel: Array,
    bias: Array | None = None,
    *,
    strides: Pair = (1, 1),
    padding: Padding = "valid",
    dilation_rate: Pair = (1, 1),
    relu: bool = False,
) -> tuple[Array, AnyCache]:
    """Convolve; bias and ReLU are applied to each part of y while it is in the cache."""
    if x.dtype != np.float32:
        return numpy_cpu.conv2d_forward(x, kernel, bias, strides=strides, padding=padding, dilation_rate=dilation_rate)
    size, window = x.shape[1:3], kernel.shape[:2]
    pads = explicit_padding(padding, size, window, strides, dilation_rate)
    out = output_size(size, window, strides, pads, dilation_rate)
    y = convolved(x, kernel, bias, out, strides, pads, dilation_rate, relu)
    cache = Conv2DCache(x, kernel, bias is not None, strides, pads, dilation_rate)
    return y, (FusedCache(cache, y) if relu else cache)


def fuses_relu(x: Array) -> bool:
    """Return whether `conv2d_forward` takes `relu=True` for such an x."""
    return bool(x.dtype == np.float32)


def convolved(
    x: Array,
    kernel: Array,
    bias: Array | None,
    out: Pair,
    strides: Pair,
    pads: tuple[Pair, Pair],
    dilation_rate: Pair,
    relu: bool = False,
) -> Array:
    """Return y (N, *out, F) in float32; `pads` may be negative, which cuts rows and columns off x."""
    kh, kw, channels, filters = kernel.shape
    if (kh, kw) == strides == (1, 1) and pads == ((0, 0), (0, 0)):
        return product(x.reshape(-1, channels), kernel[0, 0], bias, relu).reshape(*x.shape[:3], filters)
    if few_pixels_cpu.suits(channels, filters, (kh, kw), len(x) * out[0] * out[1]) and min(*pads[0], *pads[1]) >= 0:
        return few_pixels_cpu.forward(x, kernel, bias, out, strides, pads, dilation_rate, relu)
    if winograd_cpu.suits(channels, filters, (kh, kw), strides, dilation_rate):
        return winograd_cpu.forward(x, kernel, bias, out, pads, relu)
    if dilated_cpu.suits(channels, filters, (kh, kw), strides, dilation_rate, out):
        return dilated_cpu.forward(x, kernel, bias, out, pads, dilation_rate, relu)
    return direct_cpu.forward(x, kernel, bias, out, strides, pads, dilation_rate, relu)


def conv2d_backward(dy: Array, cache: AnyCache, *, need_dx: bool = True) -> tuple[Array | None, Array, Array | None]:
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


def kernel_gradient(x: Array, dy: Array, geometry: Conv2DCache) -> Array:
    """Return dkernel of a convolution with this geometry, from its image and upstream gradient."""
    kh, kw, channels, filters = geometry.kernel.shape
    if (kh, kw) == geometry.strides == (1, 1) and geometry.padding == ((0, 0), (0, 0)):
        return transposed_product(x.reshape(-1, channels), dy.reshape(-1, filters)).reshape(1, 1, channels, filters)
    if few_pixels_cpu.suits(channels, filters, (kh, kw), len(dy) * dy.shape[1] * dy.shape[2]):
        return few_pixels_cpu.kernel_gradient(x, dy, geometry)
    if winograd_cpu.suits(channels, filters, (kh, kw), geometry.strides, geometry.dilation_rate):
        return winograd_cpu.kernel_gradient(x, dy, geometry.padding, kh)
    out = (dy.shape[1], dy.shape[2])
    if dilated_cpu.suits(channels, filters, (kh, kw), geometry.strides, geometry.dilation_rate, out):
        return dilated_cpu.kernel_gradient(x, dy, (kh, kw), geometry.padding, geometry.dilation_rate)
    return direct_cpu.kernel_gradient(x, dy, (kh, kw), geometry.strides, geometry.padding, geometry.dilation_rate)


def input_gradient(dy: Array, kernel: Array, size: Pair, geometry: Conv2DCache) -> Array:
    """Return dx (N, *size, C) of a convolution with this kernel and geometry.

    With stride 1, dy is convolved with the kernel turned by 180 degrees, input and output channels swapped. With stride s the pixels fall into s * s *phases*:
    those of one phase meet only every s-th tap of the kernel, and for them it is again a convolution of dy with stride 1, with these taps.
    """
    kh, kw, channels, filters = kernel.shape
    sh, sw = geometry.strides
    if (kh, kw) == (sh, sw) == (1, 1) and geometry.padding == ((0, 0), (0, 0)):
        return product_transposed(dy.reshape(-1, filters), kernel[0, 0]).reshape(*dy.shape[:3], channels)
    if side_by_side_cpu.suits((kh, kw), (sh, sw), geometry.padding, geometry.dilation_rate):
        return side_by_side_cpu.input_gradient(dy, kernel, size)
    if few_pixels_cpu.suits(channels, filters, (kh, kw), len(dy) * dy.shape[1] * dy.shape[2]):
        return few_pixels_cpu.input_gradient(dy, kernel, size, geometry)
    if few_channels_cpu.suits(channels, (kh, kw), (sh, sw)):
        return few_channels_cpu.input_gradient(dy, kernel, size, geometry)
    if max(sh, sw) > 1 and geometry.dilation_rate != (1, 1):
        return numpy_cpu.input_gradient(dy, kernel, size, geometry)
    if (sh, sw) == (1, 1):
        return _phase(dy, kernel, size, geometry.padding, geometry.dilation_rate)
    (top, _), (left, _) = geometry.padding
    dx = empty((len(dy), *size, channels), dy.dtype)
    for p in range(sh):
        for q in range(sw):
            rows, columns = -(-(size[0] - p) // sh), -(-(size[1] - q) // sw)
            if rows < 1 or columns < 1:
                continue
            i, j = (p + top) % sh, (q + left) % sw  # the first tap that meets this phase
            taps = kernel[i::sh, j::sw]
            if taps.size == 0:
                dx[:, p::sh, q::sw] = 0
                continue
            # Pixel p + s * h meets output o through tap i + s * k when p + s * h + top = s * o + i + s * k.
            before = ((p + top - i) // sh, (q + left - j) // sw)
            opposite, pads = _as_convolution(dy, taps, (rows, columns), ((before[0], 0), (before[1], 0)), (1, 1))
            direct_cpu.write_every(dx, (p, q), (sh, sw), dy, opposite, pads)
    return dx


def _phase(dy: Array, kernel: Array, size: Pair, padding: tuple[Pair, Pair], dilation_rate: Pair) -> Array:
    """Return dx of a convolution with stride 1."""
    opposite, pads = _as_convolution(dy, kernel, size, padding, dilation_rate)
    return convolved(dy, opposite, None, size, (1, 1), pads, dilation_rate)


def _as_convolution(
    dy: Array, kernel: Array, size: Pair, padding: tuple[Pair, Pair], dilation_rate: Pair
) -> tuple[Array, tuple[Pair, Pair]]:
    """Return kernel and padding of the convolution of dy that is dx of one with stride 1; of that one only the padding before the image counts."""
    pads = []
    for k, d, n, out, (before, _) in zip(kernel.shape[:2], dilation_rate, size, dy.shape[1:3], padding, strict=True):
        reach = window_span(k, d) - 1
        pads.append((reach - before, n + before - out))
    return turned(kernel), (pads[0], pads[1])
