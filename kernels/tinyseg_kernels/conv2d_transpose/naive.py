"""conv2d_transpose in loops."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..caches import relu_after
from ..types import FloatArray, KernelGradients, Pair
from .geometry import Conv2DTransposeCache, make_cache


@relu_after
def conv2d_transpose_forward(
    x: FloatArray,
    kernel: FloatArray,
    bias: FloatArray | None = None,
    *,
    strides: Pair = (1, 1),
    padding: str = "valid",
    dilation_rate: Pair = (1, 1),
    output_padding: Pair | None = None,
) -> tuple[FloatArray, Conv2DTransposeCache]:
    """Stamp: y[h*s - p + i*d] += x[h] * kernel[i]."""
    cache = make_cache(x, kernel, bias, strides, padding, dilation_rate, output_padding)
    y = np.zeros((x.shape[0], *cache.size, kernel.shape[2]), x.dtype)
    for n, h, w, oh, ow, i, j in _stamps(cache):
        for c in range(kernel.shape[3]):
            for f in range(kernel.shape[2]):
                y[n, oh, ow, f] += x[n, h, w, c] * kernel[i, j, f, c]
    if bias is not None:
        y = y + bias
    return y, cache


def conv2d_transpose_backward(dy: FloatArray, cache: Conv2DTransposeCache, *, need_dx: bool = True) -> KernelGradients:
    """Each product of the forward gives one term to dx and one to dkernel."""
    x, kernel = cache.x, cache.kernel
    dx, dkernel = np.zeros_like(x), np.zeros_like(kernel)
    for n, h, w, oh, ow, i, j in _stamps(cache):
        for c in range(kernel.shape[3]):
            for f in range(kernel.shape[2]):
                dx[n, h, w, c] += dy[n, oh, ow, f] * kernel[i, j, f, c]
                dkernel[i, j, f, c] += dy[n, oh, ow, f] * x[n, h, w, c]
    dbias = dy.sum(axis=(0, 1, 2)) if cache.has_bias else None
    return (dx if need_dx else None), dkernel, dbias


def _stamps(cache: Conv2DTransposeCache) -> Iterator[tuple[int, int, int, int, int, int, int]]:
    """Yield (n, h, w, oh, ow, i, j).

    Pixel (h, w) stamps the kernel's tap (i, j) onto output (oh, ow), inside the image.
    """
    images, height, width, _ = cache.x.shape
    (sh, sw), ((top, _), (left, _)), (dh, dw) = cache.strides, cache.padding, cache.dilation_rate
    for n, h, w in np.ndindex(images, height, width):
        for i, j in np.ndindex(*cache.kernel.shape[:2]):
            oh, ow = h * sh - top + i * dh, w * sw - left + j * dw
            if 0 <= oh < cache.size[0] and 0 <= ow < cache.size[1]:
                yield n, h, w, oh, ow, i, j
