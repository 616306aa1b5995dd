"""Numbers as the comments of a file write them: in C or Python, with names of the file, without running any code."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

LARGEST_POWER = 4096
"""Bits of an integer that a power or a shift may have."""


class UnknownName(ValueError):
    """A name that is no number here; the compiler may know it."""


OPERATIONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.BitAnd: operator.and_, ast.BitOr: operator.or_,
    ast.BitXor: operator.xor, ast.LShift: operator.lshift, ast.RShift: operator.rshift, ast.Pow: operator.pow,
}  # fmt: skip
COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}  # fmt: skip
CONSTANTS: dict[str, Any] = {
    "true": True, "false": False, "inf": np.inf, "nan": np.nan, "INFINITY": np.inf, "NAN": np.nan, "pi": np.pi,
    "M_PI": np.pi,
}  # fmt: skip
_NUMBER = re.compile(
    r"(?<![\w.])(0[xX][\da-fA-F']+|(?:\d[\d']*\.?[\d']*|\.\d[\d']*)(?:[eE][+-]?\d+)?)([fFuUlL]*)(?!\w)"
)


def plain_numbers(text: str) -> str:
    """Write C's numbers as Python does: `1.5f`, `128u`, `1'000`, `010`."""

    def python(match: re.Match[str]) -> str:
        digits = match[1].replace("'", "")
        if re.fullmatch(r"0[0-7]+", digits):
            return f"0o{digits[1:]}"
        return digits

    return _NUMBER.sub(python, text)


def number(text: str, names: Mapping[str, Any], *, c: bool) -> Any:
    """Work out a number.

    Args:
        text: Sums, products, shifts, comparisons of numbers; in C a float may end in f, and integers divide to one.
        names: The numbers that names stand for.
        c: Whether it is C; else Python.

    Raises:
        UnknownName: A name, or a form of C, that only a compiler can tell.
        ValueError: No number.
    """
    plain = plain_numbers(text.strip())
    if c and re.search(r"&&|\|\||!(?!=)|\?|::|\bsizeof\b|\(\s*(?:unsigned|int|float|double|size_t|long)\b", plain):
        raise UnknownName(f"{text!r} is no number")
    try:
        return _value(ast.parse(plain.strip(), mode="eval").body, names, c)
    except UnknownName:
        raise
    except (SyntaxError, ZeroDivisionError, TypeError, OverflowError, MemoryError, RecursionError):
        raise ValueError(f"{text!r} is no number") from None


def _value(node: ast.AST, names: Mapping[str, Any], c: bool) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float)):
        return node.value
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) == 1:
        return ord(node.value)
    if isinstance(node, ast.Name):
        if node.id in names:
            return names[node.id]
        if node.id in CONSTANTS:
            return CONSTANTS[node.id]
        raise UnknownName(f"{node.id!r} is no number")
    if isinstance(node, ast.UnaryOp):
        value = _value(node.operand, names, c)
        if isinstance(node.op, (ast.USub, ast.UAdd)):
            return -value if isinstance(node.op, ast.USub) else +value
        if isinstance(node.op, ast.Invert):
            return ~value
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
        return _combined(type(node.op), _value(node.left, names, c), _value(node.right, names, c), c)
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARISONS:
        left, right = _value(node.left, names, c), _value(node.comparators[0], names, c)
        return COMPARISONS[type(node.ops[0])](left, right)
    if isinstance(node, (ast.Call, ast.Attribute, ast.Subscript)):
        raise UnknownName(f"{ast.unparse(node)!r} is no number")
    raise ValueError(f"{ast.unparse(node)!r} is no number")


def _combined(operation: type, left: Any, right: Any, c: bool) -> Any:
    whole = isinstance(left, int) and isinstance(right, int)
    if operation in (ast.Pow, ast.LShift):
        bits = abs(left).bit_length() if isinstance(left, int) else 1
        size = bits * abs(right) if operation is ast.Pow else bits + abs(right)
        if size > LARGEST_POWER or (operation is ast.LShift and right < 0):
            raise ValueError("a number of so many bits is not worked out")
    if c and whole and operation in (ast.Div, ast.Mod):
        quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
        return quotient if operation is ast.Div else left - quotient * right
    return OPERATIONS[operation](left, right)


def balanced(text: str) -> bool:
    """Return whether all brackets of a text are closed in order; those in quotation marks do not count."""
    waiting = []
    pairs = {"(": ")", "[": "]", "{": "}"}
    for character in re.sub(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", "", text):
        if character in pairs:
            waiting.append(pairs[character])
        elif character in ")]}" and (not waiting or waiting.pop() != character):
            return False
    return not waiting


def one_bracket(text: str) -> bool:
    """Return whether the first bracket is closed by the last character: not so in `(1 + 2) * (3 + 4)`."""
    depth = 0
    for place, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth == 0 and character in ")]}":
            return place == len(text) - 1
    return False


def split(text: str, separator: str = ",") -> list[str]:
    """Split at the separators that are outside of all brackets and quotation marks.

    A `<` right behind a word and closed by a `>` counts as a bracket: `Vec<float, 3> v`.
    """
    parts, depth, angle, start, quote = [], 0, 0, 0, ""
    for place, character in enumerate(text):
        if quote:
            quote = "" if character == quote and text[place - 1] != "\\" else quote
            continue
        if character == '"' or (character == "'" and not (place and text[place - 1].isalnum())):
            quote = character if character in text[place + 1 :] else ""
            continue
        depth += (character in "([{") - (character in ")]}")
        if character == "<" and place and text[place - 1].isalnum() and text[place + 1 : place + 2] != "<":
            angle += ">" in text[place:]
        elif character == ">" and angle:
            angle -= 1
        elif character == separator and depth == 0 and angle == 0:
            parts.append(text[start:place].strip())
            start = place + 1
    last = text[start:].strip()
    return [*parts, last] if last or parts else []
