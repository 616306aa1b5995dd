"""Check an answer: run it on the exercise's configurations and say what is wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from tinyseg.diagnosis.case import Case, drawn_with
from tinyseg.diagnosis.diagnose import Examination, examine
from tinyseg.diagnosis.observing import Observation
from tinyseg.diagnosis.operation import Operation

from .exercise import Exercise
from .outcome import GroupResult, Outcome


def check_functions(
    exercise: Exercise,
    forward: Callable[..., Any] | None,
    backward: Callable[..., Any] | None = None,
    *,
    seed: int = 0,
    time_limit: float = 10.0,
) -> Outcome:
    """Check functions of this process, such as those of a notebook. No limits, no rules: see `check_source`.

    Args:
        exercise: What they are an answer to.
        forward: Its results, or None when the exercise asks for a backward alone.
        backward: Its gradients, or None.
        seed: Of the numbers: configurations have the same shapes with every seed, and other numbers.
        time_limit: Seconds that one call may take.
    """
    began = time.perf_counter()
    with drawn_with(seed):
        operation = exercise.operation()
        cases = operation.cases()
        seen: Examination = examine(operation, forward, backward, time_limit=time_limit, seed=seed)
    groups = _results(exercise, operation, cases, seen.observations)
    return Outcome(exercise, seen.diagnosis, groups, seconds=time.perf_counter() - began)


def _results(
    exercise: Exercise, operation: Operation, cases: Sequence[Case], observations: Sequence[Observation]
) -> dict[str, GroupResult]:
    """Count by group. A configuration that a function may refuse, and did, does not count."""
    right = {group.name: 0 for group in exercise.groups}
    of = dict(right)
    results = (*(operation.results if exercise.forward else ()), *(operation.gradients if exercise.backward else ()))
    for observation in observations:
        for result in results:
            name = exercise.group_of(observation.case, result).name
            found = observation.findings.get(result)
            of[name] += 1
            right[name] += found is not None and found.is_right
    if any(observation.timed_out is not None for observation in observations):
        # After a call that did not come back nothing more was run: what was left counts as wrong.
        for case in cases[len(observations) :]:
            for result in results:
                of[exercise.group_of(case, result).name] += 1
    return {group.name: GroupResult(group.points, right[group.name], of[group.name]) for group in exercise.groups}
