"""Normalisations, as they are when predicting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.layers.batch_normalization import BatchNormalization
from tinyseg.layers.normalization import GroupNormalization, LayerNormalization

from ..drawing import Drawing, Value
from .table import nodes_for


@nodes_for(BatchNormalization)
def batch_normalization(d: Drawing, layer: BatchNormalization, x: Value) -> Value:
    """BatchNormalization for images; for other shapes, whose channels are last, a factor and a summand for each."""
    if len(x.shape) != 4:
        scale, shift = layer.scale_and_shift()
        return d.apply("Add", d.apply("Mul", x, d.constant(scale, "scale")), d.constant(shift, "shift"))
    mean, variance = layer.state["moving_mean"], layer.state["moving_variance"]
    given = {
        "gamma": layer.parameters.get("gamma", np.ones_like(mean)),
        "beta": layer.parameters.get("beta", np.zeros_like(mean)),
        "mean": mean,
        "variance": variance,
    }
    names = [d.constant(array, name) for name, array in given.items()]
    return d.apply("BatchNormalization", d.first(x), *names, epsilon=layer.epsilon)


@nodes_for(LayerNormalization)
def layer_normalization(d: Drawing, layer: LayerNormalization, x: Value) -> Value:
    """Mean and variance over the layer's axes; ONNX's own operation has the last axes only."""
    x, rank = d.last(x), len(x.shape)
    axes = [axis % rank for axis in layer.axis]
    y = _normalized(d, x.name, axes, layer.epsilon)
    lengths = iter(next(iter(layer.parameters.values())).shape if layer.parameters else ())
    seen = [next(lengths, 1) if axis in axes else 1 for axis in range(rank)]
    return Value(_scaled(d, layer.parameters, y, seen), x.shape)


@nodes_for(GroupNormalization)
def group_normalization(d: Drawing, layer: GroupNormalization, x: Value) -> Value:
    """The same for (N, ..., groups, channels of a group)."""
    x, rank = d.last(x), len(x.shape)
    channels = x.shape[-1]
    assert channels is not None
    groups = channels if layer.groups == -1 else layer.groups
    parted = d.add("Reshape", x.name, d.constant([0] * (rank - 1) + [groups, channels // groups], "groups"))
    y = _normalized(d, parted, [*range(1, rank - 1), rank], layer.epsilon)
    y = d.add("Reshape", y, d.constant([0] * (rank - 1) + [channels], "shape"))
    return Value(_scaled(d, layer.parameters, y, [channels]), x.shape)


def _normalized(d: Drawing, x: str, axes: Sequence[int], epsilon: float) -> str:
    """(x - mean) / sqrt(variance + epsilon)."""
    over = d.constant(list(axes), "axes")
    away = d.add("Sub", x, d.add("ReduceMean", x, over, keepdims=1))
    variance = d.add("ReduceMean", d.add("Mul", away, away), over, keepdims=1)
    return d.add("Div", away, d.add("Sqrt", d.add("Add", variance, d.constant(epsilon, "epsilon"))))


def _scaled(d: Drawing, parameters: Mapping[str, Array], y: str, shape: Sequence[int]) -> str:
    """gamma * y + beta, where there are such."""
    for name, operation in (("gamma", "Mul"), ("beta", "Add")):
        if name in parameters:
            y = d.add(operation, y, d.constant(parameters[name].reshape(tuple(shape)), name))
    return y
