"""All exercises of a learner, with how far each is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from pathlib import Path

from tinyseg.utils.types import JsonObject

from .advice import what_is_next
from .chapters import CHAPTERS
from .columns import breadth, padded
from .exercise import Exercise
from .folder import Classroom, is_stub
from .progress import Record
from .registry import exercise, names
from .rendering import Kind, Part
from .words import Words


class State(Enum):
    """How far an exercise is."""

    MISSING = "missing"
    UNTOUCHED = "untouched"
    BEGUN = "begun"
    TRIED = "tried"
    PASSED = "passed"


@dataclass(frozen=True)
class Row:
    """An exercise and how far it is."""

    exercise: Exercise
    path: Path
    state: State
    record: Record

    def as_json(self) -> JsonObject:
        """Return it for machines."""
        return {
            "exercise": self.exercise.name,
            "chapter": self.exercise.chapter,
            "difficulty": self.exercise.difficulty,
            "state": self.state.value,
            "tried": self.record.tried,
            "points": self.record.points,
            "of": self.exercise.points,
            "passed": self.record.passed or None,
            "hints": self.record.hints,
            "solution_seen": self.record.solution or None,
            "file": str(self.path),
        }


def overview(room: Classroom) -> list[Row]:
    """Return all exercises in order."""
    records, files = room.progress.read(), room.files()
    return [_row(exercise(name), files[name], records.get(name, Record())) for name in names()]


def _row(of: Exercise, path: Path, record: Record) -> Row:
    if record.passed:
        state = State.PASSED
    elif not path.is_file():
        state = State.MISSING
    elif record.tried:
        state = State.TRIED
    else:
        source = path.read_text("utf-8", errors="replace")
        state = State.UNTOUCHED if is_stub(source, of) else State.BEGUN
    return Row(of, path, state, record)


def table(rows: Sequence[Row], room: Classroom, words: Words) -> Iterator[Part]:
    """Yield the list as it is read: a heading for each chapter, a line for each exercise, and what is next."""
    headings = [words("exercise"), words("difficulty"), words("state"), words("points-column")]
    cells = [[row.exercise.name, "*" * row.exercise.difficulty, _said(row, words), _points(row)] for row in rows]
    widths = [max(map(breadth, column)) for column in zip(headings, *cells, strict=True)]
    yield Part(Kind.LINES, _line(headings, widths))
    for chapter, members in groupby(range(len(rows)), key=lambda k: rows[k].exercise.chapter):
        yield Part(Kind.HEADING, f"{chapter}  {words(CHAPTERS[chapter].title)}")
        yield Part(Kind.LINES, "\n".join(_line(cells[k], widths) for k in members))
    yield Part(Kind.HEADING, words("next"))
    yield from what_is_next(room, words)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "   ".join(padded(cell, width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _points(row: Row) -> str:
    return f"{row.record.points:2d} / {row.exercise.points}" if row.record.tried else ""


def _said(row: Row, words: Words) -> str:
    seen = bool(row.record.solution)
    if row.state is State.PASSED:
        return words("state-seen" if seen else "state-passed")
    if row.state is State.MISSING:
        return words("state-missing")
    if row.state is State.TRIED:
        tried = words.times("tried", row.record.tried)
        return f"{tried}, {words('state-seen-only')}" if seen else tried
    if seen:
        return words("state-seen-only")
    return words("untouched" if row.state is State.UNTOUCHED else "begun-not-checked")
