"""Annotations say what they mean: `Any`, which says nothing and lets everything through, may only become rarer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ANY = {
    "kernels/tinyseg_kernels": 78,
    "kernels/tinyseg_emulator": 244,
    "kernels/tinyseg_emulator/simulator": 327,
    "tinyseg": 358,
    "tinyseg/diagnosis": 101,
    "tinyseg/exercises": 146,
    "tinyseg/notebook": 3,
    "tinyseg/programs": 5,
}
"""Package -> how many lines of its Python may say `Any`, imports aside: in annotations and in prose. May only fall.

A room that is named here does not count for the package around it. What is left stands for what no type says: a
device's arrays and modules (CuPy, Numba), Keras's arguments that take many things, JSON, and what a learner's function
is given and returns, which may be anything. A type that is `Any` under another name is no gain.
"""


@pytest.mark.parametrize("package", ANY)
def test_any_becomes_rarer(package: str) -> None:
    lines = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / package).rglob("*.py"))
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1)
        if re.search(r"\bAny\b", line)
        and "import" not in line
        and not any(room != package and path.is_relative_to(ROOT / room) for room in ANY if room.startswith(package))
    ]
    assert len(lines) <= ANY[package], f"say what it is: {lines}"


def test_no_type_is_ignored_without_a_reason_that_mypy_checks() -> None:
    bare = [
        str(path.relative_to(ROOT))
        for package in ANY
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"#\s*type:\s*ignore(?!\[)", path.read_text("utf-8"))
    ]
    assert bare == []
