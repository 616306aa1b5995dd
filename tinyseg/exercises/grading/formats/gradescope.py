"""Gradescope's results.json (gradescope-autograders.readthedocs.io/en/latest/specs)."""

from __future__ import annotations

import json

from ..grade import ExerciseGrade, Grade


def gradescope(grade: Grade) -> str:
    """Return the file's text.

    No top-level score: Gradescope adds up the tests, and shows a total that cannot differ from them. Each exercise is
    there with its `max_score`, also when nothing was handed in.
    """
    content = {
        "execution_time": round(grade.seconds),
        "output": "\n".join(grade.notes),
        "output_format": "text",
        "test_output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(number, exercise) for number, exercise in enumerate(grade.exercises, 1)],
    }
    return json.dumps(content, ensure_ascii=False, indent=1)


def _test(number: int, exercise: ExerciseGrade) -> dict[str, object]:
    return {
        "number": str(number),
        "name": f"{exercise.exercise}: {exercise.title}",
        "score": exercise.points,
        "max_score": exercise.of,
        "status": "passed" if exercise.passed else "failed",
        "output": told(exercise),
        "tags": [exercise.cause],
        "visibility": "visible",
    }


def told(exercise: ExerciseGrade) -> str:
    """Return all that is said about an answer, as plain text."""
    parts = [exercise.message]
    if exercise.groups and not exercise.passed:
        parts.append("\n".join(f"{group.points} of {group.of} points: {group.words}" for group in exercise.groups))
    if exercise.printed:
        parts.append(f"Your code printed:\n{exercise.printed}")
    return "\n\n".join(parts)
