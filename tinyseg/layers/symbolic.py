"""Symbolic tensors: what a layer returns while a network is being drawn, before any image has been seen.

Calling a layer on a symbolic tensor computes no pixel. It works out the output's shape and records a `Node`: this layer, applied to these tensors.
A model later walks from its outputs back along these records to find its layers.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from .operators import Operators

if TYPE_CHECKING:
    from .layer import Layer

Shape: TypeAlias = tuple[int | None, ...]
"""A shape with None for an axis whose length is not known yet (the batch, or height and width of images of any size)."""

_creation = itertools.count()


@dataclass(eq=False, frozen=True)
class Node:
    """One application of a layer: a shared layer has several nodes."""

    layer: Layer
    inputs: tuple[SymbolicTensor, ...]
    index: int = field(default_factory=lambda: next(_creation))
    """Order of creation; a layer can only be applied to tensors that exist, so sorting by it is a topological order."""


@dataclass(eq=False, frozen=True)
class SymbolicTensor(Operators):
    """The output of a node: shape (None, ...) with the batch first, and a dtype."""

    shape: Shape
    dtype: str
    node: Node

    @property
    def name(self) -> str:
        """Name of the layer that gives this tensor."""
        return self.node.layer.name

    def __repr__(self) -> str:
        """Show shape, dtype and origin."""
        return f"<SymbolicTensor shape={self.shape} dtype={self.dtype} from {self.name!r}>"
