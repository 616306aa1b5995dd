"""The table of operations that are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

from ..files import Node
from ..values import Reading, Value

Operation: TypeAlias = Callable[[Reading, Node, Sequence[Value | None]], Value | list[Value]]
"""(what was read so far, node, inputs) -> result, or the results."""

OPERATIONS: dict[str, Operation] = {}

Function = TypeVar("Function", bound=Operation)


def reads(*operations: str) -> Callable[[Function], Function]:
    """Enter a function into the table."""

    def enter(function: Function) -> Function:
        OPERATIONS.update(dict.fromkeys(operations, function))
        return function

    return enter
