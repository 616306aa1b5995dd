"""Tells places in a kernel's code apart, also several of one line."""

from __future__ import annotations

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
