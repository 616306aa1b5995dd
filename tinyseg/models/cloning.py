"""clone_model: the same architecture with parameters of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tinyseg_kernels.errors import InvalidInput

from tinyseg.layers.input import Input, InputLayer
from tinyseg.layers.layer import Layer
from tinyseg.layers.symbolic import SymbolicTensor
from tinyseg.utils.arguments import checks_arguments

from .model import Model
from .sequential import Sequential


@checks_arguments("models.clone_model")
def clone_model(
    model: Model,
    input_tensors: SymbolicTensor | Sequence[SymbolicTensor] | None = None,
    clone_function: Callable[[Layer], Layer] | None = None,
) -> Model:
    """Make a model of the same layers with fresh parameters; nothing is shared, and it is not compiled.

    For a copy with the same parameters: `copy.deepcopy(model)`, or `clone.set_weights(model.get_weights())`.

    Args:
        model: The model, functional or Sequential.
        input_tensors: Symbolic tensors to draw the clone on, in the order of the model's inputs; new inputs when None.
        clone_function: Returns the layer that takes the place of a layer (not of inputs): a copy, another one, or the
            layer itself, which then is shared. When None: a new layer of the same class and arguments.

    Raises:
        InvalidInput: Not a model, another number of tensors, or a function that returns no layer.

    Example:
        >>> from tinyseg.layers import Dense, Input
        >>> from tinyseg.models import Sequential, clone_model
        >>> model = Sequential([Input((3,)), Dense(2)])
        >>> clone = clone_model(model)
        >>> clone.count_params(), bool((clone.get_weights()[0] == model.get_weights()[0]).all())
        (8, False)
    """
    if not isinstance(model, Model):
        raise InvalidInput(f"clone_model: expected a model of tinyseg, got {type(model).__name__}")
    make = _fresh if clone_function is None else clone_function
    if isinstance(model, Sequential) and "graph" not in vars(model):
        _no_tensors(input_tensors)
        return Sequential([_cloned(layer, make) for layer in model.chain], name=model.name)
    if isinstance(model, Sequential) and input_tensors is None:
        start = model.inputs[0]
        first = Input(start.shape[1:], dtype=start.dtype, name=start.name)
        return Sequential([first, *(_cloned(layer, make) for layer in model.chain)], name=model.name)
    graph = model.graph
    starts = _starts(model, input_tensors)
    tensors: dict[int, SymbolicTensor] = dict(zip(graph.inputs, starts, strict=True))
    clones = {
        layer: _cloned(layer, make)
        for layer in graph.layers
        if not isinstance(layer, InputLayer) and layer not in {graph.steps[k].layer for k in graph.inputs}
    }
    for k, step in enumerate(graph.steps):
        if k not in tensors:
            given = [tensors[i] for i in step.inputs]
            tensors[k] = clones[step.layer](given if step.layer.several_inputs else given[0])
    outputs = [tensors[k] for k in graph.outputs]
    inputs = starts if model.several_inputs else starts[0]
    return Model(inputs, outputs[0] if model.single_output else outputs, name=model.name)


def _fresh(layer: Layer) -> Layer:
    """Return a new layer of the same class and arguments."""
    if isinstance(layer, Model):
        return clone_model(layer)
    made = type(layer).from_config(layer.get_config())
    made.trainable = layer.trainable
    return made


def _cloned(layer: Layer, make: Callable[[Layer], Layer]) -> Layer:
    made = make(layer)
    if not isinstance(made, Layer):
        raise InvalidInput(f"clone_model: clone_function: expected a layer for {layer.label}, got {made!r}")
    return made


def _starts(model: Model, given: object) -> list[SymbolicTensor]:
    """Return the tensors that the clone begins at."""
    if given is None:
        return [Input(tensor.shape[1:], dtype=tensor.dtype, name=tensor.name) for tensor in model.inputs]
    starts = list(given) if isinstance(given, (list, tuple)) else [given]
    tensors = [start for start in starts if isinstance(start, SymbolicTensor)]
    if not len(model.inputs) == len(starts) == len(tensors):
        raise InvalidInput(
            f"clone_model: input_tensors: expected {len(model.inputs)} symbolic tensors (from Input), got {given!r}"
        )
    return tensors


def _no_tensors(given: object) -> None:
    if given is not None:
        raise InvalidInput(
            "clone_model: input_tensors: the input's shape of this Sequential is not known yet: build it"
        )
