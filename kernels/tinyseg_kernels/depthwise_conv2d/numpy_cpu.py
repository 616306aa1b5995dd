"""depthwise_conv2d in NumPy: for each tap of the window, one product of all its pixels with the tap's weights.

Without a sum over channels there is no matrix product to be had; the work is bound by memory, so one image is done at a
time.
"""

from __future__ import annotations

import numpy as np

from ..caches import relu_after
from ..conv2d.cache import Conv2DCache
from ..sums import column_sums, sum_to_last_axis
from ..types import Array, FloatArray, KernelGradients, Padding, Pair
from ..windows import explicit_padding, output_size, pad_image, tap


@relu_after
def depthwise_conv2d_forward(
    x: FloatArray,
    kernel: FloatArray,
    bias: FloatArray | None = None,
    *,
    strides: Pair = (1, 1),
    padding: Padding = "valid",
    dilation_rate: Pair = (1, 1),
) -> tuple[FloatArray, Conv2DCache]:
    """y = bias + sum over the taps of pixels * weights."""
    size, window = x.shape[1:3], kernel.shape[:2]
    pads = explicit_padding(padding, size, window, strides, dilation_rate)
    out = output_size(size, window, strides, pads, dilation_rate)
    cache = Conv2DCache(x, kernel, bias is not None, strides, pads, dilation_rate)
    channels, m_count = kernel.shape[2:]
    y: Array = np.zeros((x.shape[0], *out, channels, m_count), x.dtype)
    for n in range(x.shape[0]):
        image = pad_image(x[n], pads)
        for i, j, places in _taps(cache, out):
            y[n] += image[places][..., None] * kernel[i, j]
    y = y.reshape(x.shape[0], *out, channels * m_count)
    if bias is not None:
        y += bias
    return y, cache


def depthwise_conv2d_backward(dy: FloatArray, cache: Conv2DCache, *, need_dx: bool = True) -> KernelGradients:
    """For each tap: weights * dy to its pixels, and the sum of pixels * dy to its weights."""
    x, kernel = cache.x, cache.kernel
    images, height, width, channels = x.shape
    out: Pair = (dy.shape[1], dy.shape[2])
    (top, bottom), (left, right) = cache.padding
    dx = np.empty(x.shape, dy.dtype) if need_dx else None
    dpadded = np.empty((top + height + bottom, left + width + right, channels), dy.dtype)
    dkernel = np.zeros(kernel.shape, dy.dtype)
    for n in range(images):
        image = pad_image(x[n], cache.padding)
        upstream = dy[n].reshape(*out, channels, -1)
        dpadded[...] = 0
        for i, j, places in _taps(cache, out):
            products = image[places][..., None] * upstream
            dkernel[i, j] += column_sums(products.reshape(out[0] * out[1], -1)).reshape(dkernel.shape[2:])
            if need_dx:
                dpadded[places] += (upstream * kernel[i, j]).sum(axis=-1)
        if dx is not None:
            dx[n] = dpadded[top : top + height, left : left + width]
    return dx, dkernel, (sum_to_last_axis(dy) if cache.has_bias else None)


def _taps(cache: Conv2DCache, out: Pair) -> list[tuple[int, int, tuple[slice, slice]]]:
    """Return each tap with the positions of the padded image that it meets."""
    (sh, sw), (dh, dw) = cache.strides, cache.dilation_rate
    kh, kw = cache.kernel.shape[:2]
    return [(i, j, (tap(i * dh, sh, out[0]), tap(j * dw, sw, out[1]))) for i in range(kh) for j in range(kw)]
