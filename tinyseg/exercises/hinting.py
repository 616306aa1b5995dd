"""Three hints for each exercise; the next one opens after an attempt."""

from __future__ import annotations

from collections.abc import Iterator

from .folder import Classroom
from .languages import texts_of
from .progress import Record
from .registry import exercise
from .rendering import Kind, Part, for_learners
from .words import Words

LEVELS = 3


def open_next(record: Record) -> None:
    """Open a hint if there has been an attempt since the last one, the first in any case, and all after passing."""
    if record.passed:
        record.hints = LEVELS
    elif record.hints == 0 or (record.hints < LEVELS and record.tried > record.hinted):
        record.hints, record.hinted = record.hints + 1, record.tried


def hints(room: Classroom, name: str, words: Words) -> Iterator[Part]:
    """Open the next hint, and yield all that are open; first of all the question that goes with the last mistake."""
    of = exercise(name)
    with room.progress.changing(name) as record:
        open_next(record)
    if record.question and not record.passed:
        yield Part(Kind.HEADING, words("hint-own", cause=record.cause))
        yield Part(Kind.TEXT, for_learners(record.question, words))
    texts = texts_of(of, words.language)
    for number, text in enumerate(texts.hints[: record.hints], 1):
        yield Part(Kind.HEADING, words("hint", number=number))
        yield Part(Kind.TEXT, text)
    if record.passed:
        last = words("hint-passed")
    elif record.hints < LEVELS:
        last = words("hint-closed", number=record.hints + 1, file=room.shown(room.file(name)))
    else:
        last = words("hint-last", name=name)
    yield Part(Kind.HEADING, "")
    yield Part(Kind.ASIDE, last)
