"""The architecture of a model as JSON types, and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from tinyseg_kernels.errors import InvalidInput, unknown_name

from tinyseg import layers as all_layers
from tinyseg.layers.input import InputLayer
from tinyseg.layers.layer import Layer
from tinyseg.layers.symbolic import Node, SymbolicTensor
from tinyseg.utils.custom_objects import checked_config, custom_object_scope, find_custom, saved_name
from tinyseg.utils.types import JsonObject

from .network import Network
from .preprocessing import Preprocessing

if TYPE_CHECKING:
    from .model import Model

CLASSES: dict[str, Any] = {}
"""The classes that a description is made into, 'Model' and 'Sequential'.

They are made of what stands here, so each enters itself.
"""

C = TypeVar("C", bound=type)


def enters(name: str) -> Callable[[C], C]:
    """Let a class be that which descriptions call by this name."""

    def enter(made: C) -> C:
        CLASSES[name] = made
        return made

    return enter


def architecture_of(model: Network) -> JsonObject:
    """Describe a model: its layers with their arguments, and the steps that apply them.

    Raises:
        InvalidInput: A layer of somebody's own whose `get_config` would not make it again.
    """
    index = {layer: k for k, layer in enumerate(model.graph.layers)}
    preprocessing = getattr(model, "preprocessing", None)
    return {
        "name": model.name,
        "sequential": hasattr(model, "chain"),
        "layers": [describe_layer(layer) for layer in model.graph.layers],
        "steps": [{"layer": index[step.layer], "inputs": list(step.inputs)} for step in model.graph.steps],
        "inputs": list(model.graph.inputs),
        "outputs": list(model.graph.outputs),
        "single_output": model.single_output,
        "input_is_list": model.several_inputs,
        **({} if preprocessing is None else {"preprocessing": preprocessing.as_json()}),
    }


def describe_layer(layer: Layer) -> JsonObject:
    """Describe one layer: class, arguments, and whether it is trained."""
    if isinstance(layer, Network):
        return {"class_name": "Model", "config": layer.get_config()}
    if not layer.checked:
        return {"class_name": type(layer).__name__, "config": layer.get_config(), "trainable": layer.trainable}
    config = checked_config(layer.label, layer)
    return {"class_name": saved_name(type(layer)), "config": config, "trainable": layer.trainable, "own": True}


def from_architecture(description: JsonObject, custom_objects: Mapping[str, object]) -> Model:
    """Make a model with fresh parameters from its description, and give it its preprocessing.

    Raises:
        InvalidInput: A layer class that is neither tinyseg's nor among `custom_objects`.
    """
    model = _graph_of(description, custom_objects)
    if description.get("preprocessing") is not None:
        model.preprocessing = Preprocessing.from_json(description["preprocessing"])
    return model


def _graph_of(description: JsonObject, custom_objects: Mapping[str, object]) -> Model:
    """Make the layers and connect them."""
    model_class, sequential_class = CLASSES["Model"], CLASSES["Sequential"]
    if "chain" in description:  # whose input's shape is not known yet
        return sequential_class(
            [_make_layer(item, custom_objects) for item in description["chain"]], name=description["name"]
        )
    layers = [_make_layer(item, custom_objects) for item in description["layers"]]
    if description.get("sequential"):
        return sequential_class([layers[step["layer"]] for step in description["steps"]], name=description["name"])
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
    return model_class(
        inputs if description["input_is_list"] else inputs[0],
        outputs[0] if description["single_output"] else outputs,
        name=description["name"],
    )


def _make_layer(item: JsonObject, custom_objects: Mapping[str, object]) -> Layer:
    name = item["class_name"]
    if name == "Model":
        return from_architecture(item["config"], custom_objects)
    known = {
        key: getattr(all_layers, key) for key in all_layers.__all__ if key not in ("Input", "Layer", "SymbolicTensor")
    }
    if item.get("own"):
        known = {}
    known.update(custom_objects)
    if name not in known and find_custom(name) is not None:
        known[name] = find_custom(name)
    if name not in known:
        raise unknown_name("layer class (give your own in custom_objects)", name, known)
    cls = known[name]
    if not (isinstance(cls, type) and issubclass(cls, Layer)):
        raise InvalidInput(f"custom_objects[{name!r}]: expected a class of layers, got {cls!r}")
    layer = cls.from_config(item["config"])
    layer.trainable = item.get("trainable", True)
    return layer


def model_from_json(json_string: str, custom_objects: Mapping[str, object] | None = None) -> Model:
    """Make a model with fresh parameters from `to_json`'s text.

    Raises:
        InvalidInput: Not such a text, or a class that is neither tinyseg's nor among `custom_objects`.

    Example:
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential, model_from_json
        >>> text = Sequential([Input((3,)), Dense(2)]).to_json()
        >>> model_from_json(text).output_shape
        (None, 2)
    """
    try:
        description = json.loads(json_string)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(f"model_from_json: expected the text of model.to_json(), which is JSON ({error})") from None
    return from_config(description, custom_objects)


def from_config(config: Any, custom_objects: Mapping[str, object] | None = None) -> Model:
    """Make a model with fresh parameters from its `get_config`; raises InvalidInput when it is not one."""
    try:
        with custom_object_scope(custom_objects):
            return from_architecture(config, custom_objects or {})
    except (LookupError, TypeError, AttributeError, ValueError, AssertionError, RecursionError) as error:
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput(
            f"expected the config of a model, as its get_config returns it ({type(error).__name__}: {error})"
        ) from error
