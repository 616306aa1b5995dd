"""What every part of the rewriter uses: what is known of an expression, and its conversion to another kind."""

from __future__ import annotations

import ast
from copy import copy, deepcopy
from types import FunctionType
from typing import Any

from .conversions import CONVERSIONS
from .counted import helper
from .inferred import Operation, Types
from .kinds import INTEGERS, Kind, kind_of_value
from .operations import PREFIX, fits
from .source import FunctionNode

Range = tuple[int, int] | None


class Device:
    """A device function with the types for which it is called, and the name by which the rewritten code calls it."""

    def __init__(self, function: FunctionType, arguments: tuple[Any, ...], name: str) -> None:
        self.function, self.arguments, self.name = function, arguments, name


class Conversions(ast.NodeTransformer):
    """Keeps the kinds and ranges of the new expressions, and converts them.

    Args:
        types: What Numba inferred.
        namespace: The values of the names that the function finds outside.
        counting: Whether floating-point operations are handed to what counts them.

    `constants` and `devices` say what the names mean that the new code uses beside `HELPERS`.
    """

    def __init__(self, types: Types, namespace: dict[str, Any], counting: bool = False) -> None:
        self.types, self.namespace, self._counting = types, namespace, counting
        self.constants: dict[str, Any] = {}
        self.devices: list[Device] = []
        self._numbers = types.tree.numbers
        self._kinds: dict[int, Kind] = {}
        self._ranges: dict[int, Range] = {}
        self._kept: list[ast.AST] = []  # so that no id is used again
        self._temporaries = 0
        self._single: dict[str, Range] = {}
        self._locals = assigned(types.tree.node)

    def _wrapped(self, made: ast.expr, kind: str, reach: Range, node: ast.AST) -> ast.expr:
        """Wrap an integer into a kind, if it may not fit."""
        if fits(kind, reach):
            return self._note(made, kind, reach)
        low, high = INTEGERS[kind]
        if low == 0:
            masked = ast.copy_location(ast.BinOp(made, ast.BitAnd(), self._number(high, node)), node)
            return self._note(masked, kind, (low, high))
        name = self._temporary()
        test = ast.Compare(
            self._number(low, node),
            [ast.LtE(), ast.LtE()],
            [ast.copy_location(ast.NamedExpr(store(name, node), made), node), self._number(high, node)],
        )
        kept = ast.copy_location(ast.Name(name, ast.Load()), node)
        wrapped = self._call(kind, [deepcopy(kept)], node)
        whole = ast.copy_location(ast.IfExp(ast.copy_location(test, node), kept, wrapped), node)
        return self._note(whole, kind, (low, high))

    def _as(self, value: ast.expr, kind: Kind) -> Any:
        """Convert an expression to a kind, where it is not of that kind already."""
        have = self._kind(value)
        if kind is None or have == kind:
            return value
        if isinstance(kind, tuple):
            if isinstance(value, ast.Tuple) and len(value.elts) == len(kind):
                value.elts = [self._as(part, each) for part, each in zip(value.elts, kind, strict=True)]
                return self._note(value, kind, None)
            if not scalars(kind):
                return value
            return self._note(self._call("convert", [value, self._constant(value, kind, None)], value), kind, None)
        if kind not in CONVERSIONS:
            return value
        constant = self._constant_value(value)
        if constant is not None:
            number = CONVERSIONS[kind](constant)
            if kind in INTEGERS:
                return self._note(ast.copy_location(ast.Constant(number), value), kind, (number, number))
            return self._constant(value, number, kind)
        if kind in INTEGERS and (have in INTEGERS or have == "bool"):
            reach = (0, 1) if have == "bool" else self._known_range(value)
            if fits(kind, reach):
                return self._note(copied(value), kind, reach)
            return self._wrapped(value, kind, reach, value)
        return self._note(self._call(kind, [value], value), kind, None)

    def _constant_value(self, value: ast.expr) -> Any:
        if isinstance(value, ast.Constant) and kind_of_value(value.value) is not None:
            return value.value
        return self.constants.get(value.id) if isinstance(value, ast.Name) and self._kind(value) is not None else None

    def _constant(self, node: Any, value: Any, kind: Kind) -> ast.expr:
        """Return a name for a value that the source cannot spell."""
        same = (n for n, known in self.constants.items() if type(known) is type(value) and repr(known) == repr(value))
        name = next(same, f"{PREFIX}constant_{len(self.constants)}")
        self.constants[name] = value
        return self._note(ast.copy_location(ast.Name(name, ast.Load()), node), kind, None)

    def _number(self, value: int, node: ast.AST) -> ast.expr:
        return ast.copy_location(ast.Constant(value), node)

    def _called(self, kind: str, value: ast.expr, node: ast.AST) -> ast.expr:
        return self._call(kind, [value], node)

    def _call(self, helper: str, arguments: list[Any], node: Any) -> ast.expr:
        return ast.copy_location(
            ast.Call(ast.copy_location(ast.Name(PREFIX + helper, ast.Load()), node), arguments, []), node
        )

    def _counted(self, kind: str, value: ast.expr, node: ast.AST) -> ast.expr:
        """Hand an operation's result to what counts its kind; '' is not counted."""
        return self._call(helper(kind), [value], node) if kind and self._counting else value

    def _device(self, function: FunctionType, arguments: tuple[Any, ...]) -> str:
        for known in self.devices:
            if known.function is function and known.arguments == arguments:
                return known.name
        name = f"{PREFIX}device_{len(self.devices)}"
        self.devices.append(Device(function, arguments, name))
        return name

    # What is known ----------------------------------------------------------------------------------------------------

    def _operation(self, node: ast.AST, *kinds: str) -> Operation | None:
        """Return the operation of these kinds that Numba made of a node; types that differ are joined by the widest."""
        found = [each for each in self.types.operations.get(self._numbers.get(node, -1), ()) if each.kind in kinds]
        if not found:
            return None
        first = found[0]
        if all(each.result == first.result and each.arguments == first.arguments for each in found):
            return first
        return max(found, key=lambda each: [rank(kind) for kind in (each.result, *each.arguments)])

    def _note(self, node: Any, kind: Kind, reach: Range) -> Any:
        self._kinds[id(node)], self._ranges[id(node)] = kind, reach
        self._kept.append(node)
        return node

    def _kind(self, node: ast.AST) -> Kind:
        return self._kinds.get(id(node))

    def _range(self, node: ast.AST) -> Range:
        return self._ranges.get(id(node))

    def _known_range(self, node: ast.AST) -> tuple[int, int]:
        known = self._range(node)
        if known is not None:
            return known
        kind = self._kind(node)
        return INTEGERS.get(kind, (0, 1) if kind == "bool" else INTEGERS["int64"])

    def _temporary(self) -> str:
        self._temporaries += 1
        return f"{PREFIX}t{self._temporaries}"


def assigned(node: FunctionNode) -> dict[str, int]:
    """Return how often each local variable of a function is assigned; parameters and loops count."""
    arguments = node.args
    counts: dict[str, int] = {}
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        counts[argument.arg] = 2
    for child in ast.walk(node):
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store | ast.Del):
            counts[child.id] = counts.get(child.id, 0) + 1
        if isinstance(child, ast.AugAssign) and isinstance(child.target, ast.Name):
            counts[child.target.id] = counts.get(child.target.id, 0) + 1
    return counts


def values_of(operation: Operation) -> tuple[Kind, ...]:
    """Return the kinds to which the arguments of a call are converted; an index stays what it is."""
    kinds = operation.arguments
    return (kinds[0], None, *kinds[2:]) if operation.callee.startswith("atomic.") and len(kinds) > 2 else kinds


def trusted(kind: Kind) -> Kind:
    """Return a kind if a value of it is held as it comes, else None."""
    return kind if kind in INTEGERS or kind == "bool" or (isinstance(kind, tuple) and scalars(kind)) else None


def scalars(kinds: Any) -> bool:
    """Return whether all kinds of a tuple are numbers."""
    return all(kind in CONVERSIONS or (isinstance(kind, tuple) and scalars(kind)) for kind in kinds)


def rank(kind: Kind) -> int:
    """Return how wide a kind is."""
    order = ["bool", *INTEGERS, "float16", "float32", "float64", "complex64", "complex128"]
    return order.index(kind) if kind in order else -1


def at(place: ast.AST, node: Any) -> Any:
    """Return a node with the place of another one."""
    return ast.copy_location(node, place)


def store(name: str, place: ast.AST) -> ast.Name:
    """Return a name that is assigned to."""
    return ast.copy_location(ast.Name(name, ast.Store()), place)


def copied(node: ast.expr) -> ast.expr:
    """Return the same expression as another object, for its kind is kept by object."""
    return copy(node)


def type_params() -> dict[str, Any]:
    """Return what function definitions have since Python 3.12."""
    return {"type_params": []} if "type_params" in ast.FunctionDef._fields else {}
