"""The tests notice planted bugs: a few of them here, all of them by `python -m tests.mutants.run`."""

from __future__ import annotations

import random

import pytest

from .planted import MUTANTS, Mutant
from .run import ROOT, copied_sources, plant

QUICK = [mutant for mutant in MUTANTS if mutant.tests.startswith("tests/kernels") or mutant.tests == "tests/optimizers"]
"""Those whose tests take seconds, also when nothing fails."""


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_changes_what_stands_in_the_source(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text("utf-8").count(mutant.before) == 1
    assert mutant.before != mutant.after
    assert all((ROOT / path).exists() for path in mutant.tests.split())


def test_names_are_unique() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 250


@pytest.mark.parametrize("mutant", random.Random(8).sample(QUICK, 3), ids=lambda mutant: mutant.name)
def test_a_planted_bug_is_noticed(mutant: Mutant) -> None:
    with copied_sources() as folder:
        outcome = plant(folder, mutant)
    assert outcome.state == "killed", outcome
