"""The architecture of a model as JSON types, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tinyseg_kernels.errors import InvalidInput, unknown_name

from tinyseg import layers as all_layers
from tinyseg.layers.input import InputLayer
from tinyseg.layers.layer import Layer
from tinyseg.layers.symbolic import Node, SymbolicTensor

from .network import Network

if TYPE_CHECKING:
    from .model import Model


def architecture_of(model: Network) -> dict[str, Any]:
    """Describe a model: its layers with their arguments, and the steps that apply them."""
    index = {layer: k for k, layer in enumerate(model.graph.layers)}
    return {
        "name": model.name,
        "sequential": hasattr(model, "chain"),
        "layers": [_describe_layer(layer) for layer in model.graph.layers],
        "steps": [{"layer": index[step.layer], "inputs": list(step.inputs)} for step in model.graph.steps],
        "inputs": list(model.graph.inputs),
        "outputs": list(model.graph.outputs),
        "single_output": model.single_output,
        "input_is_list": model.several_inputs,
    }


def _describe_layer(layer: Layer) -> dict[str, Any]:
    if isinstance(layer, Network):
        return {"class_name": "Model", "config": architecture_of(layer)}
    return {"class_name": type(layer).__name__, "config": layer.get_config(), "trainable": layer.trainable}


def from_architecture(description: Mapping[str, Any], custom_objects: Mapping[str, Any]) -> Model:
    """Make a model with fresh parameters from its description.

    Raises:
        InvalidInput: A layer class that is neither tinyseg's nor among `custom_objects`.
    """
    from .model import Model
    from .sequential import Sequential

    layers = [_make_layer(item, custom_objects) for item in description["layers"]]
    if description.get("sequential"):
        return Sequential([layers[step["layer"]] for step in description["steps"]], name=description["name"])
    tensors: list[SymbolicTensor] = []
    for step in description["steps"]:
        layer = layers[step["layer"]]
        inputs = [tensors[i] for i in step["inputs"]]
        if isinstance(layer, InputLayer):
            assert layer.dtype is not None
            tensors.append(SymbolicTensor((None, *layer.shape), layer.dtype, Node(layer, ())))
        else:
            tensors.append(layer(inputs if layer.several_inputs else inputs[0]))
    inputs = [tensors[i] for i in description["inputs"]]
    outputs = [tensors[i] for i in description["outputs"]]
    return Model(
        inputs if description["input_is_list"] else inputs[0],
        outputs[0] if description["single_output"] else outputs,
        name=description["name"],
    )


def _make_layer(item: Mapping[str, Any], custom_objects: Mapping[str, Any]) -> Layer:
    name = item["class_name"]
    if name == "Model":
        return from_architecture(item["config"], custom_objects)
    known = {
        key: getattr(all_layers, key) for key in all_layers.__all__ if key not in ("Input", "Layer", "SymbolicTensor")
    }
    known.update(custom_objects)
    if name not in known:
        raise unknown_name("layer class (give your own in custom_objects)", name, known)
    cls = known[name]
    if not (isinstance(cls, type) and issubclass(cls, Layer)):
        raise InvalidInput(f"custom_objects[{name!r}]: expected a class of layers, got {cls!r}")
    layer = cls.from_config(item["config"])
    layer.trainable = item.get("trainable", True)
    return layer
