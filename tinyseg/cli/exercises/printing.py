"""How parts of a report look in a terminal."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.text import Text

from ..console import console

if TYPE_CHECKING:
    from tinyseg.exercises.rendering import Part

STARRED = re.compile(r"(?<!\S)\*\S+")
WIDEST = 100
"""Lines of prose longer than this are hard to read."""
INDENT = "  "
SPINNER_AFTER = 1.0
"""Seconds."""


def width() -> int:
    """Return how wide a report may be."""
    return min(console.width, WIDEST)


def show(parts: Iterable[Part]) -> None:
    """Print the parts of a report."""
    from tinyseg.exercises.columns import breadth, folded
    from tinyseg.exercises.rendering import Kind

    _print_anything()
    for number, part in enumerate(parts):
        text = Text(part.text)
        if part.kind in (Kind.PASSED, Kind.NOT_YET):
            text.stylize("bold green" if part.kind is Kind.PASSED else "bold yellow")
            console.print(text, soft_wrap=True)
        elif part.kind is Kind.HEADING:
            text.stylize("bold")
            if number:
                console.print()
            if part.text:
                console.print(text, soft_wrap=True)
        elif part.kind in (Kind.LINES, Kind.PICTURE):
            text.highlight_regex(STARRED, "bold red")
            _indented(text.split("\n", allow_blank=True))
        else:
            style, room = "dim" if part.kind is Kind.ASIDE else "", width() - len(INDENT)
            if breadth(part.text) == len(part.text):
                text.stylize(style)
                _indented(text.wrap(console, room))
            else:  # Chinese, which rich folds at blanks only
                _indented(Text(line, style) for line in folded(part.text, room))


def _indented(lines: Iterable[Text]) -> None:
    for line in lines:
        line.rstrip()
        console.print(Text(INDENT) + line if line.plain else "", soft_wrap=True)


def _print_anything() -> None:
    """Let a stream that cannot show a character (Windows, a pipe) show a question mark in its place."""
    with suppress(AttributeError, ValueError):
        if not (sys.stdout.encoding or "").lower().startswith("utf"):
            sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]


@contextmanager
def busy(text: str) -> Iterator[Callable[[str], None]]:
    """Show that something is going on, in a terminal, if it takes more than a moment; gives what tells more of it."""
    if not console.is_terminal:
        yield lambda more: None
        return
    status = console.status(text)
    timer = threading.Timer(SPINNER_AFTER, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda more: status.update(f"{text} {escape(more)}")
    finally:
        timer.cancel()
        timer.join()  # it may be starting just now
        status.stop()
