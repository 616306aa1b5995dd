"""What to do next: after a check, and in a folder of exercises as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from .attempt import Attempt, changed_since, next_unsolved
from .folder import Classroom
from .languages import texts_of
from .registry import exercise, names
from .rendering import Kind, Part, not_begun, parts
from .words import Words


def report(made: Attempt, room: Classroom | None, words: Words, width: int) -> Iterator[Part]:
    """Yield all that a check has to say: the outcome, where the picture is, and what to do next."""
    of = made.exercise
    texts = texts_of(of, words.language)
    if made.outcome is None:
        yield from not_begun(of, _file(made, room), texts, words)
    else:
        picture = made.picture and (room.shown(made.picture) if room is not None else made.picture)
        yield from parts(made.outcome, made.shown, texts, words, width=width, picture=str(picture or ""))
    if room is None:
        return
    if made.not_kept:
        yield Part(Kind.ASIDE, words("not-kept", error=made.not_kept))
    if room.progress.kept_aside is not None:
        yield Part(Kind.ASIDE, words("broken", path=room.shown(room.progress.kept_aside)))
    yield from _afterwards(made, room, words)


def _file(made: Attempt, room: Classroom | None) -> str:
    return str(room.shown(made.path) if room is not None else made.path)


def _afterwards(made: Attempt, room: Classroom, words: Words) -> Iterator[Part]:
    name = made.exercise.name
    yield Part(Kind.HEADING, words("next"))
    if made.passed:
        yield Part(Kind.TEXT, words("compare", name=name))
        yield from what_is_next(room, words)
    else:
        yield Part(Kind.TEXT, words("hint-there", name=name))
        for other in changed_since(room, but=name)[:1]:
            yield Part(Kind.TEXT, words("changed-too", name=other))


def what_is_next(room: Classroom, words: Words) -> Iterator[Part]:
    """Yield the next exercise, and how many have passed."""
    coming = next_unsolved(room)
    if coming is None:
        yield Part(Kind.TEXT, words("all-passed", count=len(names())))
        return
    of, file = exercise(coming), room.shown(room.file(coming))
    yield Part(Kind.TEXT, words("next-one", name=coming, chapter=of.chapter, difficulty=of.difficulty, file=file))
    passed = sum(bool(record.passed) for name, record in room.progress.read().items() if name in names())
    yield Part(Kind.ASIDE, words("so-far", passed=passed, count=len(names())))
