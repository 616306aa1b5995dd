"""A table of points for a spreadsheet: one line for each exercise of each student."""

from __future__ import annotations

import csv as standard
import io
from collections.abc import Iterable

from ..grade import Grade

COLUMNS = ("student", "exercise", "points", "of", "cause", "where")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a text that begins so for a formula and computes it; a student chooses the name of a file."""


def csv(grade: Grade) -> str:
    """Return the file's text."""
    return csv_of([grade])


def csv_of(grades: Iterable[Grade]) -> str:
    """Return one table for several submissions; each is followed by its total."""
    stream = io.StringIO()
    writer = standard.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for grade in grades:
        for exercise in grade.exercises:
            row = (grade.student, exercise.exercise, exercise.points, exercise.of, exercise.cause, exercise.where)
            writer.writerow(map(_harmless, row))
        writer.writerow(map(_harmless, (grade.student, "total", grade.points, grade.of, "", "")))
    return stream.getvalue()


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
