"""The commonest rules without clang, by the words of the file alone; only what cannot be mistaken."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BLANK = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'', re.DOTALL)
_KERNEL = re.compile(r"__global__\s+(?:__launch_bounds__\s*\([^()]*\)\s*)?([A-Za-z_]\w*)\s+(\w+)\s*\(")
_TABLE = re.compile(r"^(?:static\s+)?(?:const|constexpr)\s+(?:unsigned\s+)?\w+\s+(\w+)\s*\[", re.MULTILINE)
_BODY = re.compile(r"__(?:global|device)__[^;{}]*?\b\w+\s*\([^;{}]*\)\s*(?:const\s*)?\{")
_SHARED = re.compile(r"__shared__\s+[\w\s]*?\b(\w+)\s*(?:\[[^\]]*\]\s*)*=")
_LIBRARY = re.compile(
    r"(?<!sizeof\()\bstd::(cout|cerr|vector|string|max|min|swap|sort|map|unique_ptr)\b|"
    r"(?<![\w.>:])(rand|srand|puts|exit)\s*\("
)


def broken_rules(source: str) -> Iterator[tuple[str, int, str]]:
    """Yield rule, line and what is wrong."""
    text = _BLANK.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), source)

    def line(at: int) -> int:
        return text.count("\n", 0, at) + 1

    for found in _KERNEL.finditer(text):
        if found[1] in ("int", "float", "double", "bool", "auto", "unsigned", "char", "long"):
            yield "kernel-returns", line(found.start()), f"kernel {found[2]} returns {found[1]}"
    tables = {found[1] for found in _TABLE.finditer(text)}
    for start, end in _bodies(text):
        body = text[start:end]
        for found in _SHARED.finditer(body):
            yield (
                "shared-initialiser",
                line(start + found.start()),
                f"__shared__ variable '{found[1]}' is given a value",
            )
        for found in _LIBRARY.finditer(body):
            name = f"std::{found[1]}" if found[1] else found[2]
            yield "host-function", line(start + found.start()), f"device code uses {name}, which the host has"
        for found in re.finditer(r"\b(throw|try|dynamic_cast|typeid)\b", body):
            rule = "exceptions" if found[1] in ("throw", "try") else "type-information"
            yield rule, line(start + found.start()), f"{found[1]} in device code"
        for name in tables:
            used = re.search(rf"(?<![\w.>:]){name}\s*\[", body)
            if used and not re.search(rf"\w\s+{name}\s*\[", body):  # nor declared inside
                what = f"device code uses '{name}', a table of constants that the host has"
                yield "host-table", line(start + used.start()), what


def _bodies(text: str) -> Iterator[tuple[int, int]]:
    for found in _BODY.finditer(text):
        depth, at = 1, found.end()
        while at < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
        yield found.end(), at
