r"""Depthwise convolution: each channel by itself, with M filters each.

    y[n, oh, ow, c*M + m] = bias[c*M + m] + sum over i, j of x[n, oh*s - p + i*d, ow*s - p + j*d, c] * kernel[i, j, c,
    m]

It is conv2d without the sum over channels, and its gradients are conv2d's without it:

    dbias[c*M + m]      = sum over n, oh, ow of dy[n, oh, ow, c*M + m]
    dkernel[i, j, c, m] = sum over n, oh, ow of x[n, oh*s - p + i*d, ow*s - p + j*d, c] * dy[n, oh, ow, c*M + m]
    dx[n, h, w, c]      = sum over (oh, ow, i, j) that meet (h, w), and over m, of dy[n, oh, ow, c*M + m] * kernel[i, j, c, m]

Source: Sifre, "Rigid-motion scattering for image classification", 2014; Howard et al., "MobileNets", arXiv:1704.04861.

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.depthwise_conv2d import depthwise_conv2d_forward
    >>> y, cache = depthwise_conv2d_forward(np.ones((1, 3, 3, 2)), np.ones((3, 3, 2, 1)))
    >>> y.ravel()
    array([9., 9.])
"""

from __future__ import annotations

from ..backend import rung
from ..caches import Kept, before_relu, given_back, keep
from ..checks import (
    as_flag,
    as_windows,
    check_float,
    check_kernel,
    check_rank,
    check_shape,
    remembered,
    wrong_channels,
)
from ..types import FloatArray, KernelGradients, Padding, Pair, Shape


def depthwise_conv2d_forward(
    x: FloatArray,
    kernel: FloatArray,
    bias: FloatArray | None = None,
    *,
    strides: int | Pair = (1, 1),
    padding: Padding = "valid",
    dilation_rate: int | Pair = (1, 1),
    relu: bool = False,
) -> tuple[FloatArray, Kept]:
    """Convolve each channel.

    Args:
        x: Images (N, H, W, C), float32 or float64.
        kernel: (KH, KW, C, M) of x's dtype.
        bias: (C * M,) or None.
        strides: Steps between windows.
        padding: 'valid', 'same' or ((top, bottom), (left, right)).
        dilation_rate: Steps between the taps of a window.
        relu: Whether y is to be max(y, 0).

    Returns:
        y (N, OH, OW, C * M) and the cache.

    Raises:
        InvalidInput: Wrong rank, channels or dtype, or a window larger than the padded image.
    """
    name = "depthwise_conv2d"
    check_float(name, x=x, kernel=kernel, bias=bias)
    shapes = x.shape, kernel.shape, None if bias is None else bias.shape
    strides, padding, dilation_rate = _options_of(*shapes, strides, padding, dilation_rate)
    geometry = {"strides": strides, "padding": padding, "dilation_rate": dilation_rate}
    relu = relu if type(relu) is bool else as_flag("depthwise_conv2d: relu", relu)
    return keep(name, *rung(name).depthwise_conv2d_forward(x, kernel, bias, **geometry, relu=relu))


@remembered
def _options_of(
    x: Shape, kernel: Shape, bias: Shape | None, strides: int | Pair, padding: Padding, dilation_rate: int | Pair
) -> tuple[Pair, Padding, Pair]:
    """Return strides, padding and dilation rate in their usual form, for arrays of these shapes, which must fit."""
    name = "depthwise_conv2d"
    check_rank(name, "x", x, "N, H, W, C")
    check_kernel(name, kernel, "KH, KW, C, M")
    if x[3] != kernel[2]:
        raise wrong_channels(name, x, kernel, 2)
    check_shape(name, "bias", bias, (kernel[2] * kernel[3],))
    return as_windows(name, (x[1], x[2]), (kernel[0], kernel[1]), strides, padding, dilation_rate)


def depthwise_conv2d_backward(dy: FloatArray, cache: Kept, *, need_dx: bool = True) -> KernelGradients:
    """Return (dx, dkernel, dbias); dbias is None without a bias, dx when `need_dx` is false."""
    need_dx = need_dx if type(need_dx) is bool else as_flag("depthwise_conv2d_backward: need_dx", need_dx)
    dy, cache = given_back("depthwise_conv2d", *before_relu(dy, cache))
    return rung("depthwise_conv2d").depthwise_conv2d_backward(dy, cache, need_dx=need_dx)
