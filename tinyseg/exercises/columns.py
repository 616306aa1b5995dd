"""How wide a text is in a terminal, where a Chinese character takes two columns, and how it is filled up and folded."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator

NOT_FIRST = "。，、：；？！）”’》…·"
"""What stays on the line of the character before it."""
NOT_LAST = "（“‘《"
"""What stays on the line of the character after it."""


def breadth(text: str) -> int:
    """Return the number of columns that a text takes."""
    return sum(map(_breadth, text))


def _breadth(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if _is_wide(character) else 1


def _is_wide(character: str) -> bool:
    # Quotation marks and dots are ambiguous: wide in a Chinese font, narrow in most terminals.
    return unicodedata.east_asian_width(character) in "WF"


def padded(text: str, width: int) -> str:
    """Fill a text up with blanks on the right."""
    return text + " " * (width - breadth(text))


def folded(text: str, width: int) -> list[str]:
    """Fold a text into lines: at blanks, and between Chinese characters, which have none between them.

    Args:
        text: A paragraph.
        width: Columns of a line.
    """
    if not any(map(_is_wide, text)):
        return textwrap.wrap(text, width)
    lines, line = [], ""
    for piece in _pieces(text):
        if line and breadth(line) + breadth(piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str) -> Iterator[str]:
    """Yield what a line may not break within: a word with the blanks after it, a Chinese character and its commas."""
    piece = ""
    for character in text:
        if piece and _may_break(piece[-1], character):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def _may_break(before: str, after: str) -> bool:
    if after in NOT_FIRST or before in NOT_LAST or after.isspace():
        return False
    return before.isspace() or _is_wide(before) or _is_wide(after)
