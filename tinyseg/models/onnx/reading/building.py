"""From layers that were read to a model."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from tinyseg_kernels.errors import InvalidInput

from tinyseg.layers.input import Input
from tinyseg.layers.symbolic import Shape, SymbolicTensor

from ...model import Model
from .files import GraphInput
from .values import Reading, Step, Tensor


def build(reading: Reading, outputs: Sequence[Tensor], inputs: Sequence[GraphInput], shapes: Sequence[Shape]) -> Model:
    """Draw the layers for inputs of these stored shapes (without the batch), and give them their weights."""
    names: set[str] = set()
    values: list[SymbolicTensor] = []
    for k, step in enumerate(reading.steps):
        if k < len(inputs):
            values.append(Input(shapes[k], name=_name(inputs[k].name, names)))
            continue
        layer, given = step.layer, [values[i] for i in step.inputs]
        layer.name = _name(step.node.partition(" ")[2].strip("'\""), names)
        values.append(layer(given if layer.several_inputs else given[0]))
        _give_weights(step)
    results = [values[output.step] for output in outputs]
    return Model(values[: len(inputs)] if len(inputs) > 1 else values[0], results if len(results) > 1 else results[0])


def _give_weights(step: Step) -> None:
    layer = step.layer
    if set(step.weights) != {*layer.parameters, *(k for k, a in layer.state.items() if a.dtype.kind == "f")}:
        raise InvalidInput(f"{step.node}: expected weights for {sorted(layer.parameters)}, got {sorted(step.weights)}")
    for name, array in step.weights.items():
        own = layer.parameters if name in layer.parameters else layer.state
        if own[name].shape != array.shape:
            raise InvalidInput(f"{step.node}: {name}: expected shape {own[name].shape}, got {array.shape}")
        own[name][...] = np.asarray(array, own[name].dtype)


def _name(wanted: str, taken: set[str]) -> str:
    """Return a name for a layer: the node's without what a name cannot have, made unique."""
    base = re.sub(r"[^\w.-]+", ".", wanted).strip(".") or "node"
    name, k = base, 1
    while name in taken:
        name, k = f"{base}_{k}", k + 1
    taken.add(name)
    return name
