r"""Grouped convolution: channels and filters in G groups, and each group of filters sees its own group of channels.

    y[..., g] = conv2d(x[..., g], kernel[..., g])        g: a group of C / G channels, of F / G filters

It is conv2d of each group, so the gradients are conv2d's, and nothing new is derived. With as many groups as channels
it is the depthwise convolution: filter c * M + m is filter m of channel c, and the kernel (KH, KW, 1, C * M) of the
one, as (KH, KW, C, M), is that of the other.

Source: Krizhevsky et al., NeurIPS 2012; Xie et al., "Aggregated Residual Transformations", CVPR 2017.

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.grouped_conv2d import grouped_conv2d_forward
    >>> y, cache = grouped_conv2d_forward(np.ones((1, 3, 3, 4)), np.ones((3, 3, 2, 2)), groups=2)
    >>> y.ravel()
    array([18., 18.])
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .arrange import concatenate_backward, concatenate_forward
from .caches import Kept
from .checks import as_integer, check_float, check_kernel, check_rank, check_shape
from .conv2d import conv2d_backward, conv2d_forward
from .depthwise_conv2d import depthwise_conv2d_backward, depthwise_conv2d_forward
from .device import array_module, contiguous, is_device_array
from .errors import InvalidInput
from .types import FloatArray, KernelGradients, Shape


class GroupedCache(NamedTuple):
    """The caches of the parts."""

    joined: Kept | None
    """None for a depthwise convolution."""
    parts: list[Kept]
    kernel_shape: Shape


def grouped_conv2d_forward(
    x: FloatArray, kernel: FloatArray, bias: FloatArray | None = None, *, groups: int, **options: Any
) -> tuple[FloatArray, GroupedCache]:
    """Convolve each group.

    Args:
        x: Images (N, H, W, C), float32 or float64.
        kernel: (KH, KW, C / groups, F).
        bias: (F,) or None.
        groups: How many; a divisor of C and of F.
        options: strides, padding, dilation_rate and relu of `conv2d_forward`.

    Returns:
        y (N, OH, OW, F) and the cache.

    Raises:
        InvalidInput: As `conv2d_forward`, or groups that do not divide.
    """
    name = "grouped_conv2d"
    check_float(name, x=x, kernel=kernel, bias=bias)
    check_rank(name, "x", x.shape, "N, H, W, C")
    check_kernel(name, kernel.shape, "KH, KW, C / groups, F")
    groups = as_integer(f"{name}: groups", groups, 1, 2**31)
    if x.shape[3] != kernel.shape[2] * groups or kernel.shape[3] % groups:
        raise InvalidInput(
            f"{name}: expected x (N, H, W, groups * {kernel.shape[2]}) and a number of filters that {groups} groups "
            f"divide, got x {x.shape} and kernel {kernel.shape}"
        )
    check_shape(name, "bias", None if bias is None else bias.shape, (kernel.shape[3],))
    if kernel.shape[2] == 1:
        of_channels = kernel.reshape(*kernel.shape[:2], groups, -1)
        y, cache = depthwise_conv2d_forward(x, of_channels, bias, **options)
        return y, GroupedCache(None, [cache], kernel.shape)
    xs, kernels = _cut(x, groups), _cut(kernel, groups)
    biases = [None] * groups if bias is None else _cut(bias, groups)
    done = [conv2d_forward(*given, **options) for given in zip(xs, kernels, biases, strict=True)]
    y, joined = concatenate_forward([part for part, _ in done])
    return y, GroupedCache(joined, [cache for _, cache in done], kernel.shape)


def grouped_conv2d_backward(dy: FloatArray, cache: GroupedCache, *, need_dx: bool = True) -> KernelGradients:
    """Return (dx, dkernel, dbias); dbias is None without a bias, dx when `need_dx` is false."""
    joined, parts, kernel_shape = cache
    if joined is None:
        dx, dkernel, dbias = depthwise_conv2d_backward(dy, parts[0], need_dx=need_dx)
        return dx, dkernel.reshape(kernel_shape), dbias
    pieces = concatenate_backward(dy, joined)
    found = [conv2d_backward(piece, part, need_dx=need_dx) for piece, part in zip(pieces, parts, strict=True)]
    dxs, dkernels, dbiases = zip(*found, strict=True)
    dx = _joined(dxs) if need_dx else None
    return dx, _joined(dkernels), None if dbiases[0] is None else _joined(dbiases)


def _cut(array: FloatArray, groups: int) -> list[FloatArray]:
    """Return the groups of the last axis, each by itself in memory."""
    width = array.shape[-1] // groups
    parts = [array[..., k * width : (k + 1) * width] for k in range(groups)]
    return [contiguous(part) if is_device_array(part) else part.copy() for part in parts]


def _joined(parts: Sequence[FloatArray]) -> FloatArray:
    """Return the groups side by side along the last axis."""
    joined: FloatArray = array_module(parts[0]).concatenate(parts, axis=-1)
    return joined
