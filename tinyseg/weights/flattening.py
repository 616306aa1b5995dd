"""In which order the numbers are that `Flatten` puts into one row: here (H, W, C), elsewhere (C, H, W).

The layers behind it have one weight for each of these numbers, so their arrays must be put into the other order. Here
the network is gone through once, and what reaches each layer is noted.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.layers.layer import Layer
from tinyseg.layers.merging import Concatenate
from tinyseg.layers.reshaping import Flatten, Reshape
from tinyseg.layers.symbolic import Shape
from tinyseg.models.network import Network

Order: TypeAlias = Array | None
"""Number k here is number order[k] there; None where they are the same."""

ENDS = ("Dense", "Reshape")
"""Classes behind which the order is one of their own."""


def orders_of(model: Network) -> dict[Layer, Order]:
    """Return the order of what each layer is given, for layers with a row of numbers as their input."""
    found: dict[Layer, Order] = {}
    _go_through(model, [tensor.shape for tensor in model.inputs], [None] * len(model.inputs), found)
    return found


def _go_through(network: Network, shapes: list[Shape], orders: list[Order], found: dict[Layer, Order]) -> list[Order]:
    shape: dict[int, Shape] = dict(zip(network.graph.inputs, shapes, strict=True))
    order: dict[int, Order] = dict(zip(network.graph.inputs, orders, strict=True))
    for k, step in enumerate(network.graph.steps):
        if k in shape:
            continue
        layer, given = step.layer, [shape[i] for i in step.inputs]
        before = [order[i] for i in step.inputs]
        shape[k] = layer.compute_output_shape(given if layer.several_inputs else given[0])
        found[layer] = before[0]
        if isinstance(layer, Network):
            order[k] = _go_through(layer, given, before, found)[0]
        else:
            order[k] = _after(layer, given, before)
    return [order[k] for k in network.graph.outputs]


def _after(layer: Layer, shapes: list[Shape], orders: list[Order]) -> Order:
    """Return the order of a layer's output."""
    if isinstance(layer, Flatten):
        return _flattened(shapes[0]) if len(shapes[0]) == 4 else orders[0]
    if isinstance(layer, Concatenate):
        return _joined(shapes, orders)
    if len(shapes[0]) != 2 or isinstance(layer, Reshape) or type(layer).__name__ in ENDS:
        return None
    return next((order for order in orders if order is not None), None)


def _flattened(shape: Shape) -> Order:
    h, w, c = shape[1:]
    if h is None or w is None or c is None or c == 1 or h * w == 1:
        return None
    return np.arange(c * h * w).reshape(c, h, w).transpose(1, 2, 0).reshape(-1)


def _joined(shapes: list[Shape], orders: list[Order]) -> Order:
    """Return the order of rows that stand behind one another."""
    if all(order is None for order in orders) or any(len(shape) != 2 for shape in shapes):
        return None
    parts, begin = [], 0
    for shape, order in zip(shapes, orders, strict=True):
        length = shape[1] or 0
        parts.append(begin + (np.arange(length) if order is None else order))
        begin += length
    return np.concatenate(parts)
