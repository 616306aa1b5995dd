"""Sphinx extension: the docstrings, which are plain text with Google's sections, as reStructuredText.

Formulas stand indented below a sentence, as in the files: here they become literal blocks. Names in backticks become
links where there is such a name. What else would be markup in reStructuredText, such as the star of a product, is text.
"""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

SECTION = re.compile(r"^(\s*)([A-Z][A-Za-z ]{2,30}):$")
NAME = re.compile(r"^[A-Za-z_][\w.]*(\(\))?$")
GOOGLE = {"Args", "Raises", "Returns", "Yields", "Attributes", "Example", "Examples", "Note", "Notes"}
LAYERS = {"Input shape", "Output shape", "Input and output shape", "Weights"}
"""Sections of layers; napoleon takes 'Parameters' for arguments, so here they are called weights."""


def to_rst(lines: list[str]) -> list[str]:
    """Return the lines of a docstring as reStructuredText with Google's sections."""
    done: list[str] = []
    section: str | None = None
    k = 0
    while k < len(lines):
        line = lines[k]
        found = SECTION.match(line)
        if found and not found[1] and (found[2] in GOOGLE | LAYERS | {"Parameters"}):
            section = "Weights" if found[2] == "Parameters" else found[2]
            done += ([""] if done and done[-1].strip() else []) + [f"{section}:"]
            k += 1
            continue
        if line.strip() and not line.startswith(" "):
            section = None
        if line.lstrip().startswith(">>>"):
            stop = next((j for j in range(k, len(lines)) if not lines[j].strip()), len(lines))
            done += ([""] if done and done[-1].strip() and not done[-1].endswith(":") else []) + lines[k:stop]
            k = stop
            continue
        if section is None and line.startswith("  ") and (not done or not done[-1].strip()):
            stop = _end_of_block(lines, k)
            if not _is_list(lines[k]):
                done += ["::", "", *lines[k:stop], ""]
                k = stop
                continue
        if _is_list(line) and done and done[-1].strip() and not _in_list(done, line):
            done.append("")  # a list below a line of text
        done.append(escaped(line))
        k += 1
    return done


def _in_list(done: list[str], line: str) -> bool:
    """Return whether a list's entry follows another one: nothing between them is less deep."""
    depth = len(line) - len(line.lstrip())
    for above in reversed(done):
        if not above.strip() or len(above) - len(above.lstrip()) < depth:
            return False
        if len(above) - len(above.lstrip()) == depth:
            return _is_list(above)
    return False


def _end_of_block(lines: list[str], k: int) -> int:
    stop = k
    while stop < len(lines) and (not lines[stop].strip() or lines[stop].startswith("  ")):
        stop += 1
    while not lines[stop - 1].strip():
        stop -= 1
    return stop


def _is_list(line: str) -> bool:
    return line.lstrip().startswith(("- ", "* "))


def escaped(line: str) -> str:
    """Return a line of text in which only backticks are markup."""
    parts = re.split(r"(`+[^`]+`+)", line)
    return "".join(_code(part) if k % 2 else _text(part, first=k == 0) for k, part in enumerate(parts))


def _code(part: str) -> str:
    name = part.strip("`")
    return f":py:obj:`{name.removesuffix('()')}`" if NAME.match(name) else f"``{name}``"


def _text(part: str, first: bool) -> str:
    bullet = re.match(r"^\s*[-*] ", part)[0] if first and re.match(r"^\s*[-*] ", part) else ""  # type: ignore[index]
    return bullet + re.sub(r"([*|\\])|(?<=\w)_(?!\w)", lambda m: "\\" + m[0], part[len(bullet) :])


def _process(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    lines[:] = to_rst(lines)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect, before napoleon reads the sections."""
    app.connect("autodoc-process-docstring", _process, priority=300)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "1"}
