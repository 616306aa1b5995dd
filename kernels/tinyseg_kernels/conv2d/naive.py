"""conv2d in loops: the specification.

Read it beside the formulas in `__init__.py`; every other rung must agree with it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..caches import relu_after
from ..types import FloatArray, KernelGradients, Padding, Pair
from ..windows import explicit_padding, output_size
from .cache import Conv2DCache


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
    size, window = x.shape[1:3], kernel.shape[:2]
    pads = explicit_padding(padding, size, window, strides, dilation_rate)
    out = output_size(size, window, strides, pads, dilation_rate)
    cache = Conv2DCache(x, kernel, bias is not None, strides, pads, dilation_rate)
    y = np.zeros((x.shape[0], *out, kernel.shape[3]), x.dtype)
    for n, oh, ow, h, w, i, j in meetings(cache, out):
        for c in range(kernel.shape[2]):
            for f in range(kernel.shape[3]):
                y[n, oh, ow, f] += x[n, h, w, c] * kernel[i, j, c, f]
    if bias is not None:
        y = y + bias
    return y, cache


def conv2d_backward(dy: FloatArray, cache: Conv2DCache, *, need_dx: bool = True) -> KernelGradients:
    """Each product of the forward gives two terms.

    To dx what stood beside x, to dkernel what stood beside the kernel.
    """
    x, kernel = cache.x, cache.kernel
    dx, dkernel = np.zeros_like(x), np.zeros_like(kernel)
    for n, oh, ow, h, w, i, j in meetings(cache, (dy.shape[1], dy.shape[2])):
        for c in range(kernel.shape[2]):
            for f in range(kernel.shape[3]):
                dx[n, h, w, c] += dy[n, oh, ow, f] * kernel[i, j, c, f]
                dkernel[i, j, c, f] += dy[n, oh, ow, f] * x[n, h, w, c]
    dbias = dy.sum(axis=(0, 1, 2)) if cache.has_bias else None
    return (dx if need_dx else None), dkernel, dbias


def meetings(cache: Conv2DCache, out: Pair) -> Iterator[tuple[int, int, int, int, int, int, int]]:
    """Yield (n, oh, ow, h, w, i, j).

    At output (oh, ow) the kernel's tap (i, j) meets the pixel (h, w), inside the image.
    """
    images, height, width, _ = cache.x.shape
    (sh, sw), ((top, _), (left, _)), (dh, dw) = cache.strides, cache.padding, cache.dilation_rate
    for n in range(images):
        for oh in range(out[0]):
            for ow in range(out[1]):
                for i in range(cache.kernel.shape[0]):
                    for j in range(cache.kernel.shape[1]):
                        h, w = oh * sh - top + i * dh, ow * sw - left + j * dw
                        if 0 <= h < height and 0 <= w < width:
                            yield n, oh, ow, h, w, i, j
