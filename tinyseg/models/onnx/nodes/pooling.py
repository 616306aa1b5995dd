"""Poolings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinyseg.layers.global_pooling2d import GlobalAveragePooling2D, GlobalMaxPooling2D, GlobalPooling2D
from tinyseg.layers.pooling2d import AveragePooling2D, MaxPooling2D, Pooling2D
from tinyseg.layers.unpooling2d import MaxUnpooling2D

from ..drawing import Attribute, Drawing, OnnxNode, Value
from .convolutions import padded, worked_out_by_nodes
from .table import nodes_for

LOWEST = float(np.finfo(np.float32).min)


@nodes_for(MaxPooling2D)
def max_pooling2d(d: Drawing, layer: MaxPooling2D, x: Value) -> Value:
    """MaxPool, whose padding never wins."""
    return _pooled(d, layer, d.first(x), "MaxPool", LOWEST)


@nodes_for(MaxUnpooling2D)
def max_unpooling2d(d: Drawing, layer: MaxUnpooling2D, inputs: Sequence[Value]) -> Value:
    """MaxPool's second output tells where each maximum stood, in the whole tensor; ScatterElements puts x there.

    ONNX's MaxUnpool does the same, but not every runtime has it.
    """
    x, before = map(d.first, inputs)
    places = d.name("places")
    attributes: dict[str, Attribute] = {"kernel_shape": layer.pool_size, "strides": layer.pool_size}
    d.nodes.append(OnnxNode("MaxPool", (before.name,), (d.name("pooled"), places), attributes))
    size, line = d.add("Shape", before.name), d.constant([-1])
    zeros = d.add("Expand", d.constant([0.0]), d.add("ReduceProd", size, keepdims=1))
    flat = d.add("ScatterElements", zeros, d.add("Reshape", places, line), d.add("Reshape", x.name, line), axis=0)
    return Value(d.add("Reshape", flat, size), before.shape, channels_first=True)


@nodes_for(AveragePooling2D)
def average_pooling2d(d: Drawing, layer: AveragePooling2D, x: Value) -> Value:
    """AveragePool, with padding that is not counted.

    Where the padding is worked out by nodes, it is zeros that are counted; dividing by the same average of an image of
    ones takes them out again.
    """
    x = d.first(x)
    y = _pooled(d, layer, x, "AveragePool", 0.0, count_include_pad=0)
    if not worked_out_by_nodes(x, layer.padding, layer.pool_size, layer.strides):
        return y
    size = d.add("Concat", d.constant([1, 1]), d.add("Shape", x.name, start=2, end=4), axis=0)
    ones = Value(d.add("Expand", d.constant(np.ones((1, 1, 1, 1))), size), (1, None, None, 1), channels_first=True)
    return d.apply("Div", y, _pooled(d, layer, ones, "AveragePool", 0.0, count_include_pad=0).name)


def _pooled(d: Drawing, layer: Pooling2D, x: Value, operation: str, fill: float, **more: int) -> Value:
    x, pads = padded(d, x, layer.padding, layer.pool_size, layer.strides, (1, 1), fill)
    return d.apply(operation, x, kernel_shape=layer.pool_size, strides=layer.strides, **pads, **more)


@nodes_for(GlobalMaxPooling2D)
def global_max_pooling2d(d: Drawing, layer: GlobalMaxPooling2D, x: Value) -> Value:
    """GlobalMaxPool."""
    return _pooled_whole(d, layer, x, "GlobalMaxPool")


@nodes_for(GlobalAveragePooling2D)
def global_average_pooling2d(d: Drawing, layer: GlobalAveragePooling2D, x: Value) -> Value:
    """GlobalAveragePool."""
    return _pooled_whole(d, layer, x, "GlobalAveragePool")


def _pooled_whole(d: Drawing, layer: GlobalPooling2D, x: Value, operation: str) -> Value:
    x = d.first(x)
    y = d.add(operation, x.name)
    shape = layer.compute_output_shape(x.shape)
    if layer.keepdims:
        return Value(y, shape, channels_first=True)
    return Value(d.add("Squeeze", y, d.constant([2, 3])), shape)
