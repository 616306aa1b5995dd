"""PrairieLearn's results.json (docs.prairielearn.com/externalGrading).

The file may have 1 MB: pictures that do not fit are left out, the last first, and then long texts are cut.
"""

from __future__ import annotations

import json
from dataclasses import replace

from ..grade import ExerciseGrade, Grade
from .gradescope import told

LARGEST = 1_000_000
"""Bytes that PrairieLearn takes."""


def prairielearn(grade: Grade) -> str:
    """Return the file's text. The score is a share of 1.

    A submission that cannot be run is gradable: it gets 0 points and the reason. `"gradable": false` would give it
    another attempt for nothing.
    """
    text = _text(grade)
    exercises = list(grade.exercises)
    for number in reversed(range(len(exercises))):
        if len(text.encode()) <= LARGEST:
            return text
        exercises[number] = replace(exercises[number], picture="")
        text = _text(replace(grade, exercises=tuple(exercises)))
    room = LARGEST // (4 * max(1, len(exercises)))  # at most four bytes for a character
    while len(text.encode()) > LARGEST:
        room //= 2
        short = [replace(e, message=_cut(e.message, room), printed=_cut(e.printed, room)) for e in exercises]
        notes = tuple(_cut(note, room) for note in grade.notes[:10])
        text = _text(replace(grade, exercises=tuple(short), notes=notes))
    return text


def _text(grade: Grade) -> str:
    content = {
        "gradable": True,
        "score": grade.points / grade.of if grade.of else 0.0,
        "message": f"{grade.points} of {grade.of} points",
        "output": "\n".join(grade.notes),
        "tests": [_test(exercise) for exercise in grade.exercises],
    }
    return json.dumps(content, ensure_ascii=False, indent=1)


def _test(exercise: ExerciseGrade) -> dict[str, object]:
    content: dict[str, object] = {
        "name": exercise.exercise,
        "description": exercise.title,
        "points": exercise.points,
        "max_points": exercise.of,
        "message": "right" if exercise.passed else exercise.where or exercise.cause,
        "output": told(exercise),
    }
    if exercise.picture:
        label = f"{exercise.exercise}: right, yours, and the difference"
        content["images"] = [{"label": label, "url": f"data:image/png;base64,{exercise.picture}"}]
    return content


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[:room] + " ... (cut)"
