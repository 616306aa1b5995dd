"""The table of the layers' nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, TypeVar

from tinyseg.layers.layer import Layer

from ..drawing import Value

LayerNodes: TypeAlias = Callable[..., Value]
"""(drawing, layer, input or list of inputs) -> result."""

NODES: dict[type[Layer], LayerNodes] = {}
"""For each class of layer what draws it. A subclass is not in it: its forward may be another one."""

Function = TypeVar("Function", bound=Callable[..., Value])


def nodes_for(*classes: type[Layer]) -> Callable[[Function], Function]:
    """Enter a function into the table."""

    def enter(function: Function) -> Function:
        NODES.update(dict.fromkeys(classes, function))
        return function

    return enter
