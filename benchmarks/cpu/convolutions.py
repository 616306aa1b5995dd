"""Convolutions, forward and both gradients.

3x3 at the shapes of segmentation networks, other windows, strides and dilation, depthwise and transposed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from tinyseg_kernels.conv2d import conv2d_backward, conv2d_forward
from tinyseg_kernels.conv2d_transpose import conv2d_transpose_backward, conv2d_transpose_forward
from tinyseg_kernels.depthwise_conv2d import depthwise_conv2d_backward, depthwise_conv2d_forward

from ..common.arrays import Work, numbers
from . import course_layers
from .case import Operation, differentiable

SHAPES = (
    (8, 128, 3, 16), (8, 128, 16, 16), (8, 128, 32, 32), (8, 64, 64, 64),
    (8, 32, 128, 128), (8, 16, 256, 256), (4, 224, 3, 64), (4, 224, 64, 64),
)  # fmt: skip
"""Images, height = width, channels, filters."""


def cases(tiny: bool) -> Iterator[Operation]:
    """Return the cases; tiny ones have the same code and a few numbers."""
    for shape in ((1, 6, 3, 4), (2, 5, 16, 16)) if tiny else SHAPES:
        yield conv2d(3, *shape)
    for size, options in ((3, {"stride": 2}), (1, {}), (5, {}), (3, {"dilation": 2})):
        yield conv2d(size, *((1, 8, 4, 4) if tiny else (8, 64, 64, 64)), **options)
    yield conv2d(7, *((1, 10, 3, 4) if tiny else (4, 224, 3, 64)), stride=2)
    yield _depthwise(*((1, 5, 4) if tiny else (8, 64, 128)))
    yield _transposed(*((1, 3, 4, 2) if tiny else (8, 64, 64, 32)))


def conv2d(size: int, n: int, edge: int, c: int, f: int, *, stride: int = 1, dilation: int = 1) -> Operation:
    """Return a convolution with padding of half a window, as PyTorch counts it: the same numbers in all libraries."""
    pad = dilation * (size // 2)
    out = (edge + 2 * pad - dilation * (size - 1) - 1) // stride + 1
    extra = (f" stride {stride}" if stride > 1 else "") + (f" dilation {dilation}" if dilation > 1 else "")
    pads = ((pad, pad), (pad, pad))
    image, result, kernel = n * edge * edge * c, n * out * out * f, size * size * c * f
    flops = 2 * n * out * out * kernel

    def torch(torch: Any, x: Any, kernel: Any, bias: Any) -> Any:
        return torch.nn.functional.conv2d(x, kernel, bias, padding=pad, stride=stride, dilation=dilation)

    def tensorflow(tf: Any, x: Any, kernel: Any, bias: Any) -> Any:
        # Explicit padding: 'SAME' would pad (0, 1) with stride 2. TensorFlow has it for strides, but with dilation only
        # as 'SAME'.
        padding: Any = "SAME" if stride == 1 else [[0, 0], *map(list, pads), [0, 0]]
        return tf.nn.bias_add(tf.nn.conv2d(x, kernel, stride, padding, dilations=dilation), bias)

    return differentiable(
        f"conv2d {size}x{size}{extra} {n}x{edge}x{edge}x{c} -> {f}",
        lambda: [
            numbers(n, edge, edge, c),
            numbers(size, size, c, f, seed=1, scale=(size * size * c) ** -0.5),
            numbers(f, seed=2),
        ],
        ("image", "kernel", "plain"),
        ((n, out, out, f), "image"),
        Work(4 * (3 * image + 3 * result + 3 * kernel), 3 * flops),
        partial(conv2d_forward, strides=stride, padding=pads, dilation_rate=dilation),
        conv2d_backward,
        torch,
        tensorflow,
        (partial(course_layers.conv_forward, stride=stride, pad=pads), course_layers.conv_backward)
        if dilation == 1
        else None,
    )


def _depthwise(n: int, edge: int, c: int) -> Operation:
    size = n * edge * edge * c

    def torch(torch: Any, x: Any, kernel: Any, bias: Any) -> Any:
        return torch.nn.functional.conv2d(x, kernel, bias, padding=1, groups=c)

    def tensorflow(tf: Any, x: Any, kernel: Any, bias: Any) -> Any:
        return tf.nn.bias_add(tf.nn.depthwise_conv2d(x, kernel, [1, 1, 1, 1], "SAME"), bias)

    return differentiable(
        f"depthwise 3x3 {n}x{edge}x{edge}x{c}",
        lambda: [numbers(n, edge, edge, c), numbers(3, 3, c, 1, seed=1, scale=1 / 3), numbers(c, seed=2)],
        ("image", "depthwise", "plain"), ((n, edge, edge, c), "image"), Work(4 * (6 * size + 27 * c), 54 * size),
        partial(depthwise_conv2d_forward, padding="same"), depthwise_conv2d_backward, torch, tensorflow,
    )  # fmt: skip


def _transposed(n: int, edge: int, c: int, f: int) -> Operation:
    image, result, kernel = n * edge * edge * c, 4 * n * edge * edge * f, 4 * c * f

    def torch(torch: Any, x: Any, kernel: Any, bias: Any) -> Any:
        return torch.nn.functional.conv_transpose2d(x, kernel, bias, stride=2)

    def tensorflow(tf: Any, x: Any, kernel: Any, bias: Any) -> Any:
        return tf.nn.bias_add(tf.nn.conv2d_transpose(x, kernel, (n, 2 * edge, 2 * edge, f), 2, "VALID"), bias)

    return differentiable(
        f"transposed 2x2 stride 2 {n}x{edge}x{edge}x{c} -> {f}",
        lambda: [numbers(n, edge, edge, c), numbers(2, 2, f, c, seed=1, scale=c**-0.5), numbers(f, seed=2)],
        ("image", "kernel", "plain"),
        ((n, 2 * edge, 2 * edge, f), "image"),
        Work(4 * 3 * (image + result + kernel), 6 * result * c),
        partial(conv2d_transpose_forward, strides=2),
        conv2d_transpose_backward,
        torch,
        tensorflow,
        (course_layers.up_forward, course_layers.up_backward),
    )
