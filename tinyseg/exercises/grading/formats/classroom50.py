"""Classroom 50's result.json (foundation50/classroom50, wiki page Advanced-Autograding, `classroom50/result/v1`)."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime

from ..grade import Grade
from .gradescope import told

FROM_RUNNER = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
    "review": "REVIEW_URL",
}
"""Fields that the runner knows, by the environment variables in which it tells them; empty outside of it."""


def classroom50(grade: Grade) -> str:
    """Return the file's text. All scores are whole numbers, as the format wants them."""
    tests = [
        {
            "test-name": exercise.exercise,
            "passed": exercise.passed,
            "score": exercise.points,
            "max-score": exercise.of,
            "output": told(exercise),
        }
        for exercise in grade.exercises
    ]
    known = {field: os.environ.get(variable, "") for field, variable in FROM_RUNNER.items()}
    known["review"] = known["review"] or known["commit"]
    content = {
        "schema": "classroom50/result/v1",
        **known,
        "datetime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "score": grade.points,
        "max-score": grade.of,
        "tests": tests,
    }
    return json.dumps(content, ensure_ascii=False, indent=1)
