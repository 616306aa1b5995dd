"""What a learner has done so far: a file that survives a crash, a broken disk, and two commands at once."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from tinyseg_kernels.errors import InvalidInput

from tinyseg.utils.files import atomic_path
from tinyseg.utils.locks import FolderLock

NAME = "progress.json"
VERSION = 1
PATIENCE, PAUSE = 10.0, 0.05
"""Seconds to wait for another command, which has the file for some milliseconds only, and between two looks."""


@dataclass
class Record:
    """What is known about one exercise. A new version may add to it; it never takes away.

    Attributes:
        given: Fingerprint of the stub that the learner got.
        tried: Attempts: checks of code that had changed since the last one.
        passed: When it first passed, as '2026-03-01 14:05:00'; '' before that.
        points: The most points that a check gave.
        code: Fingerprint of the code that was checked last.
        cause: What was wrong with it; '' when nothing was.
        question: The hint that goes with that mistake.
        hints: How many of the three hints are open.
        hinted: `tried` when the last of them was opened.
        solution: When the solution was shown before the exercise had passed; '' if it was not.
    """

    given: str = ""
    tried: int = 0
    passed: str = ""
    points: int = 0
    code: str = ""
    cause: str = ""
    question: str = ""
    hints: int = 0
    hinted: int = 0
    solution: str = ""


class Progress:
    """The file of a classroom folder that holds a `Record` for each exercise.

    Attributes:
        kept_aside: Where a file went that could not be read, as soon as that has happened.
    """

    def __init__(self, folder: Path) -> None:
        """`folder` is the one that holds the file."""
        self.path = folder / NAME
        self.kept_aside: Path | None = None

    def read(self) -> dict[str, Record]:
        """Return all records by name; an exercise that nothing is known about has none."""
        content = None
        with suppress(PermissionError):  # Windows, while another command is just writing it
            content = _content(self.path)
        if content is None:
            with self._locked():
                content = self._content_or_aside()
        return {name: _record(values) for name, values in content.items()}

    @contextmanager
    def changing(self, name: str) -> Iterator[Record]:
        """Give the record of an exercise to be changed; it is written when the block ends well.

        Raises:
            InvalidInput: Another command has the file for longer than some seconds.
            OSError: The file cannot be written.
        """
        with self._locked():
            content = self._content_or_aside()
            record = _record(content.get(name, {}))
            yield record
            # What a newer version has written beside is kept.
            content[name] = {**content.get(name, {}), **asdict(record)}
            with atomic_path(self.path) as temporary:
                text = json.dumps({"version": VERSION, "exercises": content}, indent=1, ensure_ascii=False)
                temporary.write_text(text + "\n", encoding="utf-8")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = FolderLock(self.path.parent)
        until = time.monotonic() + PATIENCE
        while True:
            try:
                lock.acquire(lasting=True)
                break
            except InvalidInput as error:
                if time.monotonic() > until:
                    raise InvalidInput(
                        f"{self.path}: another command has held it for {PATIENCE:g} s; stop it"
                    ) from error
                time.sleep(PAUSE)
        try:
            yield
        finally:
            lock.release()

    def _content_or_aside(self) -> dict[str, Any]:
        """Return the content; put a file that cannot be read aside, under the first free number."""
        content = _content(self.path)
        if content is not None:
            return content
        number = 1
        while (aside := self.path.with_name(f"progress-broken-{number}.json")).exists():
            number += 1
        os.replace(self.path, aside)
        self.kept_aside = aside
        return {}


def _content(path: Path) -> dict[str, Any] | None:
    """Return what the file says by exercise; nothing if there is no file, None if it is broken."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError):  # no JSON, or no UTF-8
        return None
    found = content.get("exercises") if isinstance(content, dict) else None
    if not isinstance(found, dict) or not all(isinstance(values, dict) for values in found.values()):
        return None
    return found


def _record(values: Mapping[str, Any]) -> Record:
    """Make a record; a value of a wrong type counts as not there."""
    record = Record()
    for field in fields(Record):
        value = values.get(field.name)
        if type(value) is type(field.default):
            setattr(record, field.name, value)
    return record


def now() -> str:
    """Return the time as it stands in a record."""
    return time.strftime("%Y-%m-%d %H:%M:%S")


__all__ = ["Progress", "Record", "now"]
