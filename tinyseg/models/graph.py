"""A network as a list of steps in topological order, found by walking from its outputs to its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tinyseg_kernels.errors import InvalidInput

from tinyseg.layers.input import InputLayer
from tinyseg.layers.layer import Layer
from tinyseg.layers.symbolic import Node, SymbolicTensor

if TYPE_CHECKING:
    from .plan import Call


@dataclass(frozen=True)
class Step:
    """One application of a layer: takes the results of the steps `inputs` (their positions in the list)."""

    position: int
    layer: Layer
    inputs: tuple[int, ...]
    done_with: tuple[int, ...]
    """Steps whose results nobody needs after this one."""


class Graph:
    """The steps between a model's inputs and outputs.

    Attributes:
        steps: In topological order: each step comes after those whose results it takes.
        inputs: Positions of the steps that stand for the model's inputs.
        outputs: Positions of the steps whose results are the model's outputs.
        layers: Each layer once, in order.
        only_user: For a step whose result is taken by one step alone, which takes nothing else, that one. A result that
            the model returns is not among them.
        planned: What a training step was planned from, and its calls (`Network._calls`); None before the first one.
    """

    def __init__(self, inputs: Sequence[SymbolicTensor], outputs: Sequence[SymbolicTensor]) -> None:
        """Find the steps.

        Raises:
            InvalidInput: An output does not depend on the inputs alone, or two layers have one name.
        """
        for kind, tensors in (("inputs", inputs), ("outputs", outputs)):
            for tensor in tensors:
                if not isinstance(tensor, SymbolicTensor):
                    raise InvalidInput(
                        f"Model: expected {kind} to be symbolic tensors (from Input, and layers called on it), "
                        f"got {type(tensor).__name__}"
                    )
        nodes = _nodes_between(inputs, outputs)
        position = {node: k for k, node in enumerate(nodes)}
        given = {tensor.node for tensor in inputs}
        last_use = {position[parent.node]: k for k, n in enumerate(nodes) if n not in given for parent in n.inputs}
        kept = {position[tensor.node] for tensor in outputs}
        self.steps: list[Step] = []
        for k, node in enumerate(nodes):
            if node in given:
                self.steps.append(Step(k, _input_layer(node, inputs), (), ()))
                continue
            done = tuple(i for i, last in last_use.items() if last == k and i not in kept)
            self.steps.append(Step(k, node.layer, tuple(position[parent.node] for parent in node.inputs), done))
        users: dict[int, list[Step]] = {}
        for step in self.steps:
            for i in step.inputs:
                users.setdefault(i, []).append(step)
        self.only_user = {
            k: takers[0] for k, takers in users.items() if len(takers) == len(takers[0].inputs) == 1 and k not in kept
        }
        self.inputs = tuple(position[tensor.node] for tensor in inputs)
        self.outputs = tuple(position[tensor.node] for tensor in outputs)
        self.planned: tuple[list[object], list[Call]] | None = None
        self.layers: list[Layer] = list(dict.fromkeys(step.layer for step in self.steps))
        names: dict[str, Layer] = {}
        for layer in self.layers:
            if layer.name in names:
                raise InvalidInput(
                    f"Model: two layers have the name {layer.name!r}: {names[layer.name]} and {layer}; give one another name"
                )
            names[layer.name] = layer


def _nodes_between(inputs: Sequence[SymbolicTensor], outputs: Sequence[SymbolicTensor]) -> list[Node]:
    """Return the nodes that the outputs depend on, back to the inputs, oldest first, which is a topological order."""
    found: set[Node] = {tensor.node for tensor in inputs}
    waiting = [tensor.node for tensor in outputs]
    while waiting:
        node = waiting.pop()
        if node in found:
            continue
        if isinstance(node.layer, InputLayer):
            raise InvalidInput(
                f"Model: the outputs depend on the input {node.layer.name!r}, which is not among the model's inputs "
                f"({', '.join(repr(tensor.name) for tensor in inputs)})"
            )
        found.add(node)
        waiting.extend(parent.node for parent in node.inputs)
    return sorted(found, key=lambda node: node.index)


def _input_layer(node: Node, inputs: Sequence[SymbolicTensor]) -> Layer:
    """Return the layer that stands for an input.

    Its InputLayer, or a new one where a model begins in the middle of a network.
    """
    if isinstance(node.layer, InputLayer):
        return node.layer
    tensor = next(tensor for tensor in inputs if tensor.node is node)
    return InputLayer(tensor.shape[1:], name=f"input_at_{tensor.name}", dtype=tensor.dtype)
