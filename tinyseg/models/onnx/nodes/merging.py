"""Layers with several inputs."""

from __future__ import annotations

from collections.abc import Sequence

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


@nodes_for(Concatenate)
def concatenate(d: Drawing, layer: Concatenate, xs: Sequence[Value]) -> Value:
    """Along the layer's axis, wherever the tensors have it."""
    xs = d.alike(xs)
    return d.apply("Concat", xs[0], *(x.name for x in xs[1:]), axis=xs[0].axis(layer.axis))
