"""A learner's folder: one file for each exercise, and beside them, hidden, what the command keeps."""

from __future__ import annotations

import ast
import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from tinyseg_kernels.errors import InvalidInput

from tinyseg.utils.files import atomic_path

from .chapters import CHAPTERS
from .exercise import Exercise
from .progress import Progress
from .registry import exercise, names
from .words import Words

MARKER = ".tinyseg-exercises"
README = "README.md"
SHOWN = 5
"""Files that are named one by one."""


class Begun(NamedTuple):
    """What `begin` did: the names of exercises that are new, that were kept, and that got the stub of this version."""

    new: tuple[str, ...]
    kept: tuple[str, ...]
    renewed: tuple[str, ...]


@dataclass(frozen=True)
class Classroom:
    """The folder of a learner.

    Attributes:
        root: The folder with the exercises; `MARKER` is a folder in it.
    """

    root: Path

    @property
    def hidden(self) -> Path:
        """Where the command keeps what it needs."""
        return self.root / MARKER

    @cached_property
    def progress(self) -> Progress:
        """What the learner has done so far."""
        return Progress(self.hidden)

    def picture(self, name: str) -> Path:
        """Return the file of an exercise's picture."""
        return self.hidden / "pictures" / f"{name}.png"

    def place(self, name: str) -> Path:
        """Return where the file of an exercise is put at first."""
        return self.root / CHAPTERS[exercise(name).chapter].folder / f"{name}.py"

    def files(self) -> Mapping[str, Path]:
        """Return the learner's file of each exercise; a learner may have moved it within the folder.

        Raises:
            InvalidInput: Two files of an exercise, neither of them in its place.
        """
        moved: dict[str, list[Path]] = {name: [] for name in names() if not self.place(name).is_file()}
        for path in _python_files(self.root) if moved else ():
            if path.stem in moved:
                moved[path.stem].append(path)
        for name, found in moved.items():
            if len(found) > 1:
                raise InvalidInput(
                    f"{name}: expected one file, found {' and '.join(str(self.shown(path)) for path in found)}; "
                    "rename one of them, or give the path of the one that is meant"
                )
        return {name: [*moved.get(name, []), self.place(name)][0] for name in names()}

    def file(self, name: str) -> Path:
        """Return the learner's file of an exercise, or where it belongs if there is none."""
        place = self.place(name)
        return place if place.is_file() else self.files()[name]

    def shown(self, path: Path) -> Path:
        """Return a path as short as it can be said: from the current folder on, if it is in it."""
        try:
            return path.resolve().relative_to(Path.cwd())
        except ValueError:
            return path

    def backup(self, name: str) -> Path | None:
        """Keep a copy of the learner's file under the next number; None where there is no file.

        Raises:
            OSError: It cannot be written; the file is as it was.
        """
        source = self.file(name)
        if not source.is_file():
            return None
        content, number = source.read_bytes(), 1
        folder = self.hidden / "backups"
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            path = folder / f"{name}-{number}.py"
            try:
                with path.open("xb") as file:  # never over an older one, nor over that of another command
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
            except FileExistsError:
                number += 1
            else:
                return path

    def write_stub(self, name: str) -> Path:
        """Write the stub of an exercise into the learner's file, and note which stub it was."""
        path = self.file(name)
        _write(path, exercise(name).stub)
        with self.progress.changing(name) as record:
            record.given = _digest(exercise(name).stub)
            record.cause = record.question = ""  # of code that is gone
        return path


def find(folder: Path | None = None) -> Classroom:
    """Return the classroom that a folder (the current one, if None) is in.

    Raises:
        InvalidInput: Neither it nor a folder above it has exercises in it.
    """
    start = (folder or Path.cwd()).resolve()
    if not start.is_dir():
        raise InvalidInput(f"--dir: no such folder: {folder}")
    for place in (start, *start.parents):
        if (place / MARKER).is_dir():
            return Classroom(place)
    raise InvalidInput(
        f"no exercises in {start}, nor in a folder above it; make a folder of them with 'tinyseg exercises init "
        "exercises', go into it with 'cd exercises', or name it with --dir"
    )


def begin(root: Path, words: Words) -> Begun:
    """Make a folder of exercises, or add to it those that are new. No file of the learner is changed.

    A stub that the learner has not touched gives way to one of a newer version.

    Raises:
        InvalidInput: `root` is a file, lies within another classroom, or has files that are in the way.
    """
    root = root.resolve()
    if root.exists() and not root.is_dir():
        raise InvalidInput(f"{root}: expected a folder, got a file")
    room = Classroom(root)
    if not room.hidden.is_dir():
        _refuse_what_is_in_the_way(room)
    # First of all: what is broken off in the middle goes on when it is typed again.
    room.hidden.mkdir(parents=True, exist_ok=True)
    if not (root / README).exists():
        _write(root / README, words("readme", count=len(names())))
    new, kept, renewed = [], [], []
    records, files = room.progress.read(), room.files()
    for name in names():
        path, stub = files[name], exercise(name).stub
        if not path.exists():
            new.append(name)
        elif is_as_given(path, records[name].given if name in records else "") and _text(path) != stub:
            renewed.append(name)
        else:
            kept.append(name)
            continue
        room.write_stub(name)
    return Begun(tuple(new), tuple(kept), tuple(renewed))


def _refuse_what_is_in_the_way(room: Classroom) -> None:
    for above in room.root.parents:
        if (above / MARKER).is_dir():
            raise InvalidInput(
                f"{room.root}: lies in {above}, which is a folder of exercises already; 'tinyseg exercises init "
                f"{above}' adds new exercises to it"
            )
    wanted = [room.root / README, *map(room.place, names())]
    taken = [path for path in wanted if path.exists() or (path.parent.exists() and not path.parent.is_dir())]
    if taken:
        more = f" and {len(taken) - SHOWN} more" if len(taken) > SHOWN else ""
        listed = ", ".join(path.relative_to(room.root).as_posix() for path in taken[:SHOWN])
        raise InvalidInput(
            f"{room.root}: files are in the way ({listed}{more}); nothing was changed. Choose a new folder, such as "
            f"{room.root / 'exercises'}"
        )


def _python_files(root: Path) -> Iterator[Path]:
    """Yield the Python files of a folder, but for hidden folders and virtual environments."""
    for place, folders, files in os.walk(root):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith((".", "__")) and not Path(place, name, "pyvenv.cfg").exists()
        )
        yield from (Path(place, name) for name in sorted(files) if name.endswith(".py"))


def fingerprint(source: str) -> str:
    """Return what is the same for programs that differ in comments and spaces only."""
    try:
        content = ast.dump(ast.parse(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        content = source
    return _digest(content)


def is_stub(source: str, of: Exercise) -> bool:
    """Whether nothing has been written yet."""
    return fingerprint(source) == fingerprint(of.stub)


def is_as_given(path: Path, given: str) -> bool:
    """Whether a file still is the stub that it was when it was written, of whichever version, to the letter."""
    return bool(given) and _digest(_text(path)) == given


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace")


def _write(path: Path, text: str) -> None:
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
