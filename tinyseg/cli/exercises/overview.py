"""`tinyseg exercises list`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from ..console import say
from .options import AsJson, Dir, Language, room_in, words_in
from .printing import show


def register(group: typer.Typer) -> None:
    """Add the subcommand."""
    group.command("list", epilog="Examples:  tinyseg exercises list    |    tinyseg exercises list --todo")(listing)


def listing(
    folder: Dir = None,
    todo: Annotated[bool, typer.Option("--todo", help="Only those that have not passed.")] = False,
    as_json: AsJson = False,
    language: Language = None,
) -> None:
    """List the exercises by chapter: how difficult each is, how far you are, and your points."""
    from tinyseg.exercises.overview import overview, table

    words, room = words_in(language), room_in(folder)
    rows = [row for row in overview(room) if not (todo and row.record.passed)]
    if as_json:
        print(json.dumps([row.as_json() for row in rows], indent=1))
        return
    show(table(rows, room, words))
    if room.progress.kept_aside is not None:
        say(words("broken", path=room.shown(room.progress.kept_aside)))
