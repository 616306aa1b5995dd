"""Normalisations, as they are when predicting."""

from __future__ import annotations

import numpy as np

from tinyseg.layers.batch_normalization import BatchNormalization

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
