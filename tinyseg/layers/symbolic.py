"""Symbolic tensors: what a layer returns while a network is being drawn, before any image has been seen.

Calling a layer on a symbolic tensor computes no pixel. It works out the output's shape and records a `Node`: this
layer, applied to these tensors. A model later walks from its outputs back along these records to find its layers.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from tinyseg_kernels.errors import InvalidInput

from .operators import Operators

if TYPE_CHECKING:
    from .layer import Layer

Shape: TypeAlias = tuple[int | None, ...]
"""A shape with None for an axis whose length is not known yet (the batch, or height and width of images of any
size)."""


def as_shape(name: str, value: Any) -> Shape:
    """Return the shape of one sample: a tuple of integers of at least 1, or None for any length."""
    try:
        shape = tuple(None if n is None else int(n) for n in value)
        whole = all(n is None or (type(n) is not bool and n == m) for n, m in zip(value, shape, strict=True))
    except (TypeError, ValueError, OverflowError):
        whole = False
    if not whole or isinstance(value, (str, bytes, dict)):
        raise InvalidInput(f"{name}: expected shape as a tuple of integers or None, got {value!r}")
    if any(n is not None and n < 1 for n in shape):
        raise InvalidInput(f"{name}: expected lengths of at least 1, got shape {value!r}")
    return shape


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
    """The output of a node: shape (None, ...) with the batch first, and a dtype.

    Example:
        >>> from tinyseg.layers import Conv2D, Input
        >>> y = Conv2D(4, 3)(Input((16, 16, 1)))
        >>> type(y).__name__, y.shape, y.dtype
        ('SymbolicTensor', (None, 14, 14, 4), 'float32')
    """

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
