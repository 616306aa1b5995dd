"""Conversions of a float to an integer that stand in no word: `int i = x;`, `f(x)`, `return x;`, `i += x`.

Which expressions are converted, and to what, only a compiler knows: it warns of each (-Wfloat-conversion), in the
instances of templates too. Where it has warned while it compiled, a second look tells from where to where each
expression reaches, and the text is compiled once more:

    int i = x + 1;    int i = emulator::converted<int>(x + 1);     in a template  emulator::wanted(x + 1)
    i += x;           i +=emulator::Convert{}+= x;

A file without such conversions costs nothing.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

WARNING = "-Wfloat-conversion"

_WARNED = re.compile(
    r"^(?P<file>.*?):(?P<line>\d+):(?P<column>\d+): warning: conversion from '[^']*'(?: \{aka '[^']*'\})? to "
    r"'(?P<type>[^']*)'(?: \{aka '(?P<aka>[^']*)'\})? .*" + re.escape(f"[{WARNING}]")
)
_CONTEXT = re.compile(r"^.*?: (?:In (.*)|At global scope):$")
_MARKER = re.compile(r'^#(?:line)? *(\d+) *"((?:[^"\\]|\\.)*)".*$')
_SHOWN = re.compile(r"^ *(\d+) \| (.*)$")
_UNDERLINED = re.compile(r"^ *\| ([ ~^]*)$")
_WORD = re.compile(r"\d[\w.]*(?:(?<=[eE])[+-]\w+)?|[\w.]+")
_BEFORE = re.compile(r"(?:[=({,?:\[]|\|\||\breturn\b|^)\s*$")
_BEHIND = re.compile(r"\s*(?:[;,)}\]?:]|$)")
_COMPOUND = re.compile(r"[-+*]=(?!=)")


@dataclass
class _Conversion:
    """The stretch of text that is converted, from (line, column) to the one behind it, and where its caret is."""

    begin: tuple[int, int]
    end: tuple[int, int]
    caret: tuple[int, int]
    types: set[str] = field(default_factory=set)
    in_instance: bool = False


def compile_with_conversions(command: Sequence[str], reading: Sequence[str], output: Path, text: str, told: str) -> str:
    """Compile a text once more where a compiler has warned of conversions, with those of a GPU.

    What it does not take leaves the object file as it was.

    Args:
        command: The compiler, and its options; also whether it makes an object file (-c) or assembly (-S).
        reading: Options that say what the text is (prelude.language).
        output: The object file that it has made of the text.
        text: Preprocessed C++.
        told: What the compiler said.

    Returns:
        What it said last.
    """
    warned = warned_places(told)
    if not warned:
        return told
    changed = with_conversions(text, [*command, *reading[:-1]], warned)
    if changed == text:
        return told
    second = output.with_suffix(f".2{output.suffix}")
    result = subprocess.run(
        [*command, "-o", str(second), *reading],
        input=changed.encode("utf-8", "surrogateescape"),
        capture_output=True,
        env={**os.environ, "LC_ALL": "C"},
        check=False,
    )
    if result.returncode != 0:
        return told
    os.replace(second, output)
    return result.stderr.decode("utf-8", "replace")


def warned_places(told: str) -> set[tuple[str, int]]:
    """Return (file, line) of the conversions that a compiler warned of."""
    matches = (_WARNED.match(line) for line in told.splitlines())
    return {(match["file"], int(match["line"])) for match in matches if match}


def with_conversions(text: str, command: Sequence[str], warned: set[tuple[str, int]]) -> str:
    """Return preprocessed C++ in which the conversions of some lines are those of a GPU.

    Args:
        text: What was compiled.
        command: The compiler, its options, and those that say what the text is.
        warned: (file, line) of the conversions that it warned of.
    """
    lines = text.split("\n")
    wanted = set(_lines_of(lines, warned))
    with tempfile.TemporaryDirectory(prefix="tinyseg-conversions-") as folder:
        plain = Path(folder) / "text.cc"
        bare = "\n".join("" if _MARKER.match(line) else line for line in lines)
        plain.write_text(bare, encoding="utf-8", errors="surrogateescape")
        look = [
            *command, "-fsyntax-only", "-fmessage-length=0", "-ftabstop=1", "-fdiagnostics-color=never",
            str(plain),
        ]  # fmt: skip
        result = subprocess.run(look, capture_output=True, env={**os.environ, "LC_ALL": "C"}, check=False)
    told = result.stderr.decode("utf-8", "replace").splitlines()
    edits: dict[int, list[tuple[int, str]]] = defaultdict(list)
    # Of two that begin at one place the longer one is put around the shorter one.
    for one in sorted(_conversions(told), key=lambda one: one.end):
        if one.begin[0] in wanted:
            _rewrite(one, lines, edits)
    for number, changes in edits.items():
        line = lines[number - 1]
        for column, inserted in sorted(changes, key=lambda change: -change[0]):
            line = line[:column] + inserted + line[column:]
        lines[number - 1] = line
    return "\n".join(lines)


def _lines_of(lines: Sequence[str], places: set[tuple[str, int]]) -> Iterator[int]:
    """Yield the numbers of the text's lines that stand for lines of the source."""
    file, number = "", 0
    for k, line in enumerate(lines, 1):
        marker = _MARKER.match(line)
        if marker:
            file, number = marker[2].replace('\\"', '"').replace("\\\\", "\\"), int(marker[1]) - 1
        elif (file, number) in places:
            yield k
        number += 1


def _conversions(told: Sequence[str]) -> Iterator[_Conversion]:
    """Read the compiler's warnings, each with the lines that it shows below."""
    found: dict[tuple[tuple[int, int], tuple[int, int]], _Conversion] = {}
    in_instance = False
    for k, line in enumerate(told):
        context = _CONTEXT.match(line)
        if context or ": In instantiation of " in line:
            in_instance = ": In instantiation of " in line
        warning = _WARNED.match(line)
        if not warning:
            continue
        place = _underlined(told[k + 1 :], int(warning["line"]), int(warning["column"]) - 1)
        if place is not None:
            one = found.setdefault(place, _Conversion(*place, (int(warning["line"]), int(warning["column"]) - 1)))
            one.types.add(warning["aka"] or warning["type"])
            one.in_instance |= in_instance
    yield from found.values()


def _underlined(shown: Sequence[str], caret_line: int, caret: int) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Return where the underlined expression begins and ends: pairs of a line and what marks it."""
    begin = end = None
    for above, below in zip(shown[::2], shown[1::2], strict=False):
        source, marks = _SHOWN.match(above), _UNDERLINED.match(below)
        if not source or not marks:
            break
        marked = [(mark.start(), mark.end()) for mark in re.finditer(r"[~^]+", marks[1])]
        if int(source[1]) == caret_line:
            marked = [mark for mark in marked if mark[0] <= caret < mark[1]] or marked
        if marked:
            begin = begin or (int(source[1]), marked[0][0])
            end = (int(source[1]), marked[-1][1])
    return None if begin is None or end is None else (begin, end)


def _rewrite(one: _Conversion, lines: Sequence[str], edits: dict[int, list[tuple[int, str]]]) -> None:
    line, column = one.caret
    text = lines[line - 1]
    alone = one.begin == one.caret and one.end == (line, column + 1)
    # Of a compound assignment the operator is marked, or a piece of its right side.
    place = _operator_before(text, column)
    if place >= 0:
        edits[line].append((place + 2, f"emulator::Convert{{}}{text[place : place + 2]}"))
        return
    end = one.end
    if alone:  # the compiler marks the first character of a word
        word = _WORD.match(text, column)
        if word is None:
            return
        end = (line, word.end())
    begin = _begin(lines[one.begin[0] - 1], one.begin[1])
    if not _BEFORE.search(lines[one.begin[0] - 1][:begin]) or not _BEHIND.match(lines[end[0] - 1], end[1]):
        return  # it is a part of an expression only
    one_type = next(iter(one.types)) if len(one.types) == 1 and not one.in_instance else ""
    edits[one.begin[0]].append((begin, f"emulator::converted<{one_type}>(" if one_type else "emulator::wanted("))
    edits[end[0]].append((end[1], ")"))


def _begin(line: str, column: int) -> int:
    """Return where an expression begins: the compiler leaves namespaces out, and stores.py puts a word before some."""
    kept = re.compile(r"(?:emulator::)?Kept\{\}\|\|").match(line, column)
    if kept:
        return kept.end()
    spaces = re.search(r"(?:(?:::\s*)?(?:[A-Za-z_]\w*\s*::\s*)+|::\s*)$", line[:column])
    return spaces.start() if spaces else column


def _operator_before(line: str, column: int) -> int:
    """Return where the compound assignment stands whose right side a place belongs to, -1 when there is none."""
    depth = 0
    for k in range(column, 0, -1):
        depth += (line[k] in ")]}") - (line[k] in "([{")
        if depth < 0 or (depth == 0 and line[k] in ";,"):
            return -1
        if depth == 0 and _COMPOUND.match(line, k):
            return k
    return -1
