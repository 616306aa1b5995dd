"""Conv, ConvTranspose and BatchNormalization."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tinyseg_kernels.types import Array, Padding, Pair
from tinyseg_kernels.windows import explicit_padding, window_span

from tinyseg.utils.types import JsonObject

from ..files import Node
from ..values import Reading, Refused, Value, constant, tensor
from .table import reads

MOST_SIZES = 70
"""Sizes for which a padding is compared with 'same'."""


def pair(node: Node, key: str, otherwise: int | None = 1) -> Pair:
    """Return an attribute of two integers."""
    value = node.attributes.get(key)
    if value is None and otherwise is not None:
        return (otherwise, otherwise)
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(n, int) and 0 <= n < 2**31 for n in value):
        raise Refused(f"{key}: expected two integers, for height and width, got {value}")
    return (value[0], value[1])


def padding_of(node: Node, size: Pair, window: Pair, strides: Pair, dilation: Pair, ceil: bool = False) -> Padding:
    """Return the padding as a layer has it: 'valid', 'same', or pairs, at best such that it fits every size."""
    auto = node.attributes.get("auto_pad", "NOTSET")
    if auto in ("SAME_UPPER", "VALID"):
        return "same" if auto == "SAME_UPPER" else "valid"
    pads = node.attributes.get("pads") or [0, 0, 0, 0]
    if auto not in ("NOTSET", "SAME_LOWER") or len(pads) != 4 or not all(0 <= n < 2**31 for n in pads):
        raise Refused(f"auto_pad {auto!r}, pads {pads}: needs a padding of at least 0 on four sides")

    def of_size(n: Pair) -> tuple[Pair, Pair]:
        if auto == "SAME_LOWER":
            upper = explicit_padding("same", n, window, strides, dilation)
            return ((upper[0][1], upper[0][0]), (upper[1][1], upper[1][0]))
        found: list[Pair] = []
        for k in (0, 1):
            before, after, span = pads[k], pads[k + 2], window_span(window[k], dilation[k])
            length = n[k] + before + after
            windows = (-(-(length - span) // strides[k]) if ceil else (length - span) // strides[k]) + 1
            if ceil and (windows - 1) * strides[k] >= n[k] + before:
                windows -= 1  # a window that would begin in the padding after the image
            found.append((before, after + max(0, (windows - 1) * strides[k] + span - length)))
        return (found[0], found[1])

    smallest = [window_span(k, r) for k, r in zip(window, dilation, strict=True)]
    sizes = [(smallest[0] + i, smallest[1] + i) for i in range(min(MOST_SIZES, 8 * max(strides)))]
    if all(of_size(n) == explicit_padding("same", n, window, strides, dilation) for n in sizes):
        return "same"
    found = of_size(size)
    return "valid" if found == ((0, 0), (0, 0)) else found


@reads("Conv")
def conv(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> Value:
    """Conv2D or DepthwiseConv2D."""
    kernel, bias = kernel_and_bias(node, inputs)
    groups = int(node.attributes.get("group", 1))
    x = reading.image(inputs[0])  # type: ignore[arg-type]
    filters, per_group, *window = kernel.shape
    if groups < 1 or x.shape[1] != per_group * groups or filters % groups:
        raise Refused(f"a kernel of shape {kernel.shape} in {groups} groups for a tensor of shape {x.shape}")
    strides, dilation = pair(node, "strides"), pair(node, "dilations")
    arguments: JsonObject = {
        "kernel_size": tuple(window),
        "strides": strides,
        "padding": padding_of(node, (x.shape[2], x.shape[3]), (window[0], window[1]), strides, dilation),
        "dilation_rate": dilation,
        "use_bias": bias is not None,
    }
    weights = {} if bias is None else {"bias": bias}
    if per_group == 1 and groups > 1:
        multiplier = filters // groups
        depthwise = kernel.transpose(2, 3, 1, 0).reshape(*window, groups, multiplier)
        return reading.add(
            "DepthwiseConv2D", {"depth_multiplier": multiplier, **arguments}, x,
            weights={"kernel": depthwise, **weights},
        )  # fmt: skip
    if groups > 1:
        arguments["groups"] = groups
    return reading.add(
        "Conv2D", {"filters": filters, **arguments}, x, weights={"kernel": kernel.transpose(2, 3, 1, 0), **weights}
    )


def kernel_and_bias(node: Node, inputs: Sequence[Value | None]) -> tuple[Array, Array | None]:
    """Return both as arrays; the kernel has four axes."""
    if len(inputs) < 2:
        raise Refused("has no kernel")
    kernel = constant(inputs[1], "kernel")
    bias = constant(inputs[2], "bias") if len(inputs) > 2 and inputs[2] is not None else None
    if kernel.ndim != 4 or 0 in kernel.shape or (bias is not None and bias.ndim != 1):
        raise Refused(f"a kernel of shape {kernel.shape}: needs one for images, of four axes")
    given = node.attributes.get("kernel_shape")
    if given is not None and tuple(given) != kernel.shape[2:]:
        raise Refused(f"kernel_shape {given} for a kernel of shape {kernel.shape}")
    return kernel, bias


@reads("ConvTranspose")
def conv_transpose(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> Value:
    """Conv2DTranspose and, where other borders are cut off than its own, Cropping2D."""
    kernel, bias = kernel_and_bias(node, inputs)
    x = reading.image(inputs[0])  # type: ignore[arg-type]
    if node.attributes.get("group", 1) != 1 or kernel.shape[0] != x.shape[1]:
        raise Refused(f"in {node.attributes.get('group', 1)} groups: needs a transposed convolution in groups")
    strides, dilation = pair(node, "strides"), pair(node, "dilations")
    window: Pair = (kernel.shape[2], kernel.shape[3])
    spans = [window_span(k, r) for k, r in zip(window, dilation, strict=True)]
    more = pair(node, "output_padding", 0)
    cuts = [_cut(node, k, x.shape[2 + k], spans[k] + more[k], strides[k]) for k in (0, 1)]
    arguments: JsonObject = {
        "filters": kernel.shape[1], "kernel_size": window, "strides": strides, "dilation_rate": dilation,
        "use_bias": bias is not None,
    }  # fmt: skip
    weights = {"kernel": kernel.transpose(2, 3, 1, 0)} | ({} if bias is None else {"bias": bias})
    kept = [(before, after - n) for (before, after), n in zip(cuts, more, strict=True)]
    if kept == [(max(n - s, 0) // 2, n - s - max(n - s, 0) // 2) for n, s in zip(spans, strides, strict=True)]:
        return reading.add("Conv2DTranspose", {"padding": "same", **arguments}, x, weights=weights)
    if any(more) or any(n < s for n, s in zip(spans, strides, strict=True)):
        arguments["output_padding"] = more
    y = reading.add("Conv2DTranspose", arguments, x, weights=weights)
    cropping = (cuts[0], cuts[1])
    return y if cropping == ((0, 0), (0, 0)) else reading.add("Cropping2D", {"cropping": cropping}, y)


def _cut(node: Node, k: int, n: int, span: int, stride: int) -> Pair:
    """Return how many of the (n - 1) * stride + span numbers of an axis are cut off, before and after."""
    auto, shape = node.attributes.get("auto_pad", "NOTSET"), node.attributes.get("output_shape")
    if not shape and auto in ("NOTSET", "VALID"):
        pads = (node.attributes.get("pads") or [0, 0, 0, 0]) if auto == "NOTSET" else [0, 0, 0, 0]
        if len(pads) != 4 or any(n < 0 for n in pads):
            raise Refused(f"pads {pads}: expected four numbers of at least 0")
        return (pads[k], pads[k + 2])
    size = shape[-2:][k] if shape else n * stride
    total = (n - 1) * stride + span - size
    if total < 0:
        raise Refused(f"output_shape {shape}: more than the kernel reaches")
    before = total // 2 if auto == "SAME_UPPER" else total - total // 2
    return (before, total - before)


@reads("BatchNormalization")
def batch_normalization(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> Value:
    """BatchNormalization with the file's moving averages."""
    if node.attributes.get("training_mode"):
        raise Refused("in training mode")
    if len(inputs) < 5:
        raise Refused("expected five inputs")
    x = tensor(inputs[0])  # type: ignore[arg-type]
    x = reading.image(x) if len(x.shape) == 4 else x
    channels = x.shape[1] if len(x.shape) > 1 else 0
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    weights = {name: constant(value, name) for name, value in zip(names, inputs[1:5], strict=True)}
    if any(array.shape != (channels,) for array in weights.values()) or x.order[-1] != 1:
        raise Refused(f"for a tensor of shape {x.shape}: expected one number for each channel")
    epsilon = float(node.attributes.get("epsilon", 1e-5))
    momentum = min(max(float(np.float32(node.attributes.get("momentum", 0.9))), 0.0), 1.0)
    return reading.add("BatchNormalization", {"epsilon": epsilon, "momentum": round(momentum, 6)}, x, weights=weights)
