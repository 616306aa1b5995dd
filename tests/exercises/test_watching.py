"""Saves are noticed, whichever way an editor writes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tinyseg.exercises.watching import saves


def looks(folder: Path, steps: list[Callable[[], object]]) -> Iterator[str]:
    """Watch a and b; between two looks the next step is made, and in the end Ctrl-C is pressed."""
    todo = iter(steps)

    def sleep(pause: float) -> None:
        step = next(todo, None)
        if step is None:
            raise KeyboardInterrupt
        step()

    return saves(lambda: {"a": folder / "a.py", "b": folder / "b.py"}, 0.0, sleep)


def seen(folder: Path, steps: list[Callable[[], object]]) -> list[str]:
    """Return what was told until Ctrl-C."""
    found: list[str] = []
    with suppress(KeyboardInterrupt):
        for name in looks(folder, steps):
            found += [name]
    return found


def nothing() -> None:
    """Let time pass."""


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    for number, name in enumerate("ab"):
        write(tmp_path / f"{name}.py", "one", number)


def write(path: Path, text: str, when: int) -> None:
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(when, when))


def test_a_save_is_told_once(tmp_path: Path) -> None:
    save = lambda: write(tmp_path / "a.py", "two!", 5)  # noqa: E731
    assert seen(tmp_path, [nothing, save, nothing, nothing, nothing]) == ["a"]
    assert seen(tmp_path, [nothing, nothing]) == []


def test_a_save_of_the_same_size_and_one_of_the_same_time(tmp_path: Path) -> None:
    assert seen(tmp_path, [lambda: write(tmp_path / "a.py", "two", 7), nothing, nothing]) == ["a"]
    assert seen(tmp_path, [lambda: write(tmp_path / "a.py", "longer", 7), nothing, nothing]) == ["a"]


def test_an_editor_that_replaces_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.py"

    def back() -> None:
        write(tmp_path / "new", "two", 9)
        (tmp_path / "new").replace(path)

    assert seen(tmp_path, [path.unlink, nothing, back, nothing, nothing]) == ["a"]


def test_half_a_file_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    steps = [
        lambda: write(path, "", 3),
        nothing,
        lambda: write(path, "tw", 4),
        lambda: write(path, "two", 5),
        nothing,
        nothing,
    ]
    assert seen(tmp_path, steps) == ["a"]


def test_of_two_the_later_one(tmp_path: Path) -> None:
    def both() -> None:
        write(tmp_path / "b.py", "two", 8)
        write(tmp_path / "a.py", "two", 7)

    assert seen(tmp_path, [both, nothing, nothing]) == ["b"]
