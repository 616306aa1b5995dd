"""What an exercise is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tinyseg.diagnosis.case import Case
from tinyseg.diagnosis.operation import Operation

STANDARD = frozenset(
    [
        "__future__",
        "abc",
        "bisect",
        "collections",
        "copy",
        "dataclasses",
        "enum",
        "fractions",
        "functools",
        "heapq",
        "itertools",
        "math",
        "numbers",
        "operator",
        "random",
        "statistics",
        "string",
        "typing",
    ]
)
"""Modules of the standard library that every exercise may import: none of them reaches a file or another process."""


@dataclass(frozen=True)
class Group:
    """Results that earn points together: all of them must be right.

    Attributes:
        name: Stable identifier ('strides'); the texts of the exercise say it in words.
        points: Whole points.
        holds: Which configurations belong to it; None for all.
        results: Which results ('y', 'dx') belong to it; empty for all.

    Example:
        >>> from tinyseg.exercises import exercise
        >>> sum(group.points for group in exercise("conv2d_forward").groups)
        10
    """

    name: str
    points: int
    holds: Callable[[Case], bool] | None = None
    results: tuple[str, ...] = ()

    def has(self, case: Case, result: str) -> bool:
        """Whether a result of a configuration belongs to it."""
        return (not self.results or result in self.results) and (self.holds is None or self.holds(case))


@dataclass(frozen=True)
class Mistake:
    """A planted bug: the solution with one text replaced.

    Attributes:
        name: Stable identifier, in the exercise.
        before: A text that the solution holds exactly once.
        after: What stands in its place.
        causes: The names that are right for it; the first is the best. A diagnosis that says 'unknown' names nothing.

    Example:
        >>> from tinyseg.exercises import exercise
        >>> all(mistake.before in exercise("relu").solution for mistake in exercise("relu").mistakes)
        True
    """

    name: str
    before: str
    after: str
    causes: tuple[str, ...]


@dataclass(frozen=True)
class Exercise:
    """Something to write, and how it is judged.

    Attributes:
        name: As it is typed: 'conv2d_backward'. Its folder in the catalogue and the learner's file have this name.
        chapter: Of the book, 1 to 13.
        difficulty: From 1 (some minutes) to 5 (an evening).
        operation: Makes what the functions are held against.
        forward: Name of the function in the learner's file that computes the results; '' when backward alone is asked.
        backward: Name of the function that computes the gradients; '' when there is none.
        imports: Modules that may be imported beside NumPy and `STANDARD`.
        kind: 'functions' in Python and NumPy; or what a GPU kernel is written in, 'cuda' (C++) or 'numba': the file is
            then judged by `gpu.judging.check_kernel`, and `forward` is the kernel's name.
        repaired: Whether the stub is whole code with a mistake in it, which is to be found.
        groups: For partial credit; their points add up to 10. What none of them has belongs to the first.
        folder: Where stub, solution and texts are.

    Example:
        >>> from tinyseg.exercises import exercise
        >>> "def relu_forward" in exercise("relu").stub
        True
    """

    name: str
    chapter: int
    difficulty: int
    operation: Callable[[], Operation]
    folder: Path
    forward: str = ""
    backward: str = ""
    imports: frozenset[str] = frozenset()
    kind: str = "functions"
    repaired: bool = False
    groups: tuple[Group, ...] = (Group("all", 10),)
    mistakes: tuple[Mistake, ...] = field(default=(), repr=False)

    @property
    def functions(self) -> tuple[str, ...]:
        """The names that the learner writes."""
        return tuple(name for name in (self.forward, self.backward) if name)

    @property
    def points(self) -> int:
        """What a right answer earns."""
        return sum(group.points for group in self.groups)

    @cached_property
    def stub(self) -> str:
        """What the learner gets."""
        return (self.folder / "stub.py").read_text("utf-8")

    @cached_property
    def solution(self) -> str:
        """A right answer, with its derivation."""
        return (self.folder / "solution.py").read_text("utf-8")

    def group_of(self, case: Case, result: str) -> Group:
        """Return the last group that has a result of a configuration (the more special ones stand later)."""
        return next((group for group in reversed(self.groups) if group.has(case, result)), self.groups[0])


@dataclass(frozen=True)
class Texts:
    """What an exercise says in one language.

    Attributes:
        title: 'ReLU, forward and backward'.
        summary: One or two sentences: what is to be written.
        hints: Three: a question, the way, nearly the formula; none of them is code of the solution.
        groups: The groups of configurations in words, by name.
    """

    title: str
    summary: str
    hints: tuple[str, str, str]
    groups: Mapping[str, str] = field(default_factory=dict)
