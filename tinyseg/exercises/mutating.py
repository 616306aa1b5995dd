"""Mutants of a solution, drawn at random: an operator, an index, an axis or a number is changed.

A checker that lets them pass proves little. They are made from the syntax tree, so that each is a program.
"""

from __future__ import annotations

import ast
import copy
import random
import re
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
        source: A solution. Where it holds a text SOURCE in CUDA C++, that text is changed and not the Python around it.
        count: How many are wanted; a short solution may have fewer places.
        seed: Of the choice.
    """
    tree = ast.parse(source)
    kernel = _kernel_text(tree)
    if kernel is not None:
        return _of_kernel(source, kernel, count, seed)
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


# CUDA C++ ------------------------------------------------------------------------------------------------------------

SIGNS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "+": "-", "-": "+", "*": "+", "/": "*",
    "%": "/", "+=": "=", "-=": "+=", "*=": "=", "/=": "*=", ">>": "<<", "&&": "||", "||": "&&"}  # fmt: skip
AXES = {"x": "y", "y": "x"}
TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/|\b[0-9][\w.]*|\.[xyz]\b|\w+|<<=|>>=|<=|>=|==|!=|\+\+|--|[+\-*/%]=|<<|>>|&&|\|\||->|\S", re.S
)
TYPES = {"float", "int", "unsigned", "double", "char", "const", "bool"}


def _kernel_text(tree: ast.Module) -> str | None:
    """Return the text of SOURCE, if there is one."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="SOURCE")], value=ast.Constant(value=str() as text)):
                return text
    return None


def _of_kernel(source: str, kernel: str, count: int, seed: int) -> list[Mutant]:
    """Change signs, axes and numbers of a kernel's text."""
    tokens = list(TOKEN.finditer(kernel))
    places: list[tuple[int, int, str]] = []
    for before, token in zip([None, *tokens], tokens, strict=False):
        text, pointer = token.group(), before is not None and before.group() in TYPES
        if text in SIGNS and not (text == "*" and pointer):
            places.append((*token.span(), SIGNS[text]))
        elif text in (".x", ".y"):
            places.append((*token.span(), "." + AXES[text[1]]))
        elif text.isdigit():
            places += [(*token.span(), str(int(text) + by)) for by in (1, -1) if int(text) + by >= 0]
    random.Random(seed).shuffle(places)
    found = []
    for start, end, becomes in places[:count]:
        changed = kernel[:start] + becomes + kernel[end:]
        line = kernel[:start].count("\n") + 1
        found.append(
            Mutant(source.replace(kernel, changed), f"kernel, line {line}: {kernel[start:end]} becomes {becomes}")
        )
    return found


# Python --------------------------------------------------------------------------------------------------------------


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
            case ast.Constant(value=int() | float() as value):
                if id(node) not in quiet:
                    yield from ((number, other) for other in (value + 1, value - 1))
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
    if isinstance(node, ast.keyword) and node.arg == "strict":  # of zip: lists of one length are as they were
        yield node.value


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
