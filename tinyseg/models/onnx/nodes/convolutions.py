"""Convolutions: kernels turned to ONNX's layout, and padding that may depend on the image's size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tinyseg_kernels.conv2d_transpose.geometry import make_cache
from tinyseg_kernels.types import Array, Padding, Pair
from tinyseg_kernels.windows import explicit_padding, window_span

from tinyseg.layers.conv2d import Conv2D
from tinyseg.layers.conv2d_transpose import Conv2DTranspose
from tinyseg.layers.convolution import ConvolutionLayer
from tinyseg.layers.depthwise_conv2d import DepthwiseConv2D
from tinyseg.layers.separable_conv2d import SeparableConv2D

from ..drawing import Attribute, Drawing, Value
from .activations import activate
from .table import nodes_for


def as_pads(pairs: Sequence[Pair]) -> list[int]:
    """Return ((top, bottom), (left, right)) in ONNX's order: first all that is before, then all that is after."""
    return [pair[0] for pair in pairs] + [pair[1] for pair in pairs]


def padded(
    d: Drawing, x: Value, padding: Padding, window: Pair, strides: Pair, dilation: Pair, fill: float = 0.0
) -> tuple[Value, dict[str, Attribute]]:
    """Return what a convolution takes, and how it is told the padding.

    'same' asks for as much as ceil(size / stride) windows need. That is known where the size is, and with stride 1,
    where it is always span - 1. Otherwise the runtime works it out (SAME_UPPER), or nodes do (`with_same_padding`).
    """
    if worked_out_by_nodes(x, padding, window, strides, dilation):
        return with_same_padding(d, x, window, strides, dilation, fill), {}
    sizes = x.shape[1:3]
    if padding == "same" and None in sizes and strides != (1, 1):
        return x, {"auto_pad": "SAME_UPPER"}
    height, width = (1 if n is None else n for n in sizes)  # with stride 1 any size gives the same padding
    return x, {"pads": as_pads(explicit_padding(padding, (height, width), window, strides, dilation))}


def worked_out_by_nodes(x: Value, padding: Padding, window: Pair, strides: Pair, dilation: Pair = (1, 1)) -> bool:
    """Return whether SAME_UPPER would not do, in ONNX Runtime: for windows with dilation, or smaller than their stride.

    There a window may need less than nothing, which is taken for a padding below 0.
    """
    gaps = any(s > k for s, k in zip(strides, window, strict=True))
    return padding == "same" and None in x.shape[1:3] and strides != (1, 1) and (dilation != (1, 1) or gaps)


def with_same_padding(d: Drawing, x: Value, window: Pair, strides: Pair, dilation: Pair, fill: float) -> Value:
    """Surround images (N, C, H, W) of unknown size with what 'same' asks for.

    That is max((ceil(size / stride) - 1) * stride + span - size, 0), the smaller half of it before.
    """
    spans = [window_span(k, r) for k, r in zip(window, dilation, strict=True)]
    size, step = d.add("Shape", x.name, start=2, end=4), d.constant(list(strides))
    outputs = d.add("Div", d.add("Add", size, d.constant([s - 1 for s in strides])), step)
    last = d.add("Mul", d.add("Sub", outputs, d.constant([1, 1])), step)
    total = d.add("Sub", d.add("Add", last, d.constant(spans)), size)
    total = d.add("Max", total, d.constant([0, 0]))
    before = d.add("Div", total, d.constant([2, 2]))
    none = d.constant([0, 0])
    pads = d.add("Concat", none, before, none, d.add("Sub", total, before), axis=0)
    return d.apply("Pad", x, pads, d.constant(fill, "fill"), mode="constant")


def convolved(
    d: Drawing, layer: ConvolutionLayer, x: Value, kernel: Array, bias: Array | None, groups: int, slides: bool = True
) -> Value:
    """Draw one convolution with a kernel (F, C / groups, KH, KW); one that does not slide is 1 x 1."""
    window: Pair = (kernel.shape[2], kernel.shape[3])
    x = d.first(x)
    attributes: dict[str, Attribute] = {"kernel_shape": window, "group": groups}
    if slides:
        x, pads = padded(d, x, layer.padding, window, layer.strides, layer.dilation_rate)
        attributes |= {**pads, "strides": layer.strides, "dilations": layer.dilation_rate}
    given = [d.constant(kernel, "kernel")] + ([] if bias is None else [d.constant(bias, "bias")])
    y = d.apply("Conv", x, *given, **attributes)
    channels = kernel.shape[0]
    return Value(y.name, layer.compute_output_shape(x.shape) if slides else (*x.shape[:3], channels), True)


@nodes_for(Conv2D)
def conv2d(d: Drawing, layer: Conv2D, x: Value) -> Value:
    """Conv: the kernel (KH, KW, C, F) as (F, C, KH, KW)."""
    kernel = layer.parameters["kernel"].transpose(3, 2, 0, 1)
    groups = getattr(layer, "groups", 1)
    return activate(d, layer.activation, convolved(d, layer, x, kernel, layer.parameters.get("bias"), groups))


def depthwise_kernel(kernel: Array) -> Array:
    """Return (KH, KW, C, M) as (C * M, 1, KH, KW): filter c * M + m sees channel c alone."""
    kh, kw, c, m = kernel.shape
    return kernel.reshape(kh, kw, 1, c * m).transpose(3, 2, 0, 1)


@nodes_for(DepthwiseConv2D)
def depthwise_conv2d(d: Drawing, layer: DepthwiseConv2D, x: Value) -> Value:
    """Conv with a group for each channel."""
    kernel = layer.parameters["kernel"]
    y = convolved(d, layer, x, depthwise_kernel(kernel), layer.parameters.get("bias"), kernel.shape[2])
    return activate(d, layer.activation, y)


@nodes_for(SeparableConv2D)
def separable_conv2d(d: Drawing, layer: SeparableConv2D, x: Value) -> Value:
    """Two Conv: one with a group for each channel, one of 1 x 1."""
    depthwise, pointwise = (layer.parameters[name] for name in ("depthwise_kernel", "pointwise_kernel"))
    between = convolved(d, layer, x, depthwise_kernel(depthwise), None, depthwise.shape[2])
    kernel = pointwise.transpose(3, 2, 0, 1)
    y = convolved(d, layer, between, kernel, layer.parameters.get("bias"), 1, slides=False)
    return activate(d, layer.activation, y)


@nodes_for(Conv2DTranspose)
def conv2d_transpose(d: Drawing, layer: Conv2DTranspose, x: Value) -> Value:
    """ConvTranspose: the kernel (KH, KW, F, C) as (C, F, KH, KW).

    Its output has (n - 1) * stride + span numbers before padding is cut off. 'same' keeps n * stride of them, so that
    span - stride are cut off, the smaller half before, as SAME_UPPER does; the same whatever the size is. Where the
    stride is larger, the zeros that are missing are appended as output_padding.
    """
    x = d.first(x)
    cut, appended = cut_and_appended(layer)
    kernel = np.asarray(layer.parameters["kernel"]).transpose(3, 2, 0, 1)
    given = [d.constant(kernel, "kernel")]
    if layer.use_bias:
        given.append(d.constant(layer.parameters["bias"], "bias"))
    y = d.apply(
        "ConvTranspose", x, *given, kernel_shape=layer.kernel_size, strides=layer.strides,
        dilations=layer.dilation_rate, pads=as_pads(cut), output_padding=appended,
    )  # fmt: skip
    return activate(d, layer.activation, y)


def cut_and_appended(layer: Conv2DTranspose) -> tuple[list[Pair], list[int]]:
    """Return for each axis how much a transposed convolution cuts off before and after, and how much it appends.

    As the kernels have it for an image of one pixel; it is the same for every size.
    """
    kernel = np.asarray(layer.parameters["kernel"])
    pixel = np.zeros((1, 1, 1, kernel.shape[3]), kernel.dtype)
    found = make_cache(
        pixel, kernel, None, layer.strides, str(layer.padding), layer.dilation_rate, layer.output_padding
    )
    cut: list[Pair] = []
    appended: list[int] = []
    for (before, _), size, k, r in zip(found.padding, found.size, layer.kernel_size, layer.dilation_rate, strict=True):
        after = window_span(k, r) - size - before
        cut.append((before, max(after, 0)))
        appended.append(max(-after, 0))
    return cut, appended
