"""`tinyseg exercises hint`, `reset` and `solution`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from tinyseg_kernels.errors import InvalidInput

from ..console import console, say
from .options import Dir, Language, Name, room_in, words_in
from .printing import show, width

EXIT_NOT_SHOWN = 1


def register(group: typer.Typer) -> None:
    """Add the subcommands."""
    group.command(epilog="Example:  tinyseg exercises hint relu")(hint)
    group.command(epilog="Example:  tinyseg exercises reset relu")(reset)
    group.command(epilog="Example:  tinyseg exercises solution relu")(solution)


def hint(name: Name, folder: Dir = None, language: Language = None) -> None:
    """Give a hint: a question, then the way, then nearly the formula.

    There are three for each exercise; the next one opens after you have changed your code and checked it. What fits the
    mistake that the last check found comes first.
    """
    from tinyseg.exercises import exercise
    from tinyseg.exercises.hinting import hints

    words, room = words_in(language), room_in(folder)
    show(hints(room, exercise(name).name, words))


def reset(name: Name, folder: Dir = None, language: Language = None) -> None:
    """Begin an exercise again. Your file is kept, under a number; your points stay."""
    from tinyseg.exercises import exercise

    words, room = words_in(language), room_in(folder)
    path, stub = room.file(exercise(name).name), exercise(name).stub
    shown = room.shown(path)
    if path.is_file() and path.read_text("utf-8", errors="replace") == stub:
        say(words("reset-same", file=shown))
        return
    kept = room.backup(name)
    room.write_stub(name)
    say(words("reset", file=shown))
    if kept is not None:
        say(words("reset-backup", path=room.shown(kept)))
    records = room.progress.read()
    if name in records and records[name].passed:
        say(words("reset-counts"))


def solution(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    folder: Dir = None,
    language: Language = None,
) -> None:
    """Show our answer, with its derivation. If you have not passed, it asks first, and your progress says so."""
    from tinyseg.exercises import exercise
    from tinyseg.exercises.progress import now

    words, room = words_in(language), room_in(folder)
    of = exercise(name)
    records = room.progress.read()
    passed = name in records and bool(records[name].passed)
    if not passed and not yes and not _agrees(words("solution-ask", name=name)):
        say(words("solution-no"))
        raise typer.Exit(EXIT_NOT_SHOWN)
    if not passed:
        with room.progress.changing(name) as record:  # before it is shown: nobody sees it unnoted
            record.solution = record.solution or now()
    _show_code(words("solution", name=name), of.solution)


def _agrees(question: str) -> bool:
    try:
        return typer.confirm(question)
    except typer.Abort:
        if sys.stdin.isatty():  # Ctrl-C
            return False
        raise InvalidInput("there is nobody to answer; type --yes if the answer is yes") from None


def _show_code(title: str, code: str) -> None:
    from rich.syntax import Syntax

    from tinyseg.exercises.rendering import Kind, Part

    show([Part(Kind.PASSED, title), Part(Kind.HEADING, "")])
    if console.is_terminal:
        console.print(Syntax(code, "python", theme="ansi_dark", background_color="default"), width=max(width(), 100))
    else:
        say(code.rstrip())
