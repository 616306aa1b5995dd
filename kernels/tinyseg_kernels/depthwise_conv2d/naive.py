"""depthwise_conv2d in loops."""

from __future__ import annotations

import numpy as np

from ..caches import relu_after
from ..conv2d.cache import Conv2DCache
from ..conv2d.naive import meetings
from ..types import FloatArray, KernelGradients, Padding, Pair
from ..windows import explicit_padding, output_size


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
    """Y[c*M + m] = bias + sum of x[c] * kernel[c, m]."""
    size, window = x.shape[1:3], kernel.shape[:2]
    pads = explicit_padding(padding, size, window, strides, dilation_rate)
    out = output_size(size, window, strides, pads, dilation_rate)
    cache = Conv2DCache(x, kernel, bias is not None, strides, pads, dilation_rate)
    channels, m_count = kernel.shape[2:]
    y = np.zeros((x.shape[0], *out, channels * m_count), x.dtype)
    for n, oh, ow, h, w, i, j in meetings(cache, out):
        for c in range(channels):
            for m in range(m_count):
                y[n, oh, ow, c * m_count + m] += x[n, h, w, c] * kernel[i, j, c, m]
    if bias is not None:
        y = y + bias
    return y, cache


def depthwise_conv2d_backward(dy: FloatArray, cache: Conv2DCache, *, need_dx: bool = True) -> KernelGradients:
    """Each product of the forward gives one term to dx and one to dkernel."""
    x, kernel = cache.x, cache.kernel
    channels, m_count = kernel.shape[2:]
    dx, dkernel = np.zeros_like(x), np.zeros_like(kernel)
    for n, oh, ow, h, w, i, j in meetings(cache, (dy.shape[1], dy.shape[2])):
        for c in range(channels):
            for m in range(m_count):
                d = dy[n, oh, ow, c * m_count + m]
                dx[n, h, w, c] += d * kernel[i, j, c, m]
                dkernel[i, j, c, m] += d * x[n, h, w, c]
    dbias = dy.sum(axis=(0, 1, 2)) if cache.has_bias else None
    return (dx if need_dx else None), dkernel, dbias
