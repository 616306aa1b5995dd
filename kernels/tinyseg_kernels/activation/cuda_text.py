"""The table as C++, for activation.cu: `python -m tinyseg_kernels.activation.cuda_text` writes `table.cuh`.

Every function of the table becomes one of C++ with the same lines. What may stand in them is little: assignments and a
return, of sums, products, comparisons, calls and `where`; anything else is refused.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from pathlib import Path

from . import table
from .binding import MOST_OPTIONS
from .table import PARTS, TABLE, Elementwise

FILE = Path(__file__).with_name("table.cuh")

HEAD = """\
// The table of activation functions (table.py), made of it by `python -m tinyseg_kernels.activation.cuda_text`.
#pragma once

#define FORMULA __device__ __forceinline__ real

namespace table {

"""

OPERATORS: dict[type[ast.AST], tuple[str, int]] = {
    ast.Lt: ("<", 1), ast.LtE: ("<=", 1), ast.Gt: (">", 1), ast.GtE: (">=", 1), ast.Add: ("+", 2), ast.Sub: ("-", 2),
    ast.Mult: ("*", 3), ast.Div: ("/", 3), ast.USub: ("-", 4),
}  # fmt: skip
"""Of Python: the sign in C++, and how strongly it binds."""


def table_text() -> str:
    """Return the content of `table.cuh`."""
    functions: dict[Callable[..., object], None] = dict.fromkeys(PARTS)
    functions |= dict.fromkeys(f for entry in TABLE.values() for f in (entry.value, entry.slope))
    listed = "\n".join(_listed(entry) for entry in TABLE.values())
    return HEAD + "\n".join(_function(f) for f in functions) + "\n}  // namespace table\n\n" + listed + "\n"


def _listed(entry: Elementwise) -> str:
    """Return the line by which activation.cu makes the two kernels of an entry."""
    options = "".join(f", {letter}" for letter in "abc"[: len(entry.options)])
    value, slope = entry.value.__name__, entry.slope.__name__
    return f"ELEMENTWISE({entry.name}, table::{value}(v{options}), table::{slope}(v{options}))"


def _function(function: Callable[..., object]) -> str:
    """Return a function as C++."""
    node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(node, ast.FunctionDef)
    names = [argument.arg for argument in node.args.args]
    lines = [f"// {ast.get_docstring(node)}", f"FORMULA {node.name}({', '.join(f'real {name}' for name in names)}) {{"]
    for statement in node.body[1:]:
        if isinstance(statement, ast.Return) and statement.value is not None:
            lines.append(f"  return {_text(statement.value)};")
        elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            name = statement.targets[0].id
            lines.append(f"  {'' if name in names else 'const real '}{name} = {_text(statement.value)};")
            names.append(name)
        else:
            raise TypeError(f"table.{node.name}: expected assignments and a return, got {ast.unparse(statement)}")
    return "\n".join([*lines, "}\n"])


def _text(node: ast.expr, least: int = 0) -> str:
    """Return an expression as C++, in parentheses where what stands around it binds more strongly."""
    if isinstance(node, ast.Constant) and isinstance(node.value, float):
        return f"real({node.value!r})"
    if isinstance(node, ast.Name):
        constant = getattr(table, node.id, None)
        return f"real({constant!r})" if isinstance(constant, float) else node.id
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id == "where":
            condition, a, b = node.args
            text, binds = f"{_text(condition)} ? {_text(a, 1)} : {_text(b)}", 0
        else:
            return f"{node.func.id}({', '.join(map(_text, node.args))})"
    elif isinstance(node, ast.UnaryOp):
        sign, binds = OPERATORS[type(node.op)]
        text = f"{sign}{_text(node.operand, binds)}"
    elif isinstance(node, (ast.BinOp, ast.Compare)):
        left, op, right = (
            (node.left, node.op, node.right)
            if isinstance(node, ast.BinOp)
            else (node.left, node.ops[0], node.comparators[0])
        )
        sign, binds = OPERATORS[type(op)]
        text = f"{_text(left, binds)} {sign} {_text(right, binds + 1)}"
    else:
        raise TypeError(f"table: expected an expression of numbers, got {ast.unparse(node)}")
    return f"({text})" if binds < least else text


assert len("abc") == MOST_OPTIONS

if __name__ == "__main__":
    FILE.write_text(table_text(), encoding="utf-8")
