"""`tinyseg exercises check` and `watch`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tinyseg_kernels.errors import InvalidInput

from ..console import console, say
from .options import AsJson, Dir, Language, Target, room_in, target, words_in
from .printing import busy, show, width

if TYPE_CHECKING:
    from tinyseg.exercises.attempt import Attempt
    from tinyseg.exercises.words import Words

EXIT_NOT_PASSED = 1


def register(group: typer.Typer) -> None:
    """Add the subcommands."""
    group.command(
        epilog="Examples:  tinyseg exercises check    |    tinyseg exercises check relu    |    "
        "tinyseg exercises check ~/mine/relu.py"
    )(check)
    group.command(epilog="Example:  tinyseg exercises watch")(watch)


def check(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="An exercise, or a file anywhere. Default: the next that has not passed."),
    ] = None,
    folder: Dir = None,
    picture: Annotated[
        Path | None,
        typer.Option(
            help="Where to write the picture of what is wrong. Default: .tinyseg-exercises/pictures/NAME.png."
        ),
    ] = None,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """Check an exercise, and say what is wrong with it.

    You are told what is wrong, where, and with an example in small numbers to follow by hand: the right result beside
    yours; a picture shows the same. The exit code is 0 when it passed, 1 when it did not, and 2 for a mistake in what
    was typed.
    """
    from tinyseg.exercises import names

    words = words_in(language)
    name = name or _next(folder)
    if name is None:
        count = len(names())
        print(json.dumps({"passed": True, "exercises": count})) if as_json else say(words("all-passed", count=count))
        return
    found = target(name, folder)
    made = _check(found, words, picture)
    if as_json:
        print(json.dumps(_as_json(made), indent=1))
    else:
        _tell(made, found, words)
    if not made.passed:
        raise typer.Exit(EXIT_NOT_PASSED)


def _next(folder: Path | None) -> str | None:
    from tinyseg.exercises.attempt import next_unsolved

    return next_unsolved(room_in(folder))


def _check(found: Target, words: Words, picture: Path | None = None) -> Attempt:
    from tinyseg.exercises.attempt import attempt

    if not found.path.is_file() and found.room is not None:
        shown = found.room.shown(found.path)
        raise InvalidInput(words("missing", file=shown, name=found.exercise.name))
    with busy(words("checking", name=found.exercise.name)) as tell:
        return attempt(found.exercise, found.path, words, found.room, picture, tell)


def _tell(made: Attempt, found: Target, words: Words) -> None:
    from tinyseg.exercises.advice import report

    show(report(made, found.room, words, width()))


def _as_json(made: Attempt) -> dict[str, object]:
    from tinyseg.exercises.rendering import as_json

    if made.outcome is None:
        content = {"exercise": made.exercise.name, "passed": False, "begun": False, "points": 0}
        return {**content, "of": made.exercise.points, "file": str(made.path)}
    picture = None if made.picture is None else str(made.picture)
    return {**as_json(made.outcome, made.shown, picture), "begun": True, "file": str(made.path)}


def watch(folder: Dir = None, language: Language = None) -> None:
    """Check on every save: the file that was just saved, and at first the next that has not passed. Ctrl-C ends it."""
    from tinyseg.exercises.attempt import next_unsolved
    from tinyseg.exercises.watching import saves

    words, room = words_in(language), room_in(folder)
    try:
        coming = saves(room.files)
        first = next_unsolved(room)
        if first is not None:
            _look(Target(*target(first, room.root)), words)
        for name in coming:
            _look(target(name, room.root), words)
    except KeyboardInterrupt:
        say(words("stopped"))


def _look(found: Target, words: Words) -> None:
    """Clear the screen and check; a file that cannot be read is said, and does not end the watching."""
    if console.is_terminal:
        console.clear()
    try:
        _tell(_check(found, words), found, words)
    except (InvalidInput, OSError) as error:
        say(f"{found.exercise.name}: {error}")
    if found.room is not None:
        say("")
        say(words("watching", root=found.room.root))
