"""Rules about variables that clang does not have: tables of constants, first values, memory of the other side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .clang_parse import text_of
from .complaints import Complaint
from .headers import EMULATOR, STUDENT, owner, place
from .walk import HOST, KERNEL, Function, Node, attributes, kind, nodes, type_kind

SHARED_LIMIT = 48 << 10
_OUTSIDE = frozenset(["TRANSLATION_UNIT", "NAMESPACE", "LINKAGE_SPEC", "CLASS_DECL", "STRUCT_DECL", "CLASS_TEMPLATE"])
_COPIES = ("ToSymbol", "FromSymbol", "GetSymbol")


def variable_rules(function: Function) -> Iterator[Complaint]:
    """Yield what a function does with variables that nvcc refuses, or warns of."""
    shared = 0
    for node in nodes(function.cursor):
        if node.kind == "DECL_REF_EXPR" or node.kind == "MEMBER_REF_EXPR":
            yield from _reference(function, node)
        elif node.kind == "VAR_DECL" and function.on_device:
            yield from _declaration(node.cursor)
            if "shared" in attributes(node.cursor):
                shared += max(0, node.cursor.type.get_size())
    if function.side == KERNEL and shared > SHARED_LIMIT:
        file, line = place(function.cursor.location)
        what = f"kernel {function.cursor.spelling} declares {shared:,} bytes of shared memory"
        yield Complaint("shared-size", file, line, what)


def _reference(function: Function, node: Node) -> Iterator[Complaint]:
    target = node.cursor.referenced
    if target is None or kind(target) != "VAR_DECL" or kind(target.semantic_parent) not in _OUTSIDE:
        return
    file, line = place(node.cursor.location)
    declared = place(target.location)[0]
    if owner(file) != STUDENT or owner(declared) == EMULATOR:
        return
    words = attributes(target)
    name = target.spelling
    if function.side == HOST:
        if words & {"device", "constant"} and not _managed(target) and not _copied(node) and not _unevaluated(node):
            kind_of = "__constant__" if "constant" in words else "__device__"
            yield Complaint("device-variable-on-host", file, line, f"the host uses '{name}', a {kind_of} variable")
        return
    if not words:
        if _is_table(target) and not _unevaluated(node):
            what = f"device code uses '{name}', a table of constants that the host has"
            yield Complaint("host-table", file, line, what)
        elif _is_number(target) and (_address_taken(node) or _bound(node)):
            yield Complaint(
                "host-table", file, line, f"device code takes the address of '{name}', a constant of the host"
            )
    elif "constant" in words and _written(node):
        yield Complaint("constant-written", file, line, f"device code writes '{name}', which is in constant memory")


def _is_table(variable: Any) -> bool:
    of = variable.type
    if type_kind(of) not in ("CONSTANTARRAY", "INCOMPLETEARRAY"):
        return False
    # Others are variables, which clang refuses itself. (A type that a macro or typedef names may be const unseen.)
    return re.search(r"\bconst\b", of.get_canonical().spelling) is not None


def _is_number(variable: Any) -> bool:
    of = variable.type.get_canonical()
    if not of.is_const_qualified():
        return False
    return type_kind(of) in (
        "INT",
        "UINT",
        "LONG",
        "ULONG",
        "LONGLONG",
        "ULONGLONG",
        "SHORT",
        "USHORT",
        "FLOAT",
        "DOUBLE",
        "CHAR_S",
        "SCHAR",
        "UCHAR",
        "BOOL",
    )


def _address_taken(node: Node) -> bool:
    above = node.parents[-1]
    return kind(above) == "UNARY_OPERATOR" and type_kind(above.type) == "POINTER"


def _bound(node: Node) -> bool:
    """Return whether a variable is an argument for a parameter that is a reference: it is not read then."""
    call = node.parents[-1]
    if kind(call) != "CALL_EXPR" or call.referenced is None or owner(place(call.referenced.location)[0]) != STUDENT:
        return False
    parameters = list(call.referenced.get_arguments())
    for argument, parameter in zip(call.get_arguments(), parameters, strict=False):
        if argument == node.cursor:
            return type_kind(parameter.type) == "LVALUEREFERENCE"
    return False


def _unevaluated(node: Node) -> bool:
    for above in reversed(node.parents):
        name = kind(above)
        if name == "CXX_UNARY_EXPR":  # sizeof, alignof
            return True
        if name.endswith(("_DECL", "_STMT")):
            break
    return False


def _managed(variable: Any) -> bool:
    return any(kind(child) == "ANNOTATE_ATTR" and child.spelling == "managed" for child in variable.get_children())


def _copied(node: Node) -> bool:
    """Return whether a variable is named in a call such as cudaMemcpyToSymbol, which wants its name."""
    for above in node.parents:
        if kind(above) == "CALL_EXPR" and any(word in (above.spelling or "") for word in _COPIES):
            return True
    # The call is unresolved where its header is not known: look at its words.
    calls = [above for above in node.parents if kind(above) in ("CALL_EXPR", "UNEXPOSED_EXPR", "")]
    return any(word in text_of(call) for word in _COPIES for call in calls)


def _written(node: Node) -> bool:
    """Return whether an element of a variable stands left of an assignment."""
    inner = node.cursor
    for above in reversed(node.parents):
        name = kind(above)
        if name in ("BINARY_OPERATOR", "COMPOUND_ASSIGNMENT_OPERATOR"):
            children = list(above.get_children())
            if not children or children[0] != inner:
                return False
            if name == "COMPOUND_ASSIGNMENT_OPERATOR":
                return True
            rest = text_of(above).removeprefix(text_of(children[0])).lstrip()
            return rest.startswith("=") and not rest.startswith("==")
        if name not in ("ARRAY_SUBSCRIPT_EXPR", "MEMBER_REF_EXPR", "PAREN_EXPR", "UNEXPOSED_EXPR"):
            return False
        if name == "ARRAY_SUBSCRIPT_EXPR" and next(iter(above.get_children())) != inner:
            return False
        inner = above
    return False


def _declaration(variable: Any) -> Iterator[Complaint]:
    file, line = place(variable.location)
    if owner(file) != STUDENT:
        return
    name = variable.spelling
    values = [child for child in variable.get_children() if kind(child).endswith(("_EXPR", "_LITERAL", "_OPERATOR"))]
    shared = "shared" in attributes(variable)
    array = type_kind(variable.type).endswith("ARRAY")
    given = any(kind(child) == "INIT_LIST_EXPR" for child in values) if array else bool(values)  # else it is the size
    if shared and given and _plain(variable.type):
        yield Complaint("shared-initialiser", file, line, f"__shared__ variable '{name}' is given a value")
    elif not shared and variable.storage_class.name == "STATIC" and values and _at_run_time(values[-1]):
        what = f"the first value of the static variable '{name}' is computed at run time"
        yield Complaint("dynamic-initialiser", file, line, what)
    if variable.tls_kind.name != "NONE":
        yield Complaint("thread-local", file, line, f"'{name}' is thread_local in device code")


def _plain(of: Any) -> bool:
    """Return whether a type is a number, a pointer, or an array of these."""
    of = of.get_canonical()
    while type_kind(of) in ("CONSTANTARRAY", "INCOMPLETEARRAY", "DEPENDENTSIZEDARRAY"):
        of = of.element_type.get_canonical()
    return type_kind(of) not in ("RECORD", "UNEXPOSED", "DEPENDENT")


def _at_run_time(value: Any) -> bool:
    for cursor in (value, *value.walk_preorder()):
        if kind(cursor) == "DECL_REF_EXPR" and cursor.referenced is not None:
            target = cursor.referenced
            if kind(target) == "PARM_DECL":
                return True
            if kind(target) == "VAR_DECL" and not target.type.is_const_qualified():
                return True
    return False
