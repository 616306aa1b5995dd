"""Judge the text of a learner's file. The only place that decides where their code runs."""

from __future__ import annotations

from .checking import check_source
from .exercise import Exercise
from .outcome import Outcome


def judge(exercise: Exercise, source: str) -> Outcome:
    """Run a file on the exercise's configurations, in a process of its own, and say what is wrong."""
    return check_source(exercise, source)
