"""Finds the comments of a file that say how to launch its kernels."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .numbers import balanced

_START = re.compile(r"^\s*(?://+|#|/\*+|\*)\s*racecheck:\s*(.*?)\s*(?:\*/)?\s*$")
_NEXT = re.compile(r"^\s*(?://+|#+|\*(?!/))\s*(.*?)\s*(?:\*/)?\s*$")
_UNFINISHED = (",", ";", "->", "=", "+", "-", "*", "/", "&", "|", ":")


@dataclass(frozen=True)
class Comment:
    """The text behind `racecheck:`, and the number of its first line."""

    text: str
    line: int


def racecheck_comments(text: str) -> list[Comment]:
    """Return the comments of a file.

    One goes on in the comment of the next line while a bracket is open or its line ends with a comma, a semicolon, an
    arrow or an operator, and where the next line begins with an arrow.
    """
    lines = text.splitlines()
    found: list[Comment] = []
    k = 0
    while k < len(lines):
        start = _START.match(lines[k])
        k += 1
        if start is None:
            continue
        said, first = start[1], k
        while k < len(lines) and _START.match(lines[k]) is None:
            following = _NEXT.match(lines[k])
            if following is None or not following[1]:
                break
            if not (following[1].startswith("->") or said.endswith(_UNFINISHED) or not _closed(said)):
                break
            said = f"{said} {following[1]}"
            k += 1
        found.append(Comment(said.removesuffix(";").rstrip(), first))
    return found


def _closed(text: str) -> bool:
    return balanced(text) and not re.search(r"<<<(?:(?!>>>).)*$", text)
