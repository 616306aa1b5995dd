"""Rules about functions that clang does not have: kernels' forms, the host's calls, lambdas, type information."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .clang_parse import text_of
from .complaints import Complaint
from .headers import EMULATOR, STUDENT, owner, place
from .names import device_only, host_runtime
from .walk import BOTH, HOST, KERNEL, Function, Node, attributes, declarations, kind, nodes, side_of

_CLASSES = frozenset(["CLASS_DECL", "STRUCT_DECL", "CLASS_TEMPLATE", "UNION_DECL"])


def kernel_rules(unit: Any) -> Iterator[Complaint]:
    """Yield what is wrong with the declarations of kernels."""
    for cursor in declarations(unit):
        if kind(cursor) not in ("FUNCTION_DECL", "CXX_METHOD", "FUNCTION_TEMPLATE") or side_of(cursor) != KERNEL:
            continue
        file, line = place(cursor.location)
        name = cursor.spelling
        if kind(cursor.semantic_parent) in _CLASSES:
            yield Complaint("kernel-member", file, line, f"kernel {name} is a member of a class")
        before = _words_before(cursor, name)
        if "auto" in before:
            yield Complaint("kernel-returns", file, line, f"kernel {name} has the return type auto")
        if kind(cursor) == "FUNCTION_DECL" and cursor.type.is_function_variadic():
            yield Complaint("kernel-ellipsis", file, line, f"kernel {name} has parameters '...'")
        if "constexpr" in before:
            yield Complaint("kernel-and-device", file, line, f"kernel {name} is constexpr")


def _words_before(cursor: Any, name: str) -> list[str]:
    return re.findall(r"\w+", text_of(cursor).partition(f"{name}(")[0])


def function_rules(function: Function, flags: frozenset[str]) -> Iterator[Complaint]:
    """Yield what a function does with other functions that nvcc refuses; `flags` are those of nvcc that are known."""
    for node in nodes(function.cursor):
        file, line = place(node.cursor.location)
        if owner(file) != STUDENT:
            continue
        lambdas = [above for above in node.parents if kind(above) == "LAMBDA_EXPR"]
        marked = any("device" in attributes(above) for above in lambdas)
        if node.kind == "CALL_EXPR":
            yield from _call(function, node, file, line, marked)
        elif node.kind == "LAMBDA_EXPR" and "extended-lambda" not in flags:
            if "device" in attributes(node.cursor):
                yield Complaint("extended-lambda", file, line, "a lambda that is declared __device__")
            elif function.side == HOST and any(_launch(above) for above in node.parents):
                yield Complaint("extended-lambda", file, line, "a lambda is given to a kernel")
        elif function.on_device and node.kind in ("CXX_DYNAMIC_CAST_EXPR", "CXX_TYPEID_EXPR"):
            word = "dynamic_cast" if node.kind == "CXX_DYNAMIC_CAST_EXPR" else "typeid"
            yield Complaint("type-information", file, line, f"{word} in device code")


def _launch(cursor: Any) -> bool:
    """Return whether a node is `kernel<<<...>>>(...)`; libclang names it as a call or not at all."""
    if kind(cursor) not in ("CALL_EXPR", "UNEXPOSED_EXPR", ""):
        return False
    return "<<<" in text_of(cursor)


def _call(function: Function, node: Node, file: str, line: int, marked: bool) -> Iterator[Complaint]:
    name, target = node.cursor.spelling, node.cursor.referenced
    if target is None:
        return
    ours = owner(place(target.location)[0]) == EMULATOR
    if ours and function.on_device and function.side != BOTH and host_runtime(name):
        yield Complaint("host-runtime", file, line, f"device code calls {name}")
    if ours and function.side == HOST and device_only(name) and not marked:
        yield Complaint("device-function", file, line, f"the host calls {name}")
