"""Poolings, and reductions that are poolings."""

from __future__ import annotations

from collections.abc import Sequence

from ..files import Node
from ..values import Reading, Refused, Tensor, Value, integers, tensor
from .convolutions import padding_of, pair
from .table import reads


@reads("MaxPool", "AveragePool")
def pool(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> Value:
    """MaxPooling2D or AveragePooling2D."""
    if len([name for name in node.outputs if name]) > 1 and reading.users.get(node.outputs[1], 0):
        raise Refused("needs a pooling that gives the places of its maxima")
    if pair(node, "dilations") != (1, 1):
        raise Refused("needs a pooling whose windows have gaps")
    x = reading.image(inputs[0])  # type: ignore[arg-type]
    window, strides, ceil = (
        pair(node, "kernel_shape", None),
        pair(node, "strides"),
        bool(node.attributes.get("ceil_mode")),
    )
    padding = padding_of(node, (x.shape[2], x.shape[3]), window, strides, (1, 1), ceil)
    if node.operation == "MaxPool":
        return reading.add("MaxPooling2D", {"pool_size": window, "strides": strides, "padding": padding}, x)
    if node.attributes.get("count_include_pad") and padding != "valid":
        pads = node.attributes.get("pads") or [0, 0, 0, 0]
        if ceil or node.attributes.get("auto_pad", "NOTSET") != "NOTSET":
            raise Refused("needs a pooling that counts its padding, rounded up or worked out")
        x = reading.add("ZeroPadding2D", {"padding": ((pads[0], pads[2]), (pads[1], pads[3]))}, x)
        padding = "valid"
    return reading.add("AveragePooling2D", {"pool_size": window, "strides": strides, "padding": padding}, x)


GLOBAL = {
    "GlobalAveragePool": "GlobalAveragePooling2D",
    "GlobalMaxPool": "GlobalMaxPooling2D",
    "ReduceMean": "GlobalAveragePooling2D",
    "ReduceMax": "GlobalMaxPooling2D",
}


@reads("GlobalAveragePool", "GlobalMaxPool")
def global_pool(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> Value:
    """Over height and width, which stay as axes of length 1."""
    x = reading.image(inputs[0])  # type: ignore[arg-type]
    return reading.add(GLOBAL[node.operation], {"keepdims": True}, x)


@reads("ReduceMean", "ReduceMax")
def reduce(reading: Reading, node: Node, inputs: Sequence[Value | None]) -> Value:
    """Over height and width, or the mean over the channels."""
    x = tensor(inputs[0])  # type: ignore[arg-type]
    axes = node.attributes.get("axes")
    if axes is None and len(inputs) > 1 and inputs[1] is not None:
        axes = integers(inputs[1], "axes")
    keep = bool(node.attributes.get("keepdims", 1))
    if len(x.shape) != 4 or not axes or x.columns is not None:
        raise Refused(f"over the axes {axes} of shape {x.shape}: there are layers for height and width of images")
    found = sorted(x.stored_axis(int(axis)) for axis in axes)
    if found == [1, 2]:
        y = reading.add(GLOBAL[node.operation], {"keepdims": True}, x)
        gone = tuple(sorted(int(axis) % 4 for axis in axes))
        return y if keep else without(reading, y, gone)
    raise Refused(f"over the axes {axes} of shape {x.shape}: needs a layer for other axes than height and width")


def without(reading: Reading, x: Tensor, axes: tuple[int, ...]) -> Tensor:
    """Drop axes of length 1."""
    left = [axis for axis in range(len(x.shape)) if axis not in axes]
    order = tuple(left.index(axis) for axis in x.order if axis in left)
    shape = [x.shape[axis] for axis in left]
    return reading.reshaped(x, shape, [shape[axis] for axis in order], order)
