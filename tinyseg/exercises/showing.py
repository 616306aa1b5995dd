"""What of a check may be shown: a case in small integers that goes wrong, and where a larger one goes wrong.

The numbers of the configurations that decide stay hidden: of those only shapes, options and places are told. An
operation that has no case for paper lends its smallest ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.diagnosis.comparison import COMPARABLE, Kind
from tinyseg.diagnosis.observing import Observation
from tinyseg.diagnosis.operation import Operation

from .outcome import Outcome

MAP_ROWS, MAP_COLUMNS = 24, 36
"""The largest map that is drawn in characters."""
SMALL = 8
"""Numbers in all inputs up to which a case can be followed by hand."""
MAP_PLACES = 12
"""Of fewer places one sees no pattern."""


@dataclass(frozen=True)
class Result:
    """A wrong result of a case, beside the right one.

    Attributes:
        name: 'dx'.
        right: The right numbers.
        got: What the learner's function gave; of the same shape or not.
        wrong: Where they differ; None where the shapes differ.
        axes: Names of its axes, as far as they are known: ('N', 'H', 'W', 'C').
    """

    name: str
    right: Array
    got: Array
    wrong: Array | None
    axes: tuple[str, ...]


@dataclass(frozen=True)
class Example:
    """A case that goes wrong and can be followed on paper.

    Attributes:
        inputs: What the functions were given, by name; dy too, if it is about a gradient.
        options: Such as strides.
        axes: Names of the axes of the inputs, as far as they are known.
        result: What came out; None when nothing did, because of an exception for instance.
    """

    inputs: Mapping[str, Array]
    options: Mapping[str, Any]
    axes: Mapping[str, tuple[str, ...]]
    result: Result | None


@dataclass(frozen=True)
class WrongMap:
    """Where a result of a larger case is wrong, seen from above: over two axes, for all entries of the others together.

    Attributes:
        result: 'dx'.
        label: The case: shapes and options.
        some: Where it is wrong for at least one entry of the other axes.
        every: Where it is wrong for all of them.
        axes: Names of the two axes: ('H', 'W').
        others: Names of the others.
    """

    result: str
    label: str
    some: Array
    every: Array
    axes: tuple[str, str]
    others: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """All that may be shown.

    Attributes:
        example: None where nothing goes wrong on paper, or nothing was run.
        label: Shapes and options of the smallest case that goes wrong, when there is no example.
        map: None where it would say nothing: all is wrong, or the result has no two axes.
    """

    example: Example | None = None
    label: str = ""
    map: WrongMap | None = None


def shown_of(outcome: Outcome) -> Shown:
    """Choose what to show of the outcome of a check."""
    if outcome.passed or outcome.refused or not outcome.observations:
        return Shown()
    operation = outcome.exercise.operation()
    name = _result_in_question(outcome, operation)
    paper = {id(seen) for seen in for_paper(outcome.observations)}
    if name is None:
        failing = [seen for seen in outcome.observations if not seen.is_right]
        example = next((_example(operation, seen, None) for seen in failing if id(seen) in paper), None)
        return Shown(example, failing[0].case.label if failing and example is None else "")
    failing = [seen for seen in outcome.observations if _is_wrong(seen, name)]
    by_hand = sorted((seen for seen in failing if id(seen) in paper), key=_size)
    # Numbers that differ in digits that nobody prints show nothing; and of several numbers one sees which are wrong.
    telling = [seen for seen in by_hand if _differs_visibly(seen, name)] or by_hand
    chosen = next((seen for seen in telling if np.size(seen.findings[name].right) > 1), (*telling, None)[0])
    example = None if chosen is None else _example(operation, chosen, name)
    larger = [seen for seen in failing if chosen is None or _size(seen) > _size(chosen)]
    return Shown(example, "" if example else failing[0].case.label, _map(operation, larger, name))


def for_paper(observations: Sequence[Observation]) -> list[Observation]:
    """Return those whose numbers may be shown: cases by hand, or the smallest where an operation has none of these."""
    by_hand = [seen for seen in observations if seen.case.by_hand]
    return by_hand or [seen for seen in observations if _size(seen) <= SMALL]


def _result_in_question(outcome: Outcome, operation: Operation) -> str | None:
    """Return the wrong result that the diagnosis is about; None where it is not about numbers."""
    names = (*operation.results, *operation.gradients)
    wrong = [name for name in names if any(_is_wrong(seen, name) for seen in outcome.observations)]
    said = outcome.diagnosis.where.partition(":")[0].partition(",")[0]
    if said in ("forward", "backward"):  # an exception, a time-out: not about a result
        return None
    return said if said in wrong else next(iter(wrong), None)


def _is_wrong(seen: Observation, name: str) -> bool:
    return name in seen.findings and seen.findings[name].kind in COMPARABLE


def _size(seen: Observation) -> int:
    return sum(int(np.size(array)) for array in seen.case.arrays.values())


def _differs_visibly(seen: Observation, name: str) -> bool:
    found = seen.findings[name]
    if found.kind is Kind.SHAPE:
        return True
    with np.errstate(all="ignore"):
        distance = np.abs(np.asarray(found.got, np.float64) - found.right)
    return bool((~(distance <= 1e-3 * np.maximum(1.0, np.abs(found.right)))).any())


def _example(operation: Operation, seen: Observation, name: str | None) -> Example:
    case = seen.case
    inputs = {key: np.asarray(array) for key, array in case.arrays.items()}
    about_gradients = name in operation.gradients if name else _raised_in_backward(seen)
    if about_gradients and case.dy is not None:
        inputs["dy"] = np.asarray(case.dy)
    axes = operation.input_changes()
    return Example(inputs, case.options, axes, _result(seen, name, axes) if name else None)


def _raised_in_backward(seen: Observation) -> bool:
    return bool(seen.raised is not None and seen.raised.function == "backward")


def _result(seen: Observation, name: str, axes: Mapping[str, tuple[str, ...]]) -> Result:
    found = seen.findings[name]
    right, got = np.asarray(found.right), np.asarray(found.got)
    wrong = found.wrong if got.shape == right.shape else None
    return Result(name, right, got, wrong, axes_of(name, right.ndim, axes))


def axes_of(name: str, rank: int, axes: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return names of the axes of an input or a result, '' where they have none: those of dx are those of x."""
    known = axes.get("dy" if name == "y" else name) or axes.get(name.removeprefix("d"), ())
    return tuple(known) if len(known) == rank else ("",) * rank


def plane(rank: int, axes: tuple[str, ...]) -> tuple[int, int]:
    """Return the two axes that are drawn as rows and columns: those of height and width, or the last two."""
    for height, width in (("H", "W"), ("KH", "KW")):
        if height in axes and width in axes:
            return axes.index(height), axes.index(width)
    return (1, 2) if rank == 4 else (rank - 2, rank - 1)


def _map(operation: Operation, failing: Sequence[Observation], name: str) -> WrongMap | None:
    """Draw the largest case whose map fits; where no place is right, a map says nothing."""
    best: WrongMap | None = None
    for seen in failing:
        found = seen.findings[name]
        rank = np.ndim(found.right)
        axes = axes_of(name, rank, operation.input_changes())
        if found.kind is Kind.SHAPE or rank < 2 or not all(axes):  # a pattern on axes without a meaning says nothing
            continue
        wrong = found.wrong
        rows, columns = plane(rank, axes)
        others = tuple(k for k in range(rank) if k not in (rows, columns))
        some, every = np.asarray(wrong.any(axis=others)), np.asarray(wrong.all(axis=others))
        fits = some.shape[0] <= MAP_ROWS and some.shape[1] <= MAP_COLUMNS and some.size >= MAP_PLACES
        if not fits or min(some.shape) < 2 or some.all():
            continue
        if best is None or some.size > best.some.size:
            named = tuple(axes[k] for k in others)
            best = WrongMap(name, seen.case.label, some, every, (axes[rows], axes[columns]), named)
    return best
