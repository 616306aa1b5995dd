"""Arguments and options that the subcommands share, and what they mean."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, TypeAlias

import typer
from tinyseg_kernels.errors import InvalidInput

if TYPE_CHECKING:
    from tinyseg.exercises import Exercise
    from tinyseg.exercises.folder import Classroom
    from tinyseg.exercises.words import Words

Name: TypeAlias = Annotated[str, typer.Argument(help="Name of an exercise, such as relu.", metavar="NAME")]
Dir: TypeAlias = Annotated[
    Path | None,
    typer.Option("--dir", help="The folder of exercises. Default: the current folder, or the one above that is one."),
]
Language: TypeAlias = Annotated[str | None, typer.Option(help="'en' or 'zh-CN'. Default: TINYSEG_LANGUAGE, else 'en'.")]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for programs.")]


class Target(NamedTuple):
    """What is to be checked: the exercise, the file, and the classroom that it belongs to."""

    exercise: Exercise
    path: Path
    room: Classroom | None


def words_in(language: str | None) -> Words:
    """Return what is said in a language."""
    from tinyseg.exercises.words import Words, language_named

    return Words(language_named(language))


def room_in(folder: Path | None) -> Classroom:
    """Return the classroom."""
    from tinyseg.exercises.folder import find

    return find(folder)


def target(given: str, folder: Path | None) -> Target:
    """Return what is meant by the name of an exercise, or by the path of a file.

    Raises:
        InvalidInput: Neither an exercise nor a file, or a file that does not tell of which exercise it is.
    """
    from tinyseg.exercises import exercise

    looks_like_a_path = given.endswith(".py") or os.sep in given or "/" in given
    if not looks_like_a_path:
        room = room_in(folder)
        return Target(exercise(given), room.file(given), room)
    path = Path(given)
    if not path.is_file():
        if path.name == given and (folder is not None or _within()):  # relu.py for relu
            return target(path.stem, folder)
        raise InvalidInput(f"{path}: no such file")
    of = exercise(_exercise_of(path))
    try:
        room = room_in(folder or path.resolve().parent)
    except InvalidInput:
        if folder is not None:
            raise
        return Target(of, path, None)
    # Progress is about the learner's file in its place, not about copies that lie around.
    own = room.file(of.name)
    return Target(of, path, room if own.exists() and own.resolve() == path.resolve() else None)


def _within() -> bool:
    try:
        room_in(None)
    except InvalidInput:
        return False
    return True


def _exercise_of(path: Path) -> str:
    """Return the name that a file's first lines say ('Exercise: relu'), else the file's own name."""
    from tinyseg.exercises import names

    with path.open(encoding="utf-8", errors="replace") as file:
        for line in (file.readline(500) for _ in range(5)):
            said = re.search(r"Exercise:\s*(\w+)", line)
            if said is not None and said[1] in names():
                return said[1]
    return path.stem
