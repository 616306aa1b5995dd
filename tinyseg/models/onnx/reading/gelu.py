"""GELU as it is found in files: x * (1 + erf(x / sqrt(2))) / 2 in four or five nodes, in any order of the factors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from tinyseg_kernels.types import Array

from .files import Node

CLOSE = 1e-3


def with_gelu(
    nodes: Sequence[Node], constants: Mapping[str, Array], users: Mapping[str, int], outputs: Sequence[str]
) -> list[Node]:
    """Return the nodes with Gelu in the place of each such group, without those that nothing needs any more."""
    makers = {name: node for node in nodes for name in node.outputs}
    takers: dict[str, list[Node]] = {}
    for node in nodes:
        for name in node.inputs:
            takers.setdefault(name, []).append(node)
    found: dict[str, Node] = {}
    for error in nodes:
        if error.operation == "Erf":
            last = _group(error, makers, takers, constants, users)
            if last is not None:
                end, x = last
                found[end.outputs[0]] = replace(end, operation="Gelu", inputs=(x,), attributes={})
    changed = [found.get(node.outputs[0], node) if node.outputs else node for node in nodes]
    return _used(changed, outputs) if found else changed


def _used(nodes: Sequence[Node], outputs: Sequence[str]) -> list[Node]:
    """Return the nodes that the outputs still depend on."""
    wanted, kept = set(outputs), list[Node]()
    for node in reversed(nodes):
        if wanted.intersection(node.outputs):
            wanted.update(node.inputs)
            kept.append(node)
    return kept[::-1]


def _group(
    error: Node, makers: Mapping[str, Node], takers: Mapping[str, list[Node]], constants: Mapping[str, Array],
    users: Mapping[str, int],
) -> tuple[Node, str] | None:  # fmt: skip
    """Return the last node of a group around this Erf, and the tensor that it is of."""
    inner = makers.get(error.inputs[0]) if error.inputs else None
    if inner is None:
        return None
    x = _factor(inner, constants, math.sqrt(0.5))
    one = _only(error, takers, users)
    if x is None or one is None or one.operation != "Add" or not _has(one, constants, 1.0):
        return None
    product = _only(one, takers, users)
    if product is None or product.operation != "Mul":
        return None
    other = next((name for name in product.inputs if name != one.outputs[0]), "")
    half = makers.get(other)
    if half is not None and _factor(half, constants, 0.5) == x:
        return product, x
    last = _only(product, takers, users)
    if other == x and last is not None and _factor(last, constants, 0.5) == product.outputs[0]:
        return last, x
    return None


def _factor(node: Node, constants: Mapping[str, Array], factor: float) -> str | None:
    """Return what a node multiplies by this factor, or divides by its inverse; None if it does something else."""
    if node.operation == "Mul" and _has(node, constants, factor):
        return next((name for name in node.inputs if name not in constants), None)
    if node.operation == "Div" and len(node.inputs) == 2 and _is(constants.get(node.inputs[1]), 1 / factor):
        return node.inputs[0]
    return None


def _has(node: Node, constants: Mapping[str, Array], number: float) -> bool:
    return any(_is(constants.get(name), number) for name in node.inputs)


def _is(array: Array | None, number: float) -> bool:
    return array is not None and array.size == 1 and abs(float(np.reshape(array, -1)[0]) - number) < CLOSE


def _only(node: Node, takers: Mapping[str, list[Node]], users: Mapping[str, int]) -> Node | None:
    """Return the one node that takes a node's result; None if there are others, or it is an output."""
    found = takers.get(node.outputs[0], [])
    return found[0] if len(found) == 1 and users.get(node.outputs[0]) == 1 else None
