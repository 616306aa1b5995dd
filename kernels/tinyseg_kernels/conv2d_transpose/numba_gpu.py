"""conv2d_transpose by Numba: conv2d's own kernels with the roles exchanged (see `__init__.py`)."""

from __future__ import annotations

from ..caches import relu_after
from ..conv2d import numba_gpu as conv2d
from ..conv2d.cache import Conv2DCache
from ..device import contiguous
from ..gpu.numba_cuda import Kernel
from ..gpu.numba_sums import sum_rows
from ..types import FloatArray, KernelGradients, Pair
from .geometry import Conv2DTransposeCache, make_cache

PTX_SIGNATURES: list[tuple[Kernel, tuple[str, ...]]] = []
"""All kernels are those of conv2d/numba_gpu.py and gpu/numba_sums.py."""


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
    cache = make_cache(contiguous(x), contiguous(kernel), bias, strides, padding, dilation_rate, output_padding)
    y = conv2d.input_gradient(cache.x, cache.kernel, cache.size, _as_convolution(cache, cache.x))
    if bias is not None:
        y += bias
    return y, cache


def conv2d_transpose_backward(dy: FloatArray, cache: Conv2DTransposeCache, *, need_dx: bool = True) -> KernelGradients:
    """dx is the convolution of dy.

    dkernel is the convolution's dkernel, with dy as the image and x as the upstream gradient.
    """
    dy = contiguous(dy)
    geometry = _as_convolution(cache, dy)
    dx = None
    if need_dx:
        dx, _ = conv2d.conv2d_forward(
            dy, cache.kernel, strides=cache.strides, padding=cache.padding, dilation_rate=cache.dilation_rate
        )
    dkernel = conv2d.kernel_gradient(dy, cache.x, cache.kernel.shape, geometry)
    dbias = sum_rows(dy.reshape(dy[..., 0].size, dy.shape[3])) if cache.has_bias else None
    return dx, dkernel, dbias


def _as_convolution(cache: Conv2DTransposeCache, image: FloatArray) -> Conv2DCache:
    """Describe the convolution from y's size to x's, whose image is `image`."""
    return Conv2DCache(image, cache.kernel, False, cache.strides, cache.padding, cache.dilation_rate)
