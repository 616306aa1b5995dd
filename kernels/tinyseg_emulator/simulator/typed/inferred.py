"""Reads what Numba has inferred: the kinds of the numbers at each node of a function's syntax tree."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from .front_end import numba_parts
from .kinds import SCALARS, Kind
from .source import Tree


@dataclass(frozen=True)
class Operation:
    """One operation that the compiler made of a node.

    Args:
        kind: Its kind in Numba's intermediate code: 'binop', 'call', 'getitem', 'setitem', ...
        result: Kind of its result.
        arguments: Kinds to which its operands are converted.
        given: Kinds that its operands have.
        callee: Of a call: 'number' (a conversion), 'device' (a device function), a name, or ''.
        device: The device function and its types.
        container: Of a subscript or attribute: 'array', 'record', 'tuple', 'module' or ''.
        item: Kind of an array's items.
    """

    kind: str
    result: Kind
    arguments: tuple[Kind, ...] = ()
    given: tuple[Kind, ...] = ()
    callee: str = ""
    device: tuple[Any, tuple[Any, ...]] | None = None
    container: str = ""
    item: Kind = None


@dataclass
class Types:
    """What Numba infers of a function for given types of its arguments."""

    tree: Tree
    operations: dict[int, list[Operation]] = field(default_factory=dict)
    variables: dict[str, Kind] = field(default_factory=dict)
    result: Kind = None
    result_type: Any = None


class _Reader:
    """Reads the types of nodes and variables out of what Numba has inferred."""

    def __init__(self, tree: Tree, state: Any) -> None:
        self.typemap, self.calltypes, self.state = state.typemap, state.calltypes, state
        self.ir = numba_parts().ir
        self.types = Types(tree, result=kind_of_type(state.return_type), result_type=state.return_type)
        used: dict[str, set[Kind]] = {}
        for block in state.func_ir.blocks.values():
            for statement in block.body:
                self._statement(statement, used)
        versions: dict[str, set[Kind]] = {}
        for name, kind in self.typemap.items():
            base = name.partition(".")[0]
            if not name.startswith(("$", "arg.")) and base:
                versions.setdefault(base, set()).add(kind_of_type(kind))
        for name, kinds in versions.items():
            chosen = kinds if len(kinds) == 1 else used.get(name, kinds)
            self.types.variables[name] = next(iter(chosen)) if len(chosen) == 1 else None

    def _statement(self, statement: Any, used: dict[str, set[Kind]]) -> None:
        ir = self.ir
        if isinstance(statement, ir.Assign):
            value = statement.value
            if not isinstance(value, ir.Expr):
                return
            if value.op != "phi":
                for variable in value.list_vars():
                    used.setdefault(variable.name.partition(".")[0], set()).add(self._kind(variable))
            self._expression(value, statement.target)
        elif isinstance(statement, ir.SetItem | ir.StaticSetItem | ir.SetAttr):
            for variable in statement.list_vars():
                used.setdefault(variable.name.partition(".")[0], set()).add(self._kind(variable))
            signature = self.calltypes[statement]
            holder = signature.args[0]
            self._add(statement, Operation(
                "setattr" if isinstance(statement, ir.SetAttr) else "setitem", None,
                tuple(kind_of_type(each) for each in signature.args), (), container=_container(holder),
                item=kind_of_type(getattr(holder, "dtype", None)) if _container(holder) == "array"
                else kind_of_type(signature.args[-1]),
            ))  # fmt: skip

    def _expression(self, value: Any, target: Any) -> None:
        result = kind_of_type(self.typemap[target.name])
        signature = self.calltypes.get(value) if hasattr(self.calltypes, "get") else None
        arguments = () if signature is None else tuple(kind_of_type(each) for each in signature.args)
        given = tuple(self._kind(variable) for variable in value.list_vars())
        callee, device, holder = "", None, ""
        item: Kind = None
        if value.op == "call" and value.func.name.startswith("$bool"):
            return  # what a branch asks
        if value.op == "call":
            callee, device = self._callee(value, signature)
            given = tuple(self._kind(variable) for variable in value.args)
        elif value.op in ("getitem", "static_getitem", "getattr"):
            kind = self.typemap[value.value.name]
            holder = _container(kind)
            item = kind_of_type(getattr(kind, "dtype", None)) if holder == "array" else None
        self._add(value, Operation(value.op, result, arguments, given, callee, device, holder, item))

    def _callee(self, value: Any, signature: Any) -> tuple[str, tuple[Any, tuple[Any, ...]] | None]:
        types = numba_parts().types
        function = self.typemap[value.func.name]
        if isinstance(function, types.Dispatcher):
            of_function = getattr(function.dispatcher, "of_function", None)
            if of_function is None:
                return "", None
            return "device", (of_function, tuple(signature.args))
        if isinstance(function, types.NumberClass | types.DType):
            return "number", None
        if isinstance(function, types.BoundFunction):
            return "method", None
        key = getattr(function, "typing_key", None)
        if key in (int, float, bool, complex):
            return "number", None
        module = getattr(key, "__module__", "") or ""
        name = key.__qualname__ if isinstance(key, type) else getattr(key, "__name__", "")
        if module == "math" or (key is not None and getattr(math, str(name), None) is key):
            return f"math.{name}", None
        return str(name) or "function", None

    def _kind(self, variable: Any) -> Kind:
        return kind_of_type(self.typemap[variable.name])

    def _add(self, statement: Any, operation: Operation) -> None:
        node = getattr(statement.loc, "node", None)
        if node is not None:
            self.types.operations.setdefault(node, []).append(operation)


def read_types(tree: Tree, state: Any) -> Types:
    """Return what the state of Numba's pipeline knows of a function."""
    return _Reader(tree, state).types


def _container(kind: Any) -> str:
    types = numba_parts().types
    if isinstance(kind, types.Array):
        return "array"
    if isinstance(kind, types.Record):
        return "record"
    if isinstance(kind, types.BaseTuple):
        return "tuple"
    if isinstance(kind, types.Module):
        return "module"
    return ""


@cache
def kind_of_type(kind: Any) -> Kind:
    """Return the kind of a type of Numba's."""
    types = numba_parts().types
    if isinstance(kind, types.Literal):
        kind = kind.literal_type
    if isinstance(kind, types.Boolean):
        return "bool"
    if isinstance(kind, types.BaseTuple):
        return tuple(kind_of_type(part) for part in kind)
    name = str(kind)
    return name if name in SCALARS else None
