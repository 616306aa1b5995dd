"""Floating-point operations of a network's layers, counted by the plain algorithms.

2 for each multiplication with its addition.

Only products are counted (convolutions and dense layers): everything else is bound by memory, and its few operations a
number say nothing about its time.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from tinyseg.layers import Conv2D, Conv2DTranspose, Dense, DepthwiseConv2D, SeparableConv2D
from tinyseg.layers.layer import Layer

from .network import Network


def forward_flops(layer: Layer, x_shape: Sequence[int], y_shape: Sequence[int]) -> int:
    """Return the operations of a layer's forward pass, from the shapes of its input and output with the batch.

    A window's place beyond the image's edge counts like any other.
    """
    if isinstance(layer, Network):
        return sum(step_flops(layer, x_shape, training=False)) if not layer.several_inputs else 0
    parameters: dict[str, Any] = layer.parameters
    if isinstance(layer, Dense):
        return 2 * prod(x_shape[:-1]) * int(parameters["kernel"].size)
    if isinstance(layer, Conv2DTranspose):  # each number of the input meets the whole window
        return 2 * prod(x_shape[:-1]) * int(parameters["kernel"].size)
    positions = prod(y_shape[:-1])
    if isinstance(layer, (Conv2D, DepthwiseConv2D, SeparableConv2D)):
        return 2 * positions * sum(int(a.size) for name, a in parameters.items() if name.endswith("kernel"))
    return 0


def step_flops(model: Network, input_shape: Sequence[int], *, training: bool) -> list[int]:
    """Return the operations of each step of a network with one input.

    Args:
        model: The network.
        input_shape: Of a batch.
        training: Count the backward pass as well: as much again for the gradient of the kernel, and for that of the
            input where it is needed.
    """
    shapes, wanted = step_shapes(model, input_shape), model._wanted(need_dx=False)
    counts = []
    for step, shape in zip(model.graph.steps, shapes, strict=True):
        count = forward_flops(step.layer, shapes[step.inputs[0]], shape) if step.inputs else 0
        passes = 1
        if training and step.inputs:
            passes += bool(step.layer.trainable_parameters) + any(wanted[i] for i in step.inputs)
        counts.append(passes * count)
    return counts


def step_shapes(model: Network, input_shape: Sequence[int]) -> list[tuple[int, ...]]:
    """Return the shape of each step's result, the batch included."""
    shapes: dict[int, Any] = dict.fromkeys(model.graph.inputs, tuple(input_shape))
    for k, step in enumerate(model.graph.steps):
        if k not in shapes:
            arguments = [shapes[i] for i in step.inputs]
            shapes[k] = step.layer.compute_output_shape(arguments if step.layer.several_inputs else arguments[0])
    return [shapes[k] for k in range(len(model.graph.steps))]
