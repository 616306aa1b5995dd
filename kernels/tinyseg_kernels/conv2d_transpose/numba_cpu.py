"""conv2d_transpose compiled for the CPU: conv2d's own functions with the roles exchanged (see `__init__.py`)."""

from __future__ import annotations

import numpy as np

from ..caches import relu_after
from ..conv2d import numba_cpu as conv2d
from ..conv2d.cpu import non_overlapping
from ..cpu.vectors.reductions import sum_to_last_axis
from ..types import FloatArray, KernelGradients, Pair
from . import numpy_cpu
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
    if x.dtype != np.float32:
        return numpy_cpu.conv2d_transpose_forward(
            x,
            kernel,
            bias,
            strides=strides,
            padding=padding,
            dilation_rate=dilation_rate,
            output_padding=output_padding,
        )
    cache = make_cache(x, kernel, bias, strides, padding, dilation_rate, output_padding)
    geometry = numpy_cpu.as_convolution(cache, x)
    if output_padding is None and non_overlapping.suits(kernel.shape[:2], strides, geometry.padding, dilation_rate):
        return non_overlapping.input_gradient(x, kernel, cache.size, bias), cache
    y = conv2d.input_gradient(x, kernel, cache.size, geometry)
    if bias is not None:
        y += bias
    return y, cache


def conv2d_transpose_backward(dy: FloatArray, cache: Conv2DTransposeCache, *, need_dx: bool = True) -> KernelGradients:
    """dx is the convolution of dy.

    dkernel is the convolution's dkernel, with dy as the image and x as the upstream gradient.
    """
    if dy.dtype != np.float32:
        return numpy_cpu.conv2d_transpose_backward(dy, cache, need_dx=need_dx)
    geometry = numpy_cpu.as_convolution(cache, dy)
    dx = None
    if need_dx:
        dx = conv2d.convolved(
            dy, cache.kernel, None, cache.x.shape[1:3], cache.strides, cache.padding, cache.dilation_rate
        )
    dkernel = conv2d.kernel_gradient(dy, cache.x, geometry)
    return dx, dkernel, (sum_to_last_axis(dy) if cache.has_bias else None)
