"""What is shown of a check, and what never is: the numbers of the configurations that decide."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tinyseg.diagnosis.case import Case
from tinyseg.diagnosis.comparison import Finding, compare
from tinyseg.diagnosis.observing import Observation
from tinyseg.diagnosis.operations.convolution import Conv2D
from tinyseg.exercises import exercise, names
from tinyseg.exercises.checking import check_functions, check_source
from tinyseg.exercises.languages import texts_of
from tinyseg.exercises.outcome import Outcome
from tinyseg.exercises.rendering import as_json, parts, plain
from tinyseg.exercises.showing import _map, for_paper, shown_of

from .learner import ENGLISH, HALF, RIGHT, UNSEEN, WRONG


def told(outcome: Outcome) -> str:
    """Return everything that a learner or a program gets to see."""
    shown, texts = shown_of(outcome), texts_of(outcome.exercise)
    return plain(parts(outcome, shown, texts, ENGLISH)) + json.dumps(as_json(outcome, shown, None))


def hidden_numbers(outcome: Outcome) -> set[str]:
    """Return the numbers of configurations that are not for paper, as they would be printed."""
    found: set[str] = set()
    paper = {id(seen) for seen in for_paper(outcome.observations)}
    for seen in outcome.observations:
        if id(seen) not in paper:
            arrays = [*seen.case.arrays.values(), *seen.right.values(), seen.case.dy]
            values = np.concatenate([np.ravel(a).astype(float) for a in arrays if a is not None])
            found |= {f"{abs(v):.{d}g}" for v in values[np.isfinite(values)] for d in (4, 5, 6) if v != round(v)}
    return {text for text in found if len(text) > 5}


def test_the_example_is_one_for_paper() -> None:
    shown = shown_of(check_source(exercise("relu"), WRONG))
    example = shown.example
    assert example is not None
    assert list(example.inputs) == ["x", "dy"]
    assert all(np.array_equal(array, np.round(array)) for array in example.inputs.values())
    assert example.result is not None
    assert example.result.name == "dx"
    x, dy = example.inputs["x"], example.inputs["dy"]
    assert np.array_equal(example.result.right, np.where(x > 0, dy, 0))
    assert np.array_equal(example.result.got, np.where(dy > 0, dy, 0))
    assert np.array_equal(example.result.wrong, example.result.right != example.result.got)


def test_what_is_wrong_in_large_cases_only_is_told_by_its_shape() -> None:
    outcome = check_source(exercise("relu"), UNSEEN)
    assert not outcome.passed
    shown = shown_of(outcome)
    assert shown.example is None
    assert shown.label.startswith("x (2, 3, 4, 3)")
    assert shown.label in told(outcome)


@pytest.mark.parametrize("source", [WRONG, UNSEEN, HALF, WRONG.replace("maximum(x, 0)", "tanh(x)")])
def test_numbers_that_decide_are_never_told(source: str) -> None:
    outcome = check_source(exercise("relu"), source)
    numbers = hidden_numbers(outcome)
    assert len(numbers) > 100
    text = told(outcome)
    assert not [number for number in numbers if number in text]


SWEEP = "TINYSEG_ALL_EXERCISES" in os.environ
"""Whether all exercises and mistakes are gone through, not a sample."""


@pytest.mark.parametrize("name", names() if SWEEP else random.Random(0).sample(names(), min(len(names()), 6)))
def test_numbers_that_decide_are_never_told_of_a_planted_bug(name: str) -> None:
    of = exercise(name)
    for mistake in of.mistakes if SWEEP else of.mistakes[:1]:
        outcome = check_source(of, of.solution.replace(mistake.before, mistake.after))
        text = told(outcome)
        by_hand = "".join(
            f"{abs(v):.{d}g} "
            for seen in for_paper(outcome.observations)
            for a in [*seen.right.values(), *(f.got for f in seen.findings.values()), *seen.case.arrays.values()]
            if a is not None and np.asarray(a).dtype.kind in "fiub"
            for v in np.ravel(a).astype(float)
            for d in (4, 7, 12)
        )
        found = {number for number in hidden_numbers(outcome) if number in text and number not in by_hand}
        assert not found, mistake.name


def test_an_operation_without_cases_for_paper_lends_its_smallest() -> None:
    outcome = check_functions(exercise("relu"), lambda x: (np.maximum(x, 0), x), lambda dy, x: dy)
    assert all(seen.case.by_hand for seen in for_paper(outcome.observations))
    others = [
        Observation(replace(seen.case, by_hand=False), seen.right, seen.findings) for seen in outcome.observations
    ]
    lent = for_paper(others)
    assert [seen.case.arrays["x"].shape for seen in lent] == [(1, 4), (2, 3), (1, 2, 2, 1)]


def test_nothing_is_shown_of_a_right_answer() -> None:
    shown = shown_of(check_source(exercise("relu"), RIGHT))
    assert (shown.example, shown.label, shown.map) == (None, "", None)


def test_an_exception_is_shown_with_what_was_given() -> None:
    shown = shown_of(check_source(exercise("relu"), WRONG.replace("return dy", "return dy[7, 7]")))
    assert shown.example is not None
    assert list(shown.example.inputs) == ["x", "dy"]
    assert shown.example.result is None


def seen_with(case: Case, change: Callable[[Any], Any]) -> Observation:
    right = np.zeros(case.arrays["x"].shape)
    got = right.copy()
    change(got)
    return Observation(case, {"dx": right}, {"dx": compare(right, got)})


def test_the_map_is_of_height_and_width() -> None:
    def border(array: Any) -> None:
        array[:, 0] = 1
        array[1, 2, 3, 1] = 1

    case = Case({"x": np.zeros((2, 4, 5, 2)), "kernel": np.zeros((1, 1, 2, 1)), "bias": np.zeros(1)})
    found = _map(Conv2D(), [seen_with(case, border)], "dx")
    assert found is not None
    assert found.axes == ("H", "W")
    assert found.others == ("N", "C")
    assert np.array_equal(found.every, np.arange(4)[:, None] * np.ones(5) == 0)
    assert np.array_equal(found.some, found.every | ((np.arange(4)[:, None] == 2) & (np.arange(5) == 3)))


def test_there_is_no_map_that_says_nothing() -> None:
    everywhere, tiny = Case({"x": np.zeros((1, 6, 5, 1))}), Case({"x": np.zeros((1, 2, 2, 1))})

    def all_of_it(array: Any) -> None:
        array += 1

    def corner(array: Any) -> None:
        array[0, 0, 0, 0] = 1

    assert _map(Conv2D(), [seen_with(everywhere, all_of_it)], "dx") is None
    assert _map(Conv2D(), [seen_with(tiny, corner)], "dx") is None
    other_shape = Observation(everywhere, {}, {"dx": compare(np.zeros((1, 6, 5, 1)), np.zeros((1, 5, 6, 1)))})
    assert _map(Conv2D(), [other_shape], "dx") is None
    assert isinstance(other_shape.findings["dx"], Finding)


def test_the_outcome_of_functions_has_observations() -> None:
    outcome = check_functions(exercise("relu"), lambda x: (np.maximum(x, 0), x), lambda dy, x: dy)
    assert len(outcome.observations) == len(exercise("relu").operation().cases())
