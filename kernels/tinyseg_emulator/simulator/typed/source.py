"""The syntax tree of a function, brought into a form in which each operation can be told apart.

`tree_of` finds the function in its file. `tagged_code` compiles a copy in which the column of every node is a number of
its own, so that an instruction of the bytecode, and with it a statement of Numba's intermediate code, leads back to the
node that it was made of.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

FunctionNode = ast.FunctionDef | ast.Lambda

_TREES: dict[tuple[str, int], list[FunctionNode]] = {}


@dataclass(frozen=True)
class Tree:
    """A function's syntax tree.

    Args:
        node: The function, without decorators, defaults and annotations, and with plain comparisons only.
        numbers: Node -> its number.
        freevars: Names of the function's closure.
    """

    node: FunctionNode
    numbers: dict[ast.AST, int]
    freevars: tuple[str, ...]


def tree_of(function: FunctionType) -> Tree | None:
    """Return the tree of a function; None when its source cannot be found."""
    code = function.__code__
    lines = linecache.getlines(code.co_filename, function.__globals__)
    if not lines:
        return None
    key = (code.co_filename, hash(tuple(lines)))
    if key not in _TREES:
        try:
            module = ast.parse("".join(lines))
        except SyntaxError:
            return None
        _TREES[key] = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.Lambda)]
    fitting = [node for node in _TREES[key] if _is_of(node, code)]
    if not fitting:
        return None
    node = _plain(deepcopy(fitting[0]))
    return Tree(node, {child: k for k, child in enumerate(_nodes(node))}, code.co_freevars)


def tagged_code(tree: Tree) -> CodeType:
    """Compile a copy of the function whose columns are the numbers of its nodes."""
    node = deepcopy(tree.node)
    for k, child in enumerate(_nodes(node)):
        child.col_offset = child.end_col_offset = k
        child.end_lineno = child.lineno
    return compiled(node, tree.freevars, "<tagged>")


def compiled(node: FunctionNode, freevars: tuple[str, ...], filename: str) -> CodeType:
    """Compile a function that has this closure."""
    inner: ast.stmt = node if isinstance(node, ast.FunctionDef) else ast.Expr(node)
    outer = ast.FunctionDef(
        name="closure",
        args=ast.arguments(
            posonlyargs=[], args=[ast.arg(name) for name in freevars], kwonlyargs=[], kw_defaults=[], defaults=[]
        ),
        body=[inner],
        decorator_list=[],
    )
    if "type_params" in ast.FunctionDef._fields:  # since Python 3.12
        outer.type_params = []  # type: ignore[attr-defined,unused-ignore]
    outer.lineno = outer.end_lineno = node.lineno
    outer.col_offset = outer.end_col_offset = 0
    module = ast.fix_missing_locations(ast.Module([outer], []))
    for wrapper in _codes(compile(module, filename, "exec", dont_inherit=True)):
        for code in _codes(wrapper):
            return code
    raise AssertionError("the compiler made no code of a function")


def function_of(
    code: CodeType, like: FunctionType, namespace: dict[str, Any], cells: Mapping[str, Any]
) -> FunctionType:
    """Make a function of code: defaults as of another one, with this namespace and closure."""
    closure = tuple(cells[name] for name in code.co_freevars)
    function = FunctionType(code, namespace, like.__name__, like.__defaults__, closure)
    function.__kwdefaults__ = like.__kwdefaults__
    function.__qualname__, function.__module__ = like.__qualname__, like.__module__
    return function


def _nodes(node: FunctionNode) -> Iterator[Any]:
    """Yield the nodes that have a place in the source, always in the same order."""
    return (child for child in ast.walk(node) if hasattr(child, "lineno"))


def _codes(code: CodeType) -> Iterator[CodeType]:
    return (constant for constant in code.co_consts if isinstance(constant, CodeType))


def _is_of(node: FunctionNode, code: CodeType) -> bool:
    """Return whether code was compiled of a node."""
    names = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]
    if list(code.co_varnames[: code.co_argcount]) != names:
        return False
    if isinstance(node, ast.Lambda):
        return code.co_name == "<lambda>" and node.lineno == code.co_firstlineno
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return code.co_name == node.name and code.co_firstlineno in (first, node.lineno)


def _plain(node: FunctionNode) -> FunctionNode:
    """Take off what is evaluated when a function is made, and split chains of comparisons."""
    if isinstance(node, ast.FunctionDef):
        node.decorator_list, node.returns = [], None
    arguments = node.args
    for arg in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        arg.annotation = None
    arguments.defaults, arguments.kw_defaults = [], [None for _ in arguments.kw_defaults]
    return _Splitter().visit(node)


class _Splitter(ast.NodeTransformer):
    """Turns `a < b < c` into `a < b and b < c`, and annotated assignments into plain ones."""

    def __init__(self) -> None:
        self.count = 0

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        if len(node.ops) == 1:
            return node
        left, parts = node.left, []
        for k, (operator, right) in enumerate(zip(node.ops, node.comparators, strict=True)):
            again: ast.expr = deepcopy(right)
            if k + 1 < len(node.ops) and not isinstance(right, ast.Name | ast.Constant):
                name = f"compared_{self.count}"
                self.count += 1
                right = ast.copy_location(ast.NamedExpr(_at(right, ast.Name(name, ast.Store())), right), right)
                again = _at(right, ast.Name(name, ast.Load()))
            parts.append(_at(node, ast.Compare(left, [operator], [right])))
            left = again
        return _at(node, ast.BoolOp(ast.And(), parts))

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt:
        self.generic_visit(node)
        if node.value is None:
            return ast.copy_location(ast.Pass(), node)
        return ast.copy_location(ast.Assign([node.target], node.value), node)


def _at(place: ast.expr, node: Any) -> Any:
    return ast.copy_location(node, place)
