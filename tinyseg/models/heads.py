"""The same body with a new, untrained head."""

from __future__ import annotations

from tinyseg_kernels.checks import as_count
from tinyseg_kernels.errors import InvalidInput

from tinyseg.layers import Conv2D, Dense
from tinyseg.layers.symbolic import SymbolicTensor
from tinyseg.utils.types import ActivationLike

from .model import Model


def replace_head(
    model: Model, classes: int, activation: ActivationLike | None = "auto", name: str | None = None
) -> Model:
    """Return a model with the same body and a new, untrained last layer for another number of classes.

    The body's layers are those of the given model, not copies: training one trains the other.

    Args:
        model: A classifier or segmentation network, whose last layer with parameters is a Dense or a Conv2D.
        classes: What it shall tell apart.
        activation: Of the scores; 'auto' is what stood there, and a sigmoid for one class; None gives logits.
        name: Of the new layer; that of the old one when not given.

    Raises:
        InvalidInput: There is no such layer, or it stands before something with parameters.

    Example:
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential, replace_head
        >>> model = Sequential([Input((4,)), Dense(8), Dense(1000, activation="softmax", name="predictions")])
        >>> replace_head(model, classes=3).output_shape
        (None, 3)
    """
    classes = as_count("replace_head: classes", classes, 1)
    positions = [k for k, step in enumerate(model.graph.steps) if step.layer.parameters]
    head = model.graph.steps[positions[-1]].layer if positions else None
    if not model.single_output or not isinstance(head, (Conv2D, Dense)):
        raise InvalidInput(
            f"replace_head: expected a model with one output, whose last layer with parameters is a Dense or a Conv2D, "
            f"got {model.label} with {head.label if head is not None else 'no such layer'}"
        )
    tensors: dict[int, SymbolicTensor] = {}
    for k in range(positions[-1], len(model.graph.steps)):
        step = model.graph.steps[k]
        inputs = [tensors[i] if i in tensors else model.graph.steps[i].layer.output for i in step.inputs]
        config = step.layer.get_config()
        if step.layer is head:
            count = "units" if isinstance(head, Dense) else "filters"
            config |= {count: classes, "name": name or head.name, "trainable": True}
        if k == model.graph.outputs[0] and config.get("activation", "linear") != "linear":
            config["activation"] = _activation(config["activation"], classes, activation)
        layer = type(step.layer).from_config(config)
        tensors[k] = layer(inputs if layer.several_inputs else inputs[0])
    result = Model(model.input, tensors[model.graph.outputs[0]], name=model.name)
    result.preprocessing = model.preprocessing
    result.tensor_names = {layer: source for layer, source in model.tensor_names.items() if layer != head.name}
    return result


def _activation(before: str | None, classes: int, wanted: ActivationLike) -> ActivationLike:
    """Return the activation of the scores."""
    if wanted != "auto":
        return wanted or "linear"
    return "sigmoid" if classes == 1 and before == "softmax" else before  # a softmax over one number is always 1
