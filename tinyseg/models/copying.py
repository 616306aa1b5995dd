"""What `copy` and `pickle` keep of a network.

Its steps as a flat list, since symbolic tensors point at one another in a chain as long as the network is deep.
"""

from __future__ import annotations

from typing import Any

from tinyseg.layers.layer import Layer
from tinyseg.layers.symbolic import Node, Shape, SymbolicTensor

from .graph import Graph

NETWORK = "Model"
"""What a network within another one is called among the classes of `leaves`, also when it is a Sequential."""

_REDRAWN = ("graph", "inputs", "outputs", "parameters", "state", "start")
"""What `drawn_again` gives back."""


def flat_state(state: dict[str, Any]) -> dict[str, Any]:
    """Return a network's attributes with its graph as layers and numbers."""
    graph: Graph | None = state.get("graph")
    if graph is None:
        return state
    flat = {key: value for key, value in state.items() if key not in _REDRAWN}
    flat["flat_steps"] = [(step.layer, step.inputs) for step in graph.steps]
    flat["flat_ends"] = (graph.inputs, graph.outputs, [tensor.dtype for tensor in state["inputs"]])
    flat["flat_shapes"] = [tensor.shape for tensor in state["inputs"]]
    flat["flat_start"] = "start" in state
    return flat


def drawn_again(flat: dict[str, Any]) -> tuple[dict[str, Any], list[SymbolicTensor], list[SymbolicTensor]]:
    """Draw the steps anew: return the attributes, and the symbolic inputs and outputs.

    What another network has drawn already is used again.
    """
    steps, (inputs, outputs, dtypes) = flat.pop("flat_steps"), flat.pop("flat_ends")
    shapes, has_start = flat.pop("flat_shapes"), flat.pop("flat_start")
    tensors: list[SymbolicTensor] = []
    for k, (layer, sources) in enumerate(steps):
        if k in inputs:
            place = inputs.index(k)
            tensors.append(_drawn(layer, (), shapes[place], dtypes[place]))
            continue
        given = tuple(tensors[i] for i in sources)
        shape = layer.compute_output_shape([t.shape for t in given] if layer.several_inputs else given[0].shape)
        tensors.append(_drawn(layer, given, shape, given[0].dtype))
    starts = [tensors[k] for k in inputs]
    if has_start:
        flat["start"] = starts[0]
    return flat, starts, [tensors[k] for k in outputs]


def _drawn(layer: Layer, inputs: tuple[SymbolicTensor, ...], shape: Shape, dtype: str) -> SymbolicTensor:
    for tensor in layer.drawn:
        given = tensor.node.inputs
        if len(given) == len(inputs) and all(a is b for a, b in zip(given, inputs, strict=True)):
            return tensor
    layer.drawn.append(SymbolicTensor(shape, dtype, Node(layer, inputs)))
    return layer.drawn[-1]


def leaves(network: Any, path: str = "", classes: str = "") -> dict[str, str]:
    """Return each layer with arrays by its path through the networks within, in order, and the classes along it."""
    found: dict[str, str] = {}
    for layer in network.graph.layers:
        if isinstance(getattr(layer, "graph", None), Graph):
            found |= leaves(layer, f"{path}{layer.name}/", f"{classes}{NETWORK}/")
        elif layer.parameters or layer.state:
            found[f"{path}{layer.name}"] = f"{classes}{type(layer).__name__}"
    return found
