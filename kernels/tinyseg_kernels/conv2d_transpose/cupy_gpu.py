"""conv2d_transpose in CUDA C++: conv2d's own kernels with the roles exchanged (see `__init__.py`)."""

from __future__ import annotations

from ..caches import relu_after
from ..conv2d import cupy_gpu as conv2d
from ..conv2d.cache import Conv2DCache
from ..gpu.column_sums import sum_to_last_axis
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
    """The input gradient of a convolution, with x in the place of dy."""
    cache = make_cache(x, kernel, bias, strides, padding, dilation_rate, output_padding)
    shape = (x.shape[0], *cache.size, kernel.shape[2])
    return conv2d.input_gradient(x, kernel, shape, _as_convolution(cache), bias), cache


def conv2d_transpose_backward(dy: FloatArray, cache: Conv2DTransposeCache, *, need_dx: bool = True) -> KernelGradients:
    """dx is the convolution of dy.

    dkernel is the convolution's dkernel, with dy as the image and x as the upstream gradient.
    """
    options = _as_convolution(cache)
    dx = conv2d.convolve(dy, cache.kernel, None, options) if need_dx else None
    dkernel = conv2d.kernel_gradient(dy, cache.x, cache.kernel.shape, options)
    return dx, dkernel, (sum_to_last_axis(dy) if cache.has_bias else None)


def _as_convolution(cache: Conv2DTransposeCache) -> Conv2DCache:
    """Describe the convolution from y's size to x's."""
    return Conv2DCache(cache.x, cache.kernel, False, cache.strides, cache.padding, cache.dilation_rate)
