"""The functions of a file, and on which side of the machine each runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from .headers import STUDENT, owner, place

KERNEL, DEVICE, HOST, BOTH = "kernel", "device", "host", "both"
_FUNCTIONS = frozenset(
    ["FUNCTION_DECL", "CXX_METHOD", "CONSTRUCTOR", "DESTRUCTOR", "CONVERSION_FUNCTION", "FUNCTION_TEMPLATE"]
)
_CONTAINERS = frozenset(
    [
        "NAMESPACE",
        "LINKAGE_SPEC",
        "UNEXPOSED_DECL",
        "CLASS_DECL",
        "STRUCT_DECL",
        "UNION_DECL",
        "CLASS_TEMPLATE",
        "CLASS_TEMPLATE_PARTIAL_SPECIALIZATION",
    ]
)


class Function(NamedTuple):
    """A function with a body, and the side that it runs on."""

    cursor: Any
    side: str

    @property
    def on_device(self) -> bool:
        """Whether it runs on the device, or on both sides."""
        return self.side != HOST


class Node(NamedTuple):
    """A node of a body, with the nodes around it, innermost last."""

    cursor: Any
    parents: tuple[Any, ...]

    @property
    def kind(self) -> str:
        """Its kind, as libclang names it."""
        return kind(self.cursor)


def kind(cursor: Any) -> str:
    """Return a cursor's kind as text; '' for one that this libclang's Python side has no name for."""
    try:
        return str(cursor.kind.name)
    except ValueError:
        return ""


def type_kind(of: Any) -> str:
    """Return the kind of a type, as written out in full; '' for one that libclang's Python side has no name for."""
    try:
        return str(of.get_canonical().kind.name)
    except ValueError:
        return ""


def attributes(cursor: Any) -> set[str]:
    """Return which of CUDA's words stand at a declaration: 'device', 'host', 'global', 'shared', 'constant'."""
    names = (kind(child) for child in cursor.get_children())
    return {name[4:-5].lower() for name in names if name.startswith("CUDA") and name.endswith("_ATTR")}


def side_of(cursor: Any) -> str:
    """Return where a function runs."""
    words = attributes(cursor)
    if "global" in words:
        return KERNEL
    if "device" in words:
        return BOTH if "host" in words else DEVICE
    return HOST


def declarations(unit: Any) -> Iterator[Any]:
    """Yield every declaration of the student's files outside of functions, members of classes included."""
    waiting = [unit.cursor]
    while waiting:
        for child in waiting.pop().get_children():
            if owner(place(child.location)[0]) != STUDENT:
                continue
            yield child
            if kind(child) in _CONTAINERS:
                waiting.append(child)


def functions(unit: Any) -> Iterator[Function]:
    """Yield the functions with a body of the student's files."""
    for cursor in declarations(unit):
        if kind(cursor) in _FUNCTIONS and any(kind(child) == "COMPOUND_STMT" for child in cursor.get_children()):
            yield Function(cursor, side_of(cursor))


def nodes(function: Any) -> Iterator[Node]:
    """Yield every node below a function."""
    waiting = [Node(child, (function,)) for child in function.get_children()]
    while waiting:
        node = waiting.pop()
        yield node
        around = (*node.parents, node.cursor)
        waiting += [Node(child, around) for child in node.cursor.get_children()]
