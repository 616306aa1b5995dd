"""Grade a submission: every exercise of the assignment, whatever was handed in."""

from __future__ import annotations

import base64
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from tinyseg_kernels.errors import InvalidInput

from tinyseg.diagnosis.language import speaking
from tinyseg.diagnosis.result import Diagnosis

from ..checking import check_source
from ..exercise import Exercise
from ..folder import is_stub
from ..languages import ENGLISH, texts_of
from ..outcome import Outcome
from ..registry import exercise as exercise_of
from .submission import Submission

NOT_HANDED_IN = "not handed in"


@dataclass(frozen=True)
class GroupGrade:
    """Points of a group of configurations; `words` is what they are."""

    name: str
    words: str
    points: int
    of: int


@dataclass(frozen=True)
class ExerciseGrade:
    """The grade of one answer.

    Attributes:
        exercise: Its name.
        title: Its title, in the language of the grading.
        points: Points earned, of `of`.
        cause: The diagnosis's cause; 'none' when right, 'refused' for a broken rule, 'missing' for no answer,
            'not-begun' for the stub as it was handed out.
        where: Which output is wrong.
        message: What is said to the student.
        groups: Partial credit.
        printed: What the code printed, cut.
        seconds: That the check took.
        picture: The first wrong result beside the right one, as PNG in base64; '' when there is none to show.
    """

    exercise: str
    title: str
    points: int
    of: int
    cause: str
    where: str = ""
    message: str = ""
    groups: tuple[GroupGrade, ...] = ()
    printed: str = ""
    seconds: float = 0.0
    picture: str = ""

    @property
    def passed(self) -> bool:
        """Whether all points are earned."""
        return self.points == self.of


@dataclass(frozen=True)
class Grade:
    """The grade of a submission; always with every exercise of the assignment."""

    student: str
    exercises: tuple[ExerciseGrade, ...]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def points(self) -> int:
        """Points earned."""
        return sum(exercise.points for exercise in self.exercises)

    @property
    def of(self) -> int:
        """The most points: the same for every submission of an assignment."""
        return sum(exercise.of for exercise in self.exercises)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {**asdict(self), "points": self.points, "of": self.of}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Grade:
        """Return what `as_json` gave."""
        exercises = tuple(
            ExerciseGrade(**{**one, "groups": tuple(GroupGrade(**group) for group in one["groups"])})
            for one in content["exercises"]
        )
        return cls(content["student"], exercises, tuple(content["notes"]), content["seconds"])


@dataclass(frozen=True)
class Assignment:
    """What is graded, and how.

    Attributes:
        exercises: Names, in order.
        weights: What an exercise counts, by name; where nothing is said, 1. Points are multiplied by it.
        seeds: Of the numbers. An answer must be right with each of them. They are the instructor's secret.
        language: Of what is said to the student.
        pictures: Whether the first wrong result is drawn beside the right one.
    """

    exercises: tuple[str, ...]
    weights: dict[str, int] = field(default_factory=dict)
    seeds: tuple[int, ...] = (1,)
    language: str = ENGLISH
    pictures: bool = False

    def weight(self, name: str) -> int:
        """Return what the points of an exercise are multiplied by."""
        return self.weights.get(name, 1)


def grade(submission: Submission, assignment: Assignment) -> Grade:
    """Grade a submission. Nothing that is handed in makes it fail, and none makes the maximum smaller."""
    began = time.perf_counter()
    with speaking(assignment.language):
        grades = tuple(_grade_one(submission, exercise_of(name), assignment) for name in assignment.exercises)
    return Grade(submission.student, grades, submission.notes, time.perf_counter() - began)


def _grade_one(submission: Submission, exercise: Exercise, assignment: Assignment) -> ExerciseGrade:
    title = texts_of(exercise, assignment.language).title
    of = exercise.points * assignment.weight(exercise.name)
    if exercise.name not in submission.answers:
        why = submission.problems.get(exercise.name, f"{exercise.name}.py was {NOT_HANDED_IN}")
        return ExerciseGrade(exercise.name, title, 0, of, "missing", message=why)
    source = submission.answers[exercise.name]
    if is_stub(source, exercise):
        why = f"{exercise.name}.py is as it was handed out: nothing is written yet"
        return ExerciseGrade(exercise.name, title, 0, of, "not-begun", message=why)
    try:
        outcomes = [check_source(exercise, source, seed=seed) for seed in assignment.seeds]
    except InvalidInput as error:  # what is missing on this machine is no fault of the student's
        why = f"not graded: {error}; to be looked at by a person"
        return ExerciseGrade(exercise.name, title, 0, of, "grader-failed", message=why)
    worst = min(outcomes, key=lambda outcome: outcome.points)
    seconds = sum(outcome.seconds for outcome in outcomes)
    if worst.refused:
        said = worst.refused
        return ExerciseGrade(exercise.name, title, 0, of, "refused", message=said, seconds=seconds)
    told = _public(exercise, source, worst)
    groups = _groups(exercise, outcomes, assignment)
    points = worst.points * assignment.weight(exercise.name)
    if not worst.passed:  # with each seed another group may be wrong
        points = min(points, sum(group.points for group in groups))
    return ExerciseGrade(
        exercise.name,
        title,
        points,
        of,
        worst.diagnosis.cause,
        told.diagnosis.where,
        _said(told.diagnosis),
        groups,
        told.printed,  # never what it printed with a secret seed: that could be the numbers
        seconds,
        _picture(told, assignment) if assignment.pictures else "",
    )


def _picture(outcome: Outcome, assignment: Assignment) -> str:
    """Return the picture in base64; '' where there is nothing to draw."""
    from ..pictures import can_be_drawn, draw, png
    from ..showing import shown_of
    from ..words import Words

    example = None if outcome.diagnosis.passed else shown_of(outcome).example
    if example is None or not can_be_drawn(example):
        return ""
    return base64.b64encode(png(draw(example, outcome.exercise.name, Words(assignment.language)))).decode("ascii")


def _public(exercise: Exercise, source: str, worst: Outcome) -> Outcome:
    """Return an outcome that may be told: with the numbers that everybody knows, or with none.

    The numbers of a secret seed, told over and over, would make a table of the answers.
    """
    if worst.diagnosis.passed:
        return replace(worst, printed="")
    known = check_source(exercise, source, seed=0)
    if not known.diagnosis.passed:
        return known
    found = worst.diagnosis
    return Outcome(exercise, Diagnosis(found.operation, False, found.cause, found.where))


def _said(diagnosis: Diagnosis) -> str:
    if diagnosis.passed:
        return "right"
    example = diagnosis.evidence.get("example")
    parts = [diagnosis.message or "wrong with other numbers than those of the exercise's own check"]
    return "\n\n".join([*parts, *([f"An example to check by hand\n{example}"] if example else [])])


def _groups(exercise: Exercise, outcomes: Sequence[Outcome], assignment: Assignment) -> tuple[GroupGrade, ...]:
    words = texts_of(exercise, assignment.language).groups
    weight = assignment.weight(exercise.name)
    return tuple(
        GroupGrade(
            group.name,
            words.get(group.name, group.name),
            weight * min(o.groups[group.name].earned if group.name in o.groups else 0 for o in outcomes),
            weight * group.points,
        )
        for group in exercise.groups
    )
