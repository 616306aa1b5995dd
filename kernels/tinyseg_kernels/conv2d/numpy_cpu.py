"""conv2d in NumPy: windows laid out as rows of a matrix, a band of outputs at a time, and one matrix product per band.

The windows of an image are a *view* (no copy) of shape (OH, OW, KH, KW, C). Flattened to a matrix with one row per
output and KH*KW*C columns, its product with the kernel as a matrix (KH*KW*C, F) is the convolution, and BLAS does it at
nearly the machine's peak. Flattening copies each pixel KH*KW times, which for a whole batch would be KH*KW times its
memory; a band of about `BAND_BYTES` (some rows of a large image, or several small images) stays in the cache, is used
at once and forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..caches import MaskCache
from ..sums import sum_to_last_axis
from ..types import FloatArray, KernelGradients, Padding, Pair
from ..windows import explicit_padding, input_gradient_padding, output_size, pad_image, tap, windows_of
from .cache import Conv2DCache

BAND_BYTES = 2 << 20
"""Size of one band's matrix.

Measured on Zen 3 from 0.5 to 8 MiB: smaller ones pay for calls, larger ones leave the cache.
"""


def conv2d_forward(
    x: FloatArray,
    kernel: FloatArray,
    bias: FloatArray | None = None,
    *,
    strides: Pair = (1, 1),
    padding: Padding = "valid",
    dilation_rate: Pair = (1, 1),
    relu: bool = False,
) -> tuple[FloatArray, Conv2DCache | MaskCache]:
    """Convolve: for each band, y = columns @ kernel matrix + bias, and with `relu` max(y, 0)."""
    size, window = x.shape[1:3], kernel.shape[:2]
    pads = explicit_padding(padding, size, window, strides, dilation_rate)
    out = output_size(size, window, strides, pads, dilation_rate)
    cache = Conv2DCache(x, kernel, bias is not None, strides, pads, dilation_rate)
    filters = kernel.shape[3]
    matrix = kernel.reshape(-1, filters)
    y = np.empty((x.shape[0], *out, filters), x.dtype)
    for places, columns in _bands(cache, out):
        band = y[places].reshape(-1, filters)  # whole images or rows of one: contiguous, so this is a view
        np.matmul(columns, matrix, out=band)
        if bias is not None:
            band += bias
        if relu:
            np.maximum(band, 0, out=band)  # hands NaN on
    return y, (MaskCache(cache, y) if relu else cache)


def conv2d_backward(dy: FloatArray, cache: Conv2DCache, *, need_dx: bool = True) -> KernelGradients:
    """For each band, dkernel += columns^T @ dy; dbias is the sum of dy; dx is in `_input_gradient`."""
    filters = cache.kernel.shape[3]
    dkernel = np.zeros((cache.kernel[..., 0].size, filters), dy.dtype)
    for places, columns in _bands(cache, dy.shape[1:3]):
        dkernel += columns.T @ dy[places].reshape(-1, filters)
    dbias = sum_to_last_axis(dy) if cache.has_bias else None
    dx = input_gradient(dy, cache.kernel, cache.x.shape[1:3], cache) if need_dx else None
    return dx, dkernel.reshape(cache.kernel.shape), dbias


def input_gradient(dy: FloatArray, kernel: FloatArray, size: Pair, geometry: Conv2DCache) -> FloatArray:
    """Return dx (N, *size, C) of a convolution with this kernel and geometry (strides, padding, dilation)."""
    if geometry.strides == (1, 1):
        return _input_gradient_by_convolution(dy, kernel, size, geometry)
    return _input_gradient_by_taps(dy, kernel, size, geometry)


def _input_gradient_by_convolution(dy: FloatArray, kernel: FloatArray, size: Pair, geometry: Conv2DCache) -> FloatArray:
    """Stride 1: convolve dy with the kernel turned by 180 degrees, input and output channels swapped."""
    turned = np.ascontiguousarray(kernel[::-1, ::-1].swapaxes(2, 3))
    (top, bottom), (left, right) = input_gradient_padding(
        size, kernel.shape[:2], dy.shape[1:3], geometry.padding, geometry.dilation_rate
    )
    # More padding in the forward than the window reaches: those outputs met no pixel here, so they are cut off.
    dy = dy[:, max(-top, 0) : dy.shape[1] - max(-bottom, 0), max(-left, 0) : dy.shape[2] - max(-right, 0)]
    kept = ((max(top, 0), max(bottom, 0)), (max(left, 0), max(right, 0)))
    return conv2d_forward(dy, turned, padding=kept, dilation_rate=geometry.dilation_rate)[0]


def _input_gradient_by_taps(dy: FloatArray, kernel: FloatArray, size: Pair, geometry: Conv2DCache) -> FloatArray:
    """Any stride: tap (i, j) met every s-th pixel; give those their share dy @ kernel[i, j]^T."""
    images, oh, ow, filters = dy.shape
    (sh, sw), ((top, bottom), (left, right)), (dh, dw) = geometry.strides, geometry.padding, geometry.dilation_rate
    dx = np.empty((images, *size, kernel.shape[2]), dy.dtype)
    padded = np.empty((top + size[0] + bottom, left + size[1] + right, kernel.shape[2]), dy.dtype)
    for n in range(images):
        padded[...] = 0
        outputs = dy[n].reshape(-1, filters)
        for i in range(kernel.shape[0]):
            for j in range(kernel.shape[1]):
                share = (outputs @ kernel[i, j].T).reshape(oh, ow, -1)
                padded[tap(i * dh, sh, oh), tap(j * dw, sw, ow)] += share
        dx[n] = padded[top : top + size[0], left : left + size[1]]
    return dx


def _bands(cache: Conv2DCache, out: Pair) -> Iterator[tuple[tuple[slice, slice], FloatArray]]:
    """Yield (images and rows of the output, matrix with one window per row (outputs, KH * KW * C))."""
    x, kernel, columns = cache.x, cache.kernel, cache.kernel[..., 0].size
    row_bytes = max(1, out[1] * columns * x.itemsize)
    images, rows = max(1, BAND_BYTES // (out[0] * row_bytes)), max(1, BAND_BYTES // row_bytes)
    for n in range(0, len(x), images):
        group = slice(n, n + images)
        windows = windows_of(pad_image(x[group], cache.padding), kernel.shape[:2], cache.strides, cache.dilation_rate)
        for start in range(0, out[0], rows):
            band = slice(start, start + rows)
            # Copies pixels only where windows overlap or skip: a 1x1 kernel at stride 1 is a plain matrix product on x
            # itself.
            yield (group, band), windows[:, band].reshape(-1, columns)
