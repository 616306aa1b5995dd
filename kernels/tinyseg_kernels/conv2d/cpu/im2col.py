"""Convolutions of few pixels with many channels, such as the lowest level of a U-Net for a small image.

a matrix of windows times the kernel as it lies.

Winograd writes 36 numbers for each 9 of the kernel and reads them again, which only pays when many pixels use them:
with 512 to 512 channels that is 38 MB. Here the kernel is read once, and the windows, which overlap, are copied: KH *
KW times as many numbers as the image has, but it has few.
"""

from __future__ import annotations

import math

import numpy as np

from ...cpu.gemm.gemm import product, product_transposed, transposed_product
from ...cpu.sizes import SIZES
from ...types import FloatArray, Pair
from ...windows import pad_image, tap, windows_of
from ..cache import Conv2DCache

LEAST_WEIGHTS = SIZES.im2col_least_weights


def suits(channels: int, filters: int, window: Pair, pixels: int) -> bool:
    """Return whether a convolution with this many outputs of each filter should go this way."""
    is_large = channels * filters >= SIZES.im2col_large_kernel
    most = SIZES.im2col_most_pixels_of_large_kernel if is_large else SIZES.im2col_most_pixels
    return 0 < pixels <= most and channels * filters >= LEAST_WEIGHTS and window != (1, 1)


def _windows(x: FloatArray, window: Pair, strides: Pair, padding: tuple[Pair, Pair], dilation_rate: Pair) -> FloatArray:
    """Return the windows (outputs, KH * KW * C)."""
    windows = windows_of(pad_image(x, padding), window, strides, dilation_rate)
    return windows.reshape(math.prod(windows.shape[:3]), -1)


def forward(
    x: FloatArray, kernel: FloatArray, bias: FloatArray | None, out: Pair, strides: Pair, padding: tuple[Pair, Pair],
    dilation_rate: Pair, relu: bool,
) -> FloatArray:  # fmt: skip
    """Return y (N, *out, F)."""
    rows = _windows(x, (kernel.shape[0], kernel.shape[1]), strides, padding, dilation_rate)
    return product(rows, kernel.reshape(rows.shape[1], -1), bias, relu).reshape(len(x), *out, kernel.shape[3])


def kernel_gradient(x: FloatArray, dy: FloatArray, geometry: Conv2DCache) -> FloatArray:
    """Return dkernel (KH, KW, C, F): windows^T @ dy."""
    shape = geometry.kernel.shape
    rows = _windows(x, (shape[0], shape[1]), geometry.strides, geometry.padding, geometry.dilation_rate)
    return transposed_product(rows, np.ascontiguousarray(dy).reshape(len(rows), -1)).reshape(shape)


def input_gradient(dy: FloatArray, kernel: FloatArray, size: Pair, geometry: Conv2DCache) -> FloatArray:
    """Return dx (N, *size, C).

    The gradients of all windows, dy @ kernel^T, each number added to the pixel that it came from.
    """
    images, oh, ow, filters = dy.shape
    kh, kw, channels, _ = kernel.shape
    windows = product_transposed(np.ascontiguousarray(dy).reshape(-1, filters), kernel.reshape(-1, filters))
    taps = windows.reshape(images, oh, ow, kh, kw, channels)
    (top, bottom), (left, right) = geometry.padding
    padded = np.zeros((images, size[0] + top + bottom, size[1] + left + right, channels), dy.dtype)
    (sh, sw), (dh, dw) = geometry.strides, geometry.dilation_rate
    for i in range(kh):
        for j in range(kw):
            padded[:, tap(i * dh, sh, oh), tap(j * dw, sw, ow)] += taps[:, :, :, i, j]
    return np.ascontiguousarray(padded[:, top : top + size[0], left : left + size[1]])
