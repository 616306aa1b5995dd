"""depthwise_conv2d in CUDA C++: the ladder is depthwise_direct.cu, then depthwise_strips.cu."""

from __future__ import annotations

from math import gcd

from ..caches import relu_after
from ..conv2d.cache import Conv2DCache
from ..device import contiguous, empty
from ..gpu.column_sums import column_sums
from ..gpu.cuda import Source, blocks
from ..gpu.packs import THREADS, VECTORS, pair_grid, vectors, width
from ..gpu.versions import forced_version
from ..types import Argument, Array, FloatArray, KernelGradients, Padding, Pair
from ..windows import explicit_padding, output_size

_DIRECT, _STRIPS = Source(__file__, "depthwise_direct.cu"), Source(__file__, "depthwise_strips.cu")
_STRIP = 4
_WINDOWS, _STRIDES = (3, 5), (1, 2)
_WIDEST, _ENOUGH_BLOCKS = 32, 1024
_STRIPS_OF_A_THREAD, _ROWS_OF_A_BLOCK = 8, 4
COMPILED_WITH = {
    "depthwise_direct.cu": VECTORS,
    "depthwise_strips.cu": [{"KERNEL": window, "STRIDE": stride} for window in _WINDOWS for stride in _STRIDES],
}


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
    """A thread for each pack of y, or for four of them side by side."""
    size: Pair = (x.shape[1], x.shape[2])
    window: Pair = (kernel.shape[0], kernel.shape[1])
    pads = explicit_padding(padding, size, window, strides, dilation_rate)
    x, kernel = contiguous(x), contiguous(kernel)
    cache = Conv2DCache(x, kernel, bias is not None, strides, pads, dilation_rate)
    images, channels, multiplier = x.shape[0], kernel.shape[2], kernel.shape[3]
    out = output_size(size, window, strides, pads, dilation_rate)
    y: Array = empty((images, *out, channels * multiplier), x.dtype)
    given = (x, kernel, kernel if bias is None else contiguous(bias))  # without a bias, any array: it is not looked at
    if _in_strips(cache, *given, y):
        _forward_strips(*given, y, strides[0], (pads[0][0], pads[1][0]), has_bias=bias is not None, flip=False)
        return y, cache
    vector = multiplier == 1 and vectors(channels, *given, y)
    packs = channels * multiplier // (width(x.dtype) if vector else 1)
    grid, block = pair_grid(images * out[0], out[1] * packs)
    arguments: tuple[Argument, ...] = (*given, y, *_geometry(cache, out), bias is not None)
    _DIRECT.launch("depthwise_forward", x.dtype, grid, block, arguments, defines={"VECTOR": int(vector)})
    return y, cache


def depthwise_conv2d_backward(dy: FloatArray, cache: Conv2DCache, *, need_dx: bool = True) -> KernelGradients:
    """dkernel and dbias as one reduction over all outputs.

    dx gathered, by the forward's kernel where the stride is 1.
    """
    dy = contiguous(dy)
    sums = _kernel_sums(dy, cache)
    taps = cache.kernel.shape[0] * cache.kernel.shape[1]
    dkernel: Array = sums[:taps].reshape(cache.kernel.shape)
    dbias: Array | None = sums[taps] if cache.has_bias else None
    return (_input_gradient(dy, cache) if need_dx else None), dkernel, dbias


def _input_gradient(dy: FloatArray, cache: Conv2DCache) -> FloatArray:
    x, kernel, (sh, sw), (dh, dw) = cache.x, cache.kernel, cache.strides, cache.dilation_rate
    images, height, across, channels = x.shape
    dx: Array = empty(x.shape, dy.dtype)
    if cache.strides == (1, 1) and _in_strips(cache, dy, kernel, dx):
        # dx is dy, padded by what the window reaches further than x was, convolved with the window turned round.
        before = (kernel.shape[0] - 1 - cache.padding[0][0], kernel.shape[1] - 1 - cache.padding[1][0])
        _forward_strips(dy, kernel, kernel, dx, 1, before, has_bias=False, flip=True)
        return dx
    vector = kernel.shape[3] == 1 and vectors(channels, dy, kernel, dx)
    grid, block = pair_grid(images * height, across * (channels // (width(dy.dtype) if vector else 1)))
    steps = (sh // gcd(sh, dh), sw // gcd(sw, dw))
    arguments: tuple[Argument, ...] = (dy, kernel, dx, *_geometry(cache, (dy.shape[1], dy.shape[2])), *steps)
    _DIRECT.launch("depthwise_backward_x", dy.dtype, grid, block, arguments, defines={"VECTOR": int(vector)})
    return dx


def _kernel_sums(dy: FloatArray, cache: Conv2DCache) -> FloatArray:
    """Return (taps + 1, filters): dkernel, and dbias behind it."""
    x, (kernel_height, kernel_width) = cache.x, cache.kernel.shape[:2]
    images, out_height, out_width, filters = dy.shape
    taps = kernel_height * kernel_width
    strips = _in_strips(cache, x, dy)
    vector = strips or (cache.kernel.shape[3] == 1 and vectors(filters, x, dy))
    packs = filters // (width(dy.dtype) if vector else 1)
    across = min(_WIDEST, 1 << max(packs - 1, 0).bit_length())
    tiles, block = blocks(packs, across), (across, THREADS // across)
    # How the sum is cut into shares follows from the shapes alone, and so does every rounding.
    most = blocks(_ENOUGH_BLOCKS, max(tiles * (1 if strips else taps), 1))
    if strips:
        work = images * out_height * blocks(out_width, _STRIP)
        shares = max(min(most, blocks(work, block[1] * _STRIPS_OF_A_THREAD)), 1)
        sums: Array = empty((shares, (taps + 1) * filters), dy.dtype)
        arguments: tuple[Argument, ...] = (
            x, dy, sums, images, *x.shape[1:], out_height, out_width, cache.padding[0][0], cache.padding[1][0]
        )  # fmt: skip
        defines = {"KERNEL": kernel_height, "STRIDE": cache.strides[0]}
        _STRIPS.launch("depthwise_backward_kernel_strips", dy.dtype, (tiles, shares), block, arguments, defines=defines)
    else:
        shares = max(min(most, blocks(images * out_height, _ROWS_OF_A_BLOCK)), 1)
        sums = empty((shares, (taps + 1) * filters), dy.dtype)
        grid = (tiles, shares, taps + 1)
        arguments = (x, dy, sums, *_geometry(cache, (out_height, out_width)))
        _DIRECT.launch("depthwise_backward_kernel", dy.dtype, grid, block, arguments, defines={"VECTOR": int(vector)})
    return column_sums(sums).reshape(taps + 1, filters)


def _in_strips(cache: Conv2DCache, *arrays: Array) -> bool:
    """Return whether depthwise_strips.cu can do it."""
    kernel_height, kernel_width, channels, multiplier = cache.kernel.shape
    return (
        forced_version("depthwise_conv2d") != "direct"
        and kernel_height == kernel_width
        and kernel_height in _WINDOWS
        and cache.strides[0] == cache.strides[1]
        and cache.strides[0] in _STRIDES
        and cache.dilation_rate == (1, 1)
        and multiplier == 1
        and vectors(channels, *arrays)
    )


def _forward_strips(
    x: FloatArray, kernel: FloatArray, bias: FloatArray, y: FloatArray, stride: int, before: Pair, *, has_bias: bool,
    flip: bool,
) -> None:  # fmt: skip
    images, out_height, out_width, channels = y.shape
    grid, block = pair_grid(images * out_height, blocks(out_width, _STRIP) * (channels // width(x.dtype)))
    arguments: tuple[Argument, ...] = (x, kernel, bias, y, *x.shape, out_height, out_width, *before, has_bias, flip)
    defines = {"KERNEL": kernel.shape[0], "STRIDE": stride}
    _STRIPS.launch("depthwise_forward_strips", x.dtype, grid, block, arguments, defines=defines)


def _geometry(cache: Conv2DCache, out: Pair) -> tuple[int, ...]:
    """Return the parameters that the direct kernels share."""
    kernel_height, kernel_width, _, multiplier = cache.kernel.shape
    before = (cache.padding[0][0], cache.padding[1][0])
    return (
        *cache.x.shape,
        multiplier,
        *out,
        kernel_height,
        kernel_width,
        *cache.strides,
        *cache.dilation_rate,
        *before,
    )
