"""From a network to a drawing: step by step, and everything that cannot be drawn named at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tinyseg_kernels.errors import InvalidInput

from tinyseg.layers.layer import Layer

from ..network import Network
from ..plan import has_own_methods
from .drawing import Drawing, NotInOnnx, Value
from .nodes import NODES, LayerNodes


def draw_network(
    d: Drawing, network: Network, inputs: list[Value], more: Mapping[type[Layer], LayerNodes] | None = None
) -> list[Value]:
    """Draw all layers of a network; return its outputs.

    Args:
        d: Where nodes are added.
        network: Its layers' parameters become constants.
        inputs: One for each of the network's inputs.
        more: What draws layers of somebody's own: class -> function, as in `nodes/`.

    Raises:
        InvalidInput: Layers that have no nodes; the text names all of them.
    """
    faults: list[str] = []
    table = {**NODES, **(more or {})}
    outputs = _draw(d, network, inputs, table, "", faults)
    if faults:
        raise InvalidInput(
            f"{network.label}: cannot be written as ONNX: {'; '.join(faults)}. A layer of your own needs a function "
            "that draws it: export(..., nodes={YourLayer: function}), see docs/export.md"
        )
    return outputs


def _draw(
    d: Drawing, network: Network, inputs: list[Value], table: Mapping[type[Layer], LayerNodes], place: str,
    faults: list[str],
) -> list[Value]:  # fmt: skip
    values = dict(zip(network.graph.inputs, inputs, strict=True))
    for step in network.graph.steps:
        if step.position in values:
            continue
        layer, given = step.layer, [values[i] for i in step.inputs]
        d.layer = f"{place}{layer.name}"
        if isinstance(layer, Network) and not _has_own_code(layer):
            values[step.position] = _draw(d, layer, given, table, f"{d.layer}/", faults)[0]
            continue
        argument = given if layer.several_inputs else given[0]
        shapes = [value.shape for value in given]
        shape = layer.compute_output_shape(shapes if layer.several_inputs else shapes[0])
        try:
            values[step.position] = replace(_function(layer, table)(d, layer, argument), shape=shape)
        except NotInOnnx as fault:
            faults.append(f"{layer.label}: {fault}")
            values[step.position] = Value(given[0].name, shape)  # so that the other layers are looked at, too
    return [values[k] for k in network.graph.outputs]


def _function(layer: Layer, table: Mapping[type[Layer], LayerNodes]) -> LayerNodes:
    found = table.get(type(layer))
    if found is None:
        raise NotInOnnx("there are no nodes for this class")
    if type(layer) in NODES and found is NODES[type(layer)] and _has_own_code(layer):
        raise NotInOnnx("its forward is not tinyseg's")
    return found


def _has_own_code(layer: Layer) -> bool:
    return has_own_methods(layer) or "call" in vars(layer)
