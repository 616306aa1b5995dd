"""Which results were right, by groups."""

from __future__ import annotations

from collections.abc import Sequence

from tinyseg.diagnosis.case import Case
from tinyseg.diagnosis.observing import Observation
from tinyseg.diagnosis.operation import Operation

from .exercise import Exercise
from .outcome import GroupResult


def results_by_group(
    exercise: Exercise,
    operation: Operation,
    cases: Sequence[Case],
    observations: Sequence[Observation],
    left_out: Sequence[Case] = (),
) -> dict[str, GroupResult]:
    """Count by group. A configuration that a function may refuse, and did, does not count.

    `left_out` are those that the function could not even be given, for want of an argument: they count as wrong.
    """
    right = {group.name: 0 for group in exercise.groups}
    of = dict(right)
    results = (*(operation.results if exercise.forward else ()), *(operation.gradients if exercise.backward else ()))
    for observation in observations:
        for result in results:
            name = exercise.group_of(observation.case, result).name
            found = observation.findings.get(result)
            of[name] += 1
            right[name] += found is not None and found.is_right
    if not observations or any(observation.timed_out is not None for observation in observations):
        # After a call that did not come back nothing more was run: what was left counts as wrong.
        left_out = cases[len(observations) :]
    for case in left_out:
        for result in results:
            of[exercise.group_of(case, result).name] += 1
    return {group.name: GroupResult(group.points, right[group.name], of[group.name]) for group in exercise.groups}
