"""From the nodes of a file to layers, for inputs of one size; everything that is refused is named at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg.layers.input import InputLayer

from .files import DOMAINS, Node, OnnxFile, needed_nodes
from .folding import FOLDED, constant, fold
from .gelu import with_gelu
from .operations import OPERATIONS
from .values import IMAGE, UNKNOWN, NotKnown, Reading, Refused, Step, Tensor, Value

MOST_FAULTS = 20
"""That are told one by one."""


def translate(
    file: OnnxFile, outputs: tuple[str, ...], shapes: Sequence[tuple[int, ...]], channels_last: bool
) -> tuple[Reading, list[Tensor]]:
    """Read the nodes for inputs of these shapes, as the file has them.

    Args:
        file: What was read.
        outputs: Names of the tensors that are wanted.
        shapes: One for each input, every length known.
        channels_last: Whether images come in as (N, H, W, C), which the file cannot say.

    Raises:
        InvalidInput: Nodes for which there are no layers; all of them are named.
    """
    nodes = needed_nodes(file, outputs)
    constants = dict(file.constants)
    nodes = [node for node in nodes if not _plain_constant(node, constants)]
    users = Counter(name for node in nodes for name in node.inputs) + Counter(outputs)
    nodes = with_gelu(nodes, constants, users, outputs)
    reading = Reading(file.opset, users=dict(users))
    values: dict[str, Value] = dict(constants)
    for item, shape in zip(file.inputs, shapes, strict=True):
        order = IMAGE if len(shape) == 4 and not channels_last else tuple(range(len(shape)))
        stored = tuple(shape[axis] for axis in order)
        reading.steps.append(Step(InputLayer(stored[1:], name="x"), (), {}, item.name))
        values[item.name] = Tensor(len(reading.steps) - 1, shape, order)
    faults: list[str] = []
    for node in nodes:
        reading.node = node
        _read(reading, node, values, faults)
        for name in node.outputs:
            found = values.get(name)
            if isinstance(found, Tensor):
                reading.givers[name] = found.step
    if faults:
        raise InvalidInput(_told(faults))
    results: list[Tensor] = []
    for name in outputs:
        found = values[name]
        if not isinstance(found, Tensor) or found.columns is not None:
            raise InvalidInput(f"output {name!r}: expected a tensor that depends on the input, not flattened images")
        results.append(found)
    return reading, results


def _plain_constant(node: Node, constants: dict[str, Array]) -> bool:
    """Take a node Constant, or one that hands a constant on, among the constants."""
    if node.domain in DOMAINS and node.operation == "Constant":
        try:
            constants[node.outputs[0]] = constant(node)
        except InvalidInput as error:
            raise InvalidInput(f"{node.label}: {error}") from error
        return True
    if node.operation == "Identity" and node.inputs and node.inputs[0] in constants:
        constants[node.outputs[0]] = constants[node.inputs[0]]
        return True
    return False


def _read(reading: Reading, node: Node, values: dict[str, Value], faults: list[str]) -> None:
    """Read one node; what is refused is added to the faults, and its results are not known."""
    inputs: list[Value | None] = [values[name] if name else None for name in node.inputs]
    operation = OPERATIONS.get(node.operation) if node.domain in DOMAINS else None
    results: list[Value] = [UNKNOWN] * len(node.outputs)
    try:
        folds = node.operation in FOLDED and node.domain in DOMAINS
        if node.operation == "Shape" and folds and isinstance(inputs[0], Tensor):
            inputs = [np.zeros(inputs[0].shape[:0], np.float32)]
            results = [_shape(node, values[node.inputs[0]])]
        elif folds and not any(isinstance(value, (Tensor, NotKnown)) for value in inputs):
            results = list(fold(node, inputs, reading.opset))  # type: ignore[arg-type]
        elif operation is None and not (folds and any(isinstance(value, NotKnown) for value in inputs)):
            raise Refused("there is no layer that computes it")
        elif operation is not None and not any(isinstance(value, NotKnown) for value in inputs):
            found = operation(reading, node, inputs)
            results = found if isinstance(found, list) else [found]
    except (Refused, InvalidInput) as fault:
        faults.append(f"{node.label}: {fault}")
    except (TypeError, ValueError, IndexError, KeyError, OverflowError, ZeroDivisionError) as error:
        faults.append(f"{node.label}: damaged ({type(error).__name__}: {error})")
    values.update(zip(node.outputs, [*results, *[UNKNOWN] * len(node.outputs)], strict=False))


def _shape(node: Node, x: Value) -> Array:
    assert isinstance(x, Tensor)
    return np.asarray(x.shape[slice(node.attributes.get("start", 0), node.attributes.get("end"))], np.int64)


def _told(faults: list[str]) -> str:
    """Put the faults into one text, each operation's first ones in full."""
    more = f"; and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
    return f"{len(faults)} nodes cannot be computed by layers: {'; '.join(faults[:MOST_FAULTS])}{more}"
