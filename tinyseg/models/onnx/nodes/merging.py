"""Layers with several inputs."""

from __future__ import annotations

from collections.abc import Sequence

from tinyseg.layers.arithmetic import Average, Maximum, Merge, Minimum, Multiply, Subtract
from tinyseg.layers.merging import Add, Concatenate

from ..drawing import Drawing, Value
from .table import nodes_for


def chained(d: Drawing, operation: str, xs: Sequence[Value]) -> Value:
    """Apply an operation of two to several: ((a + b) + c)."""
    result, *others = d.alike(xs)
    for other in others:
        result = d.apply(operation, result, other.name)
    return result


@nodes_for(Add)
def add(d: Drawing, layer: Add, xs: Sequence[Value]) -> Value:
    """The sum, one after the other."""
    return chained(d, "Add", xs)


OPERATIONS = {Multiply: "Mul", Subtract: "Sub", Maximum: "Max", Minimum: "Min"}


@nodes_for(*OPERATIONS)
def merge(d: Drawing, layer: Merge, xs: Sequence[Value]) -> Value:
    """The layer's operation, one after the other; lengths of 1 are repeated in both libraries."""
    return chained(d, OPERATIONS[type(layer)], xs)


@nodes_for(Average)
def average(d: Drawing, layer: Average, xs: Sequence[Value]) -> Value:
    """The sum over the number of inputs."""
    return d.apply("Div", chained(d, "Add", xs), d.constant(float(len(xs))))


@nodes_for(Concatenate)
def concatenate(d: Drawing, layer: Concatenate, xs: Sequence[Value]) -> Value:
    """Along the layer's axis, wherever the tensors have it."""
    xs = d.alike(xs)
    return d.apply("Concat", xs[0], *(x.name for x in xs[1:]), axis=xs[0].axis(layer.axis))
