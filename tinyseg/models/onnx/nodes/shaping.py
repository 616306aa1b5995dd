"""Layers that move numbers, and those that do nothing when predicting."""

from __future__ import annotations

from tinyseg.layers.dropout import Dropout, SpatialDropout2D
from tinyseg.layers.input import InputLayer
from tinyseg.layers.lambda_layer import Lambda
from tinyseg.layers.layer import Layer
from tinyseg.layers.padding2d import Cropping2D, ZeroPadding2D
from tinyseg.layers.reshaping import Flatten, Reshape

from ..drawing import Drawing, NotInOnnx, Value
from .table import nodes_for

TO_THE_END = 2**31 - 1


@nodes_for(Dropout, SpatialDropout2D, InputLayer)
def nothing(d: Drawing, layer: Layer, x: Value) -> Value:
    """Hand x on."""
    return x


@nodes_for(Lambda)
def function_of_ones_own(d: Drawing, layer: Lambda, x: Value) -> Value:
    """Refuse: what a function computes cannot be seen."""
    raise NotInOnnx("a function of your own")


@nodes_for(ZeroPadding2D)
def zero_padding2d(d: Drawing, layer: ZeroPadding2D, x: Value) -> Value:
    """Pad with zeros."""
    pads = [0] * 8
    for axis, (before, after) in zip((1, 2), layer.padding, strict=True):
        pads[x.axis(axis)], pads[4 + x.axis(axis)] = before, after
    return d.apply("Pad", x, d.constant(pads, "pads"), d.constant(0.0, "zero"), mode="constant")


@nodes_for(Cropping2D)
def cropping2d(d: Drawing, layer: Cropping2D, x: Value) -> Value:
    """Slice height and width."""
    starts = d.constant([before for before, _ in layer.cropping], "starts")
    ends = d.constant([-after if after else TO_THE_END for _, after in layer.cropping], "ends")
    return d.apply("Slice", x, starts, ends, d.constant([x.axis(1), x.axis(2)], "axes"))


@nodes_for(Flatten)
def flatten(d: Drawing, layer: Flatten, x: Value) -> Value:
    """Flatten each sample, its channels last."""
    return Value(d.add("Flatten", d.last(x).name, axis=1), layer.compute_output_shape(x.shape))


@nodes_for(Reshape)
def reshape(d: Drawing, layer: Reshape, x: Value) -> Value:
    """Reshape each sample; the 0 keeps the batch."""
    shape = d.constant([0, *layer.target_shape], "shape")
    return Value(d.add("Reshape", d.last(x).name, shape), layer.compute_output_shape(x.shape))
