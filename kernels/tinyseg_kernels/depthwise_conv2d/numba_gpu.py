"""depthwise_conv2d by Numba kernels: one thread per output.

A product of weights and pixels is used for one output only, so tiles save little: the work is bound by memory.
Neighbouring threads take neighbouring channels, which makes all reads and writes come in one piece, and the windows'
overlap is left to the cache.
"""

from __future__ import annotations

from ..caches import relu_after
from ..conv2d.cache import Conv2DCache
from ..device import contiguous, empty, zeros
from ..gpu.cuda import blocks
from ..gpu.numba_cuda import cuda, jit, launch
from ..gpu.numba_places import place_of
from ..gpu.numba_sums import sum_rows
from ..types import FloatArray, KernelGradients, Padding, Pair
from ..windows import explicit_padding, output_size

BLOCK = 128

SPLIT, MOST_SPLITS = 256, 4096
"""Positions that a thread adds up for dkernel, as long as there are no more partial sums than `MOST_SPLITS`."""


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
    x, kernel = contiguous(x), contiguous(kernel)
    cache = Conv2DCache(x, kernel, bias is not None, strides, pads, dilation_rate)
    filters = kernel.shape[2] * kernel.shape[3]
    bias = zeros((filters,), x.dtype) if bias is None else contiguous(bias)
    y = empty((x.shape[0], *out, filters), x.dtype)
    launch(_forward, blocks(y.size, BLOCK), BLOCK, x, kernel, bias, y, *_geometry(cache))
    return y, cache


def depthwise_conv2d_backward(dy: FloatArray, cache: Conv2DCache, *, need_dx: bool = True) -> KernelGradients:
    """dx gathers what met each pixel; dkernel and dbias are sums over all positions, in parts and in a fixed order."""
    x, kernel, dy = cache.x, cache.kernel, contiguous(dy)
    filters, positions = dy.shape[3], dy[..., 0].size
    dx = None
    if need_dx:
        dx = empty(x.shape, x.dtype)
        launch(_input_gradient, blocks(dx.size, BLOCK), BLOCK, dy, kernel, dx, *_geometry(cache))
    splits = min(max(blocks(positions, SPLIT), 1), MOST_SPLITS)
    parts = empty((splits, *kernel.shape[:2], filters), x.dtype)
    length = blocks(positions, splits)
    launch(_kernel_gradient, blocks(parts.size, BLOCK), BLOCK, x, dy, parts, length, *_geometry(cache))
    dkernel = sum_rows(parts.reshape(splits, kernel.size)).reshape(kernel.shape)
    return dx, dkernel, (sum_rows(dy.reshape(positions, filters)) if cache.has_bias else None)


def _geometry(cache: Conv2DCache) -> tuple[int, ...]:
    (top, _), (left, _) = cache.padding
    return (*cache.strides, top, left, *cache.dilation_rate)


@jit
def _forward(
    x: FloatArray, kernel: FloatArray, bias: FloatArray, y: FloatArray, sh: int, sw: int, top: int, left: int, dh: int,
    dw: int,
) -> None:  # fmt: skip
    t = cuda.grid(1)
    if t >= y.size:
        return
    n, oh, ow, filter_ = place_of(t, y)
    c, m = filter_ // kernel.shape[3], filter_ % kernel.shape[3]
    total = bias[filter_]
    for i in range(kernel.shape[0]):
        h = oh * sh - top + i * dh
        if h >= 0 and h < x.shape[1]:
            for j in range(kernel.shape[1]):
                w = ow * sw - left + j * dw
                if w >= 0 and w < x.shape[2]:
                    total += x[n, h, w, c] * kernel[i, j, c, m]
    y[n, oh, ow, filter_] = total


@jit
def _input_gradient(
    dy: FloatArray, kernel: FloatArray, dx: FloatArray, sh: int, sw: int, top: int, left: int, dh: int, dw: int
) -> None:
    """dx[n, h, w, c] = sum of dy * kernel over the outputs and taps that met the pixel, and over m."""
    t = cuda.grid(1)
    if t >= dx.size:
        return
    n, h, w, c = place_of(t, dx)
    total = dx.dtype.type(0)
    for i in range(kernel.shape[0]):
        oh = h + top - i * dh
        if oh >= 0 and oh % sh == 0 and oh // sh < dy.shape[1]:
            for j in range(kernel.shape[1]):
                ow = w + left - j * dw
                if ow >= 0 and ow % sw == 0 and ow // sw < dy.shape[2]:
                    for m in range(kernel.shape[3]):
                        total += dy[n, oh // sh, ow // sw, c * kernel.shape[3] + m] * kernel[i, j, c, m]
    dx[n, h, w, c] = total


@jit
def _kernel_gradient(
    x: FloatArray, dy: FloatArray, parts: FloatArray, length: int, sh: int, sw: int, top: int, left: int, dh: int,
    dw: int,
) -> None:  # fmt: skip
    """parts[split, i, j, c*M + m] = sum of x * dy over `length` positions (n, oh, ow)."""
    t = cuda.grid(1)
    if t >= parts.size:
        return
    split, i, j, filter_ = place_of(t, parts)
    c = filter_ * x.shape[3] // dy.shape[3]
    outputs = dy.shape[1] * dy.shape[2]
    begin, end = split * length, min((split + 1) * length, dy.shape[0] * outputs)
    n, oh, ow = begin // max(outputs, 1), begin % max(outputs, 1) // max(dy.shape[2], 1), begin % max(dy.shape[2], 1)
    total = parts.dtype.type(0)
    for _ in range(begin, end):
        h, w = oh * sh - top + i * dh, ow * sw - left + j * dw
        if h >= 0 and h < x.shape[1] and w >= 0 and w < x.shape[2]:
            total += x[n, h, w, c] * dy[n, oh, ow, filter_]
        ow += 1
        if ow == dy.shape[2]:
            ow = 0
            oh += 1
            if oh == dy.shape[1]:
                oh = 0
                n += 1
    parts[split, i, j, filter_] = total


_IMAGE, _SIX = "float32[:, :, :, ::1]", ("int32",) * 6
PTX_SIGNATURES = [
    (_forward, (_IMAGE, _IMAGE, "float32[::1]", _IMAGE, *_SIX)),
    (_input_gradient, (_IMAGE, _IMAGE, _IMAGE, *_SIX)),
    (_kernel_gradient, (_IMAGE, _IMAGE, _IMAGE, "int32", *_SIX)),
]
"""For the check that float32 stays float32."""
