"""What the comments of a file ask of its compiler: instances of kernels, types, and numbers.

They are appended to the source before it is preprocessed, so its macros, constants and types are known to them, and
what the compiler has to say about them names the line of the comment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .kernels import text_of
from .statements import DECLARATION, Statement
from .tokens import Edits, Token, closing, split

INSTANCE, TYPE, VALUE = "__tinyseg_instance__", "__tinyseg_type__", "__tinyseg_value__"


def escaped(filename: str) -> str:
    """Return a file's name for a line marker."""
    return filename.replace("\\", "\\\\").replace('"', '\\"')


@dataclass(frozen=True)
class Instance:
    """A kernel as a launch names it.

    Args:
        kernel: `scale`, `ns::scale<float, 4>`.
        types: The C++ type of each argument, '' where the launch does not say it.
        line: Number of the comment's line.
    """

    kernel: str
    types: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Requests:
    """All that a file's comments ask for; types and values with their lines."""

    instances: tuple[Instance, ...] = ()
    types: tuple[tuple[str, int], ...] = ()
    values: tuple[tuple[str, int], ...] = ()

    def appended_to(self, source: str, filename: str) -> str:
        """Return a source with the requests behind it, for the preprocessor."""
        name = escaped(filename)
        lines = [source, ""]
        for instance in self.instances:
            inside = "; ".join([instance.kernel, *(kind or "auto" for kind in instance.types)])
            lines += [f'#line {instance.line} "{name}"', f"{INSTANCE}({inside});"]
        for word, asked in ((TYPE, self.types), (VALUE, self.values)):
            for text, line in asked:
                lines += [f'#line {line} "{name}"', f"{word}({text});"]
        return "\n".join([*lines, ""]) if len(lines) > 2 else source


@dataclass(frozen=True)
class Expanded:
    """A request after preprocessing: its parts as tokens."""

    word: str
    parts: tuple[tuple[Token, ...], ...]
    offset: int

    def text(self, part: int) -> str:
        """Return a part as text."""
        return text_of(self.parts[part])


def take_requests(found: Sequence[Statement], edits: Edits) -> list[Expanded]:
    """Find the requests in preprocessed text, and take them out of it."""
    requests = []
    for statement in found:
        head = statement.head
        if statement.kind == DECLARATION and head[0].text in (INSTANCE, TYPE, VALUE):
            inside = head[2 : closing(head, 1)]
            parts = split(inside, ";") if head[0].text == INSTANCE else [list(inside)]
            requests.append(Expanded(head[0].text, tuple(tuple(part) for part in parts), head[0].offset))
            edits.replace(head[0].offset, head[-1].end, "")
    return requests
