"""Mutants of a solution, drawn at random: an operator, an index, an axis or a number is changed.

A checker that lets them pass proves little. They are made from the syntax tree, so that each is a program.
"""

from __future__ import annotations

import ast
import copy
import random
from collections.abc import Iterator
from typing import NamedTuple

BINARY: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
}
COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt,),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt,),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
CALLED = {"sum": "mean", "mean": "sum", "max": "min", "min": "max", "maximum": "minimum", "minimum": "maximum",
    "zeros": "ones", "zeros_like": "ones_like", "argmax": "argmin", "sqrt": "abs", "exp": "sqrt"}  # fmt: skip


class Mutant(NamedTuple):
    """A changed solution; `change` says where and what: 'line 12: * becomes /'."""

    source: str
    change: str


def mutants(source: str, count: int, seed: int = 0) -> list[Mutant]:
    """Return up to `count` different mutants.

    Args:
        source: A solution.
        count: How many are wanted; a short solution may have fewer places.
        seed: Of the choice.
    """
    tree = ast.parse(source)
    places = list(_places(tree))
    random.Random(seed).shuffle(places)
    seen, found = {ast.unparse(tree)}, []
    for number, place in places:
        changed = copy.deepcopy(tree)
        node = list(ast.walk(changed))[number]
        what = _change(node, place)
        text = ast.unparse(changed)
        if text not in seen:
            seen.add(text)
            found.append(Mutant(text + "\n", f"line {getattr(node, 'lineno', 0)}: {what}"))
        if len(found) == count:
            break
    return found


def _places(tree: ast.Module) -> Iterator[tuple[int, object]]:
    """Yield (number of a node in the walk, what it becomes)."""
    quiet = {id(constant) for node in ast.walk(tree) for constant in _quiet(node)}
    for number, node in enumerate(ast.walk(tree)):
        match node:
            case ast.BinOp(op=operator) | ast.AugAssign(op=operator):
                yield from ((number, other) for other in BINARY.get(type(operator), ()))
            case ast.Compare(ops=[operator]):
                yield from ((number, other) for other in COMPARED.get(type(operator), ()))
            case ast.UnaryOp(op=ast.USub()):
                yield number, ast.UAdd
            case ast.Constant(value=bool()):
                if id(node) not in quiet:
                    yield number, not node.value
            case ast.Constant(value=int() | float()):
                if id(node) not in quiet:
                    yield from ((number, value) for value in (node.value + 1, node.value - 1))
            case ast.Attribute(attr=name) if name in CALLED:
                yield number, CALLED[name]
            case ast.IfExp() | ast.If():
                yield number, "the other way"


def _quiet(node: ast.AST) -> Iterator[ast.AST]:
    """Yield constants whose change is no mistake: texts, exponents of annotations, messages of errors."""
    if isinstance(node, ast.Raise | ast.Assert | ast.AnnAssign):
        yield from ast.walk(node)
    if isinstance(node, ast.FunctionDef) and node.returns is not None:
        yield from ast.walk(node.returns)


def _change(node: ast.AST, becomes: object) -> str:
    match node:
        case ast.BinOp() | ast.AugAssign():
            before, node.op = type(node.op).__name__, becomes()  # type: ignore[operator]
            return f"{before} becomes {type(node.op).__name__}"
        case ast.Compare():
            before, node.ops = type(node.ops[0]).__name__, [becomes()]  # type: ignore[operator]
            return f"{before} becomes {type(node.ops[0]).__name__}"
        case ast.UnaryOp():
            node.op = ast.UAdd()
            return "the minus is gone"
        case ast.Constant():
            before, node.value = repr(node.value), becomes  # type: ignore[assignment]
            return f"{before} becomes {becomes!r}"
        case ast.Attribute():
            before, node.attr = node.attr, str(becomes)
            return f"{before} becomes {becomes}"
        case ast.IfExp() | ast.If():
            node.test = ast.UnaryOp(ast.Not(), node.test)
            return "the condition is turned"
    raise AssertionError(type(node))
