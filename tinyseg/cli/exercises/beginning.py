"""`tinyseg exercises init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..console import say
from .options import Language, words_in
from .printing import show


def register(group: typer.Typer) -> None:
    """Add the subcommand."""
    group.command("init", epilog="Example:  tinyseg exercises init exercises")(init)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make; or one to add new exercises to.")],
    language: Language = None,
) -> None:
    """Make a folder of exercises: a file for each, by chapter, and a README that says what to type.

    Typed again, after an update of tinyseg, it adds the exercises that are new; your files stay as they are.
    """
    from tinyseg.exercises import names
    from tinyseg.exercises.folder import Classroom, begin
    from tinyseg.exercises.rendering import Kind, Part

    words = words_in(language)
    done = begin(folder, words)
    room = Classroom(folder.resolve())
    first = not done.kept and not done.renewed
    lines = []
    if first:
        lines.append(words("begun", count=len(done.new), root=folder))
    else:
        if done.new:
            lines.append(words.times("added", len(done.new), root=folder, listed=", ".join(done.new)))
        if done.renewed:
            lines.append(words.times("renewed", len(done.renewed), listed=", ".join(done.renewed)))
        if done.new or done.renewed:
            lines.append(words.times("kept", len(done.kept)))
        else:
            lines.append(words("nothing-new", root=folder, count=len(names())))
    if room.progress.kept_aside is not None:
        lines.append(words("broken", path=room.progress.kept_aside))
    for line in lines:
        say(line)
    if not first:
        return
    start = names()[0]
    show(
        [
            Part(Kind.LINES, ""),
            Part(Kind.TEXT, words("go-there")),
            Part(Kind.LINES, f"  cd {_quoted(folder)}\n  tinyseg exercises list\n"),
            Part(Kind.TEXT, words("first", file=room.place(start).relative_to(room.root))),
            Part(Kind.LINES, f"  tinyseg exercises check {start}"),
        ]
    )


def _quoted(path: Path) -> str:
    return f'"{path}"' if " " in str(path) else str(path)
