"""What a check of an answer gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tinyseg.diagnosis import Diagnosis
from tinyseg.diagnosis.observing import Observation

from .exercise import Exercise


@dataclass(frozen=True)
class GroupResult:
    """How many results of a group were right. One that was never computed, because all stopped before, is wrong."""

    points: int
    right: int
    of: int

    @property
    def earned(self) -> int:
        """All its points, or none."""
        return self.points if self.of and self.right == self.of else 0


@dataclass(frozen=True)
class Outcome:
    """The finding about an answer.

    Attributes:
        exercise: Its name.
        diagnosis: What is wrong, or that nothing is.
        groups: Results by group, in the exercise's order.
        refused: Why the answer counts as none, whatever it computes: a rule that it breaks; '' when it keeps them all.
        printed: What the code printed, cut to some lines.
        limits: Limits that could not be had on this machine, in words.
        seconds: That the check took.
        observations: What was seen in each configuration: for examples and pictures, of which not all may be shown.

    Example:
        >>> from tinyseg.diagnosis import Diagnosis
        >>> from tinyseg.exercises import Outcome, exercise
        >>> Outcome(exercise("relu"), Diagnosis("relu", passed=True)).passed
        True
    """

    exercise: Exercise
    diagnosis: Diagnosis
    groups: Mapping[str, GroupResult] = field(default_factory=dict)
    refused: str = ""
    printed: str = ""
    limits: tuple[str, ...] = ()
    seconds: float = 0.0
    observations: tuple[Observation, ...] = field(default=(), repr=False)

    @property
    def passed(self) -> bool:
        """Whether the answer is right and keeps the rules."""
        return self.diagnosis.passed and not self.refused

    @property
    def points(self) -> int:
        """Points earned; all of them only when nothing at all is wrong."""
        if self.refused:
            return 0
        if self.diagnosis.passed:
            return self.exercise.points
        # What no configuration shows (changed inputs, state that is kept) costs the first group's points.
        earned = [group.earned for group in self.groups.values()]
        return sum(earned) if sum(earned) < self.exercise.points else sum(earned[1:])
