"""Tells places in a kernel's code apart, also several of one line."""

from __future__ import annotations

import ast
import linecache
from types import CodeType, FrameType
from typing import Any

Spot = tuple[CodeType, tuple[Any, ...]]
"""A function's code, and (line, end line, column, end column) in it."""

_POSITIONS: dict[CodeType, list[tuple[Any, ...]]] = {}


def spot(frame: FrameType) -> Spot:
    """Return the code that a frame runs and the lines and columns of the expression that it is at.

    The number of the instruction would not do: it moves by an instruction's cache when the interpreter specialises a
    call.
    """
    code = frame.f_code
    positions = _POSITIONS.get(code)
    if positions is None:
        positions = _POSITIONS[code] = list(code.co_positions())
    return code, positions[frame.f_lasti // 2]


_NEGATIVE: dict[Spot, bool] = {}


def written_negative(frame: FrameType) -> bool:
    """Return whether the source spells an index as negative, as in `x[-1]`, in the subscript that a frame is at."""
    key = spot(frame)
    known = _NEGATIVE.get(key)
    if known is None:
        known = _NEGATIVE[key] = _spells_negative(key)
    return known


def _spells_negative(at: Spot) -> bool:
    code, (line, end, first, last) = at
    if None in (line, end, first, last):
        return False
    lines = [linecache.getline(code.co_filename, number).encode() for number in range(line, end + 1)]
    lines[-1] = lines[-1][:last]
    lines[0] = lines[0][first:]
    try:
        nodes = list(ast.walk(ast.parse(b"(" + b"".join(lines).strip() + b")")))
    except SyntaxError:
        return False
    indices = [part for node in nodes if isinstance(node, ast.Subscript) for part in ast.walk(node.slice)]
    return any(
        isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.USub) and isinstance(part.operand, ast.Constant)
        for part in indices
    )


def remember_source(filename: str, text: str) -> None:
    """Let reports and errors find the lines of a source that is no file."""
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
