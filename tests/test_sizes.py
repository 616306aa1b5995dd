"""Functions of at most 120 lines, lines of at most 120 columns."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("tinyseg", "kernels", "benchmarks", "tutorials", "findings", "tests")
MOST_LINES = 120
MOST_COLUMNS = 120

LONG_LINES = {
    "kernels/tinyseg_kernels": 91,
    "tests/mutants": 409,
    "tinyseg/layers": 25,
    "tinyseg/losses": 11,
    "tinyseg/metrics": 1,
    "tinyseg/models": 40,
    "tinyseg/optimizers": 1,
}
"""Room -> how many lines of its Python are still too long: prose from before there was a limit.

These numbers may only fall; a room that is not in the list has no such line, and a new room gets none.
"""


def files(*folders: str) -> Iterator[Path]:
    """Yield the Python files of folders, but for what learners write."""
    for folder in folders:
        yield from (
            p for p in (ROOT / folder).rglob("*.py") if not p.is_relative_to(ROOT / "tests/diagnosis/handwritten")
        )


def functions_over(source: str, most: int) -> Iterator[tuple[str, int]]:
    """Yield name and number of lines of the functions of a program with more lines than that."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > most:
                yield node.name, lines


def test_what_counts_as_a_long_function() -> None:
    source = "def short():\n    pass\n\n\nclass A:\n    def long(self):\n        a = 1\n        return a\n"
    assert list(functions_over(source, 2)) == [("long", 3)]
    assert list(functions_over(source, 3)) == []


def test_no_function_is_too_long() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {name} has {lines} lines"
        for path in files(*FOLDERS)
        for name, lines in functions_over(path.read_text("utf-8"), MOST_LINES)
    }
    assert found == set()


@pytest.mark.parametrize("folder", FOLDERS)
def test_lines_are_no_longer_than_they_were_and_short_in_new_rooms(folder: str) -> None:
    long: Counter[str] = Counter()
    first: dict[str, str] = {}
    for path in files(folder):
        place = path.relative_to(ROOT)
        room = place.parts[0] if len(place.parts) == 2 else "/".join(place.parts[:2])
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
            if len(line) > MOST_COLUMNS:
                long[room] += 1
                first.setdefault(room, f"{place}:{number} has {len(line)} columns")
    worse = {room: f"{n} long lines, {first[room]}" for room, n in long.items() if n > LONG_LINES.get(room, 0)}
    assert worse == {}, f"at most {MOST_COLUMNS} columns, in docstrings and comments too: {worse}"
