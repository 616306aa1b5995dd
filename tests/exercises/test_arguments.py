"""An exercise asks for all of its arguments: what a function does not take counts as wrong."""

from __future__ import annotations

import re

import pytest

from tinyseg.exercises import exercise, names
from tinyseg.exercises.proving import run_text


def test_an_argument_that_is_missing_costs_the_points_of_what_it_is_for() -> None:
    of = exercise("threshold")
    assert run_text(of, of.solution).points == 10
    without = of.solution.replace(", invert=False", "").replace("invert", "False")
    outcome = run_text(of, without)
    assert outcome.diagnosis.cause == "argument-missing"
    assert "'invert'" in outcome.diagnosis.message
    assert outcome.groups["brighter"].earned == 4
    assert outcome.groups["inverted"].earned == 0
    assert not outcome.passed


def test_an_argument_that_every_configuration_has_costs_all() -> None:
    of = exercise("adam")
    outcome = run_text(of, of.solution.replace("beta_2", "second"))
    assert (outcome.diagnosis.cause, outcome.points) == ("argument-missing", 0)
    assert all(group.of for group in outcome.groups.values())


@pytest.mark.parametrize("name", [name for name in names() if exercise(name).kind == "functions"])
def test_stub_and_solution_take_the_same_arguments(name: str) -> None:
    of = exercise(name)
    for function in of.functions:
        first = re.compile(rf"def {function}\((.*?)\)\s*(?:->.*?)?:", re.DOTALL)
        stub, solution = first.search(of.stub), first.search(of.solution)
        assert stub is not None
        assert solution is not None
        options = [set(re.findall(r"(\w+)(?:=\S+)?(?:,|$)", found[1].partition("*,")[2])) for found in (stub, solution)]
        assert options[0] == options[1]
