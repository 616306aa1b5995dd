"""A network as nodes of ONNX while it is being drawn: what computes, and in which order each tensor has its axes.

tinyseg has the channels last, ONNX's convolutions and poolings have them first. A `Value` remembers how its tensor
lies, and a transposition is drawn only where an operation needs the other order. Between two convolutions there is
none. Nothing here needs the package onnx: the page for a browser is made of the same nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from tinyseg_kernels.types import Array

from tinyseg.layers.symbolic import Shape

Attribute: TypeAlias = int | float | str | Sequence[int] | Sequence[float]
"""What a node is given beside tensors."""

FIRST, LAST = (0, 3, 1, 2), (0, 2, 3, 1)
"""The transpositions of images: to channels first, and back. LAST[a] is where (N, C, H, W) has axis a of tinyseg."""


class NotInOnnx(Exception):
    """A layer, or an argument of one, for which there are no nodes; the text says why."""


@dataclass(frozen=True)
class OnnxNode:
    """One node: an operation on named tensors."""

    operation: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Attribute]


@dataclass(frozen=True)
class Value:
    """A tensor of the graph.

    Attributes:
        name: Its name.
        shape: As tinyseg has it, the channels last; None for an unknown length.
        channels_first: Whether the graph's tensor is (N, C, H, W) instead.
    """

    name: str
    shape: Shape
    channels_first: bool = False

    def axis(self, axis: int) -> int:
        """Return where the graph's tensor has an axis of tinyseg's, counted from either end."""
        axis %= len(self.shape)
        return LAST[axis] if self.channels_first else axis


@dataclass
class Drawing:
    """The nodes and constants so far."""

    nodes: list[OnnxNode] = field(default_factory=list)
    constants: dict[str, Array] = field(default_factory=dict)
    layer: str = "graph"
    """Whose nodes are being drawn: names of tensors begin with it."""
    taken: set[str] = field(default_factory=set)
    turned: dict[str, str] = field(default_factory=dict)

    def name(self, what: str) -> str:
        """Return a new name for a tensor."""
        name, k = f"{self.layer}/{what}", 1
        while name in self.taken:
            name, k = f"{self.layer}/{what}_{k}", k + 1
        self.taken.add(name)
        return name

    def constant(self, values: npt.ArrayLike, what: str = "constant") -> str:
        """Add a constant: floats as float32, integers as int64."""
        given = np.asarray(values)
        array = np.ascontiguousarray(given, np.int64 if given.dtype.kind in "iu" else np.float32)
        name = self.name(what)
        self.constants[name] = array.reshape(given.shape)
        return name

    def add(self, operation: str, *inputs: str, **attributes: Attribute) -> str:
        """Add a node with one output; return its name."""
        name = self.name(operation)
        self.nodes.append(OnnxNode(operation, inputs, (name,), attributes))
        return name

    def first(self, value: Value) -> Value:
        """Return images with the channels first."""
        return value if value.channels_first else self._turn(value, FIRST)

    def last(self, value: Value) -> Value:
        """Return a tensor with its axes as tinyseg has them."""
        return self._turn(value, LAST) if value.channels_first else value

    def _turn(self, value: Value, permutation: tuple[int, ...]) -> Value:
        if value.name not in self.turned:
            name = self.add("Transpose", value.name, perm=permutation)
            self.turned[value.name], self.turned[name] = name, value.name
        return Value(self.turned[value.name], value.shape, not value.channels_first)

    def alike(self, values: Sequence[Value]) -> list[Value]:
        """Return tensors that all lie in one way: with channels first if one does."""
        if any(value.channels_first for value in values) and all(len(value.shape) == 4 for value in values):
            return [self.first(value) for value in values]
        return [self.last(value) for value in values]

    def apply(self, operation: str, value: Value, *others: str, **attributes: Attribute) -> Value:
        """Add a node that works on a tensor however it lies, and keeps its shape."""
        return Value(self.add(operation, value.name, *others, **attributes), value.shape, value.channels_first)

    def per_channel(self, value: Value, numbers: Array, what: str) -> str:
        """Add a constant of one number for each channel that broadcasts against a tensor."""
        return self.constant(numbers.reshape(-1, 1, 1) if value.channels_first else numbers, what)
