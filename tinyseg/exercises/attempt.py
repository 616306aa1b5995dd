"""One check of a learner's file, and what is kept of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tinyseg_kernels.errors import InvalidInput

from tinyseg.diagnosis.language import speaking

from .checking import check_source
from .exercise import Exercise
from .folder import Classroom, fingerprint, is_stub
from .outcome import Outcome
from .progress import Record, now
from .registry import exercise, names
from .rendering import question_of
from .sandbox.limits import Limits
from .sandbox.reading import Unreadable, read_source
from .showing import Shown, shown_of
from .words import Words


@dataclass(frozen=True)
class Attempt:
    """A check.

    Attributes:
        exercise: What the file is an answer to.
        path: The file.
        outcome: What was found; None where nothing is written yet and so nothing was run.
        shown: The example and the map.
        picture: The picture that was written, if there is one.
        not_kept: Why the progress could not be written; '' if it was, or if the file belongs to no classroom.
    """

    exercise: Exercise
    path: Path
    outcome: Outcome | None = None
    shown: Shown = field(default_factory=Shown)
    picture: Path | None = None
    not_kept: str = ""

    @property
    def passed(self) -> bool:
        """Whether the exercise is done."""
        return self.outcome is not None and self.outcome.passed


def attempt(
    of: Exercise,
    path: Path,
    words: Words,
    room: Classroom | None = None,
    picture: Path | None = None,
    show_progress: Callable[[str], None] | None = None,
) -> Attempt:
    """Check a file; with a classroom, note it there.

    Args:
        of: The exercise.
        path: The learner's file.
        words: In which language to say what is wrong, and to letter the picture.
        room: Whose progress it is.
        picture: Where to write the picture, if there is one to draw; None: in the classroom, if there is one.
        show_progress: Is told in a few words what is being done.

    Raises:
        InvalidInput: What the exercise needs is not installed.
        OSError: The picture cannot be written.
    """
    try:
        source = read_source(path, Limits().source)
    except Unreadable:
        source = ""  # which the check will say
    if is_stub(source, of):
        return Attempt(of, path)
    with speaking(words.language):
        outcome = check_source(of, path, show_progress=show_progress)
    shown, drawn, trouble = shown_of(outcome), None, ""
    if picture is not None:
        drawn = _draw(of, shown, words, picture)
    elif room is not None:
        with suppress(OSError):  # of a folder that cannot be written to: the rest can be read all the same
            drawn = _draw(of, shown, words, room.picture(of.name))
            if drawn is None:
                room.picture(of.name).unlink(missing_ok=True)  # one of an earlier attempt
    if room is not None:
        trouble = _note(room, of, source, outcome)
    return Attempt(of, path, outcome, shown, drawn, trouble)


def _draw(of: Exercise, shown: Shown, words: Words, path: Path) -> Path | None:
    from . import pictures

    if shown.example is None or not pictures.can_be_drawn(shown.example):
        return None
    pictures.save(pictures.draw(shown.example, of.name, words), path)
    return path


def _note(room: Classroom, of: Exercise, source: str, outcome: Outcome) -> str:
    """Write down what came out. What keeps that from being written must not keep the learner from reading it."""
    try:
        with room.progress.changing(of.name) as record:
            _update(record, fingerprint(source), outcome)
    except (OSError, InvalidInput) as error:
        return str(error)
    return ""


def _update(record: Record, code: str, outcome: Outcome) -> None:
    if code != record.code:
        record.tried += 1
    record.code = code
    record.points = max(record.points, outcome.points)
    record.passed = record.passed or (now() if outcome.passed else "")
    record.cause = "" if outcome.passed else outcome.diagnosis.cause
    record.question = "" if outcome.passed else question_of(outcome)


def next_unsolved(room: Classroom) -> str | None:
    """Return the first exercise after that which passed last that has not passed; None when all have."""
    records, order = room.progress.read(), names()
    passed = {name: records[name].passed for name in order if name in records and records[name].passed}
    last = max(passed, key=lambda name: (passed[name], order.index(name)), default=None)
    start = 0 if last is None else order.index(last) + 1
    return next((name for name in (*order[start:], *order[:start]) if name not in passed), None)


def changed_since(room: Classroom, but: str) -> list[str]:
    """Return the unsolved exercises, but for one, whose files have changed since they were last checked."""
    records, found = room.progress.read(), []
    for name, path in room.files().items():
        record = records.get(name, Record())
        if name == but or record.passed or not path.is_file():
            continue
        source = path.read_text("utf-8", errors="replace")
        if not is_stub(source, exercise(name)) and fingerprint(source) != record.code:
            found.append(name)
    return found
