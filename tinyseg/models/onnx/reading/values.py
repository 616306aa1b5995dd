"""Tensors of a graph while it is read: which layer gives one, and where its axes are in tinyseg's order.

ONNX has images as (N, C, H, W), tinyseg as (N, H, W, C). A transposition of the file moves no number here: it changes
what the axes of a stored array are called.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import Array

from tinyseg import layers as all_layers
from tinyseg.layers.layer import Layer
from tinyseg.layers.symbolic import Shape
from tinyseg.utils.types import JsonObject

from .files import Node

IMAGE = (0, 2, 3, 1)
"""ONNX's axes in the order in which images are stored."""


@dataclass(frozen=True)
class Tensor:
    """What a layer gives.

    Attributes:
        step: Which layer's.
        shape: As the file has it, every length known.
        order: For each axis of the stored array, which axis of the file's it is.
        columns: Of a flattened image: where the stored row has each number of the file's row; None for the same place.
    """

    step: int
    shape: tuple[int, ...]
    order: tuple[int, ...]
    columns: Array | None = None

    @property
    def stored(self) -> tuple[int, ...]:
        """The stored array's shape."""
        return tuple(self.shape[axis] for axis in self.order)

    def stored_axis(self, axis: int) -> int:
        """Return where the stored array has an axis of the file's, counted from either end."""
        if not -len(self.shape) <= axis < len(self.shape):
            raise Refused(f"axis {axis} of a tensor of shape {self.shape}")
        return self.order.index(axis % len(self.shape))


class Refused(Exception):
    """A node that no layer computes; the text says what would be needed."""


class NotKnown:
    """The result of a node that was refused: those after it are looked at as far as possible."""


UNKNOWN = NotKnown()
Value = Tensor | Array | NotKnown


@dataclass
class Step:
    """A layer on the results of others, and the weights that it gets."""

    layer: Layer
    inputs: tuple[int, ...]
    weights: dict[str, Array]
    node: str


@dataclass
class Reading:
    """The layers so far.

    Attributes:
        opset: The file's set of operators.
        steps: The layers, the model's inputs first.
        users: How many nodes take each tensor of the file, or return it.
        givers: The step that gives each tensor of the file.
        node: The one that is being read.
    """

    opset: int
    steps: list[Step] = field(default_factory=list)
    users: dict[str, int] = field(default_factory=dict)
    givers: dict[str, int] = field(default_factory=dict)
    node: Node = field(default_factory=lambda: Node("", "", "", (), (), {}, None))

    def add(self, kind: str, arguments: JsonObject, *inputs: Tensor, weights: dict[str, Array] | None = None,
            order: tuple[int, ...] | None = None) -> Tensor:  # fmt: skip
        """Add a layer of a class of `tinyseg.layers`; its result has its axes in the first input's order.

        Raises:
            Refused: There is no such layer, or it does not take this.
        """
        maker: Callable[..., Layer] | None = getattr(all_layers, kind, None) if kind in all_layers.__all__ else None
        if maker is None:
            raise Refused(f"needs a layer {kind}, which there is not")
        order = inputs[0].order if order is None else order
        try:
            layer = maker(**arguments)
            shapes: list[Shape] = [item.stored for item in inputs]
            given = shapes if layer.several_inputs else shapes[0]
            if layer.expected_rank is not None and any(len(shape) != layer.expected_rank for shape in shapes):
                raise InvalidInput(f"expected {layer.expected_rank} axes, got {shapes}")
            stored = [int(n) for n in layer.compute_output_shape(given) if n is not None]
        except (InvalidInput, TypeError) as error:
            raise Refused(f"needs {kind} with other arguments than it takes: {error}") from error
        if len(stored) != len(order) or min(stored, default=0) < 1:
            raise Refused(f"{kind} gives shape {stored}")
        shape = tuple(stored[order.index(axis)] for axis in range(len(order)))
        self.steps.append(Step(layer, tuple(item.step for item in inputs), weights or {}, self.node.label))
        return Tensor(len(self.steps) - 1, shape, order)

    def image(self, x: Value) -> Tensor:
        """Return a tensor that is stored as (N, H, W, C)."""
        x = tensor(x)
        if len(x.shape) != 4:
            raise Refused(f"needs images (N, C, H, W), got shape {x.shape}")
        return self.in_order(x, IMAGE)

    def in_order(self, x: Tensor, order: tuple[int, ...]) -> Tensor:
        """Return a tensor with its axes stored in this order; only axes of length 1 can be moved."""
        if x.order == order:
            return x
        if x.columns is None and [a for a in x.order if x.shape[a] > 1] == [a for a in order if x.shape[a] > 1]:
            wanted = tuple(x.shape[axis] for axis in order)
            moved = self.add("Reshape", {"target_shape": wanted[1:]}, replace(x, shape=x.stored, order=_plain(x)))
            return Tensor(moved.step, x.shape, order)
        raise Refused(f"needs a layer that transposes: axes {x.order} of shape {x.shape} as {order}")

    def reshaped(self, x: Tensor, shape: Sequence[int], stored: Sequence[int], order: tuple[int, ...]) -> Tensor:
        """Return the same numbers in the same places, stored in another shape."""
        if tuple(stored) == x.stored:
            return Tensor(x.step, tuple(shape), order, x.columns)
        layer = self.add("Reshape", {"target_shape": tuple(stored[1:])}, replace(x, shape=x.stored, order=_plain(x)),
                         order=tuple(range(len(stored))))  # fmt: skip
        return Tensor(layer.step, tuple(shape), order, x.columns)


def _plain(x: Tensor) -> tuple[int, ...]:
    return tuple(range(len(x.shape)))


def tensor(x: Value) -> Tensor:
    """Return what a layer gives; constants are refused."""
    if not isinstance(x, Tensor):
        raise Refused("needs a tensor that depends on the model's input, got a constant")
    return x


def constant(x: Value | None, what: str) -> Array:
    """Return a constant; refuses what depends on the model's input."""
    if x is None or isinstance(x, (Tensor, NotKnown)):
        raise Refused(f"{what}: needs numbers that do not depend on the image")
    return np.asarray(x)


def integers(x: Value | None, what: str) -> list[int]:
    """Return a constant's integers."""
    array = constant(x, what)
    if array.dtype.kind not in "iu" or array.ndim > 1 or array.size > 64:
        raise Refused(f"{what}: expected integers, got {array.dtype} of shape {array.shape}")
    return [int(n) for n in array.reshape(-1)]
