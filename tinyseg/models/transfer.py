"""Starting from what another network learnt: frozen parts, and a new head."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinyseg_kernels.checks import as_count
from tinyseg_kernels.errors import InvalidInput

from tinyseg.layers import Conv2D, Dense
from tinyseg.layers.layer import Layer
from tinyseg.layers.symbolic import SymbolicTensor
from tinyseg.utils.types import ActivationLike

from .architecture import CLASSES

if TYPE_CHECKING:
    from .model import Model
    from .network import Network


def layers_until(model: Network, until: str | None) -> list[Layer]:
    """Return the layers that the named one's result depends on, itself included; all layers for None.

    In a U-Net, a layer's way down: what stands beside it, such as the way up, is not among them.
    """
    if until is None:
        return list(model.layers)
    layer = model.get_layer(until)
    last = max(k for k, step in enumerate(model.graph.steps) if step.layer is layer)
    needed = {last}
    for k in range(last, -1, -1):
        if k in needed:
            needed.update(model.graph.steps[k].inputs)
    return list(dict.fromkeys(model.graph.steps[k].layer for k in sorted(needed)))


def freeze(model: Network, until: str | None = None) -> list[str]:
    """Freeze layers: no optimizer changes their parameters, and no batch their moving averages.

    A frozen BatchNormalization normalises by its moving averages in training, too: with those of a few images, the
    parameters that were learnt with other statistics would be worth little.

    Args:
        model: The model.
        until: The last layer to freeze, with all that its result depends on; None freezes all.

    Returns:
        The names of the frozen layers that have parameters.

    Raises:
        InvalidInput: There is no such layer.

    Example:
        >>> from tinyseg.layers import Conv2D, Input
        >>> from tinyseg.models import Sequential, freeze
        >>> model = Sequential([Input((8, 8, 1)), Conv2D(4, 3, name="first"), Conv2D(2, 1, name="second")])
        >>> freeze(model, "first"), list(model.trainable_parameters)
        (['first'], ['second/kernel', 'second/bias'])
    """
    return _set_trainable(model, until, False)


def unfreeze(model: Network, until: str | None = None) -> list[str]:
    """Let layers learn again: the named one and all that its result depends on, or all for None; see `freeze`.

    The optimizer's averages for them are those from before they were frozen.

    Example:
        >>> from tinyseg.layers import Conv2D, Input
        >>> from tinyseg.models import Sequential, freeze, unfreeze
        >>> model = Sequential([Input((8, 8, 1)), Conv2D(4, 3, name="first")])
        >>> freeze(model), unfreeze(model)
        (['first'], ['first'])
    """
    return _set_trainable(model, until, True)


def _set_trainable(model: Network, until: str | None, value: bool) -> list[str]:
    chosen = layers_until(model, until)
    for layer in chosen:
        layer.trainable = value
    return [layer.name for layer in chosen if layer.parameters]


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
    result: Model = CLASSES["Model"](model.input, tensors[model.graph.outputs[0]], name=model.name)
    result.preprocessing = model.preprocessing
    result.tensor_names = {layer: source for layer, source in model.tensor_names.items() if layer != head.name}
    return result


def _activation(before: Any, classes: int, wanted: Any) -> Any:
    """Return the activation of the scores."""
    if wanted != "auto":
        return wanted or "linear"
    return "sigmoid" if classes == 1 and before == "softmax" else before  # a softmax over one number is always 1
