"""Dense."""

from __future__ import annotations

from tinyseg.layers.dense import Dense

from ..drawing import Drawing, Value
from .activations import activate
from .table import nodes_for


@nodes_for(Dense)
def dense(d: Drawing, layer: Dense, x: Value) -> Value:
    """MatMul along the last axis, and Add."""
    y = d.apply("MatMul", d.last(x), d.constant(layer.parameters["kernel"], "kernel"))
    if layer.use_bias:
        y = d.apply("Add", y, d.constant(layer.parameters["bias"], "bias"))
    return activate(d, layer.activation, y)
