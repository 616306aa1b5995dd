"""The tests notice planted bugs: a few of them here, all of them by `python -m tests.mutants.run`."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from .planted import MUTANTS, Mutant
from .run import ROOT, Outcome, copied_sources, noted, noticed_in, plant, table, without_bugs

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


def test_a_failure_that_there_is_without_a_bug_proves_nothing(tmp_path: Path) -> None:
    names = ("test_right", "test_wrong", "test_with_words[a b - c]")
    (tmp_path / "test_it.py").write_text(
        "import pytest\n\ndef test_right(): pass\n\ndef test_wrong(): raise OSError\n\n"
        "@pytest.mark.parametrize('x', ['a b - c'])\ndef test_with_words(x): raise OSError\n"
    )
    outcomes = [Outcome(MUTANTS[0], "killed", f"test_it.py::{name}", 1.0) for name in names]
    states = [outcome.state for outcome in without_bugs(tmp_path, outcomes)]
    assert states == ["killed", "undecided", "undecided"]


def test_outcomes_are_taken_up_again(tmp_path: Path) -> None:
    first, second = MUTANTS[:2]
    outcomes = [Outcome(first, "killed", "tests/test_a.py::test_b[c d]", 1.5), Outcome(second, "survived", "", 2.0)]
    notes = tmp_path / "notes"
    notes.write_text(
        "".join(json.dumps({**outcome._asdict(), "mutant": outcome.mutant}) + "\n" for outcome in outcomes)
    )
    assert list(noted(notes, MUTANTS)) == outcomes
    changed = second._replace(after="another mistake")
    assert list(noted(notes, [first, changed])) == outcomes[:1]
    assert list(noted(tmp_path / "missing", MUTANTS)) == []
    written = tmp_path / "table.md"
    written.write_text(table(outcomes))
    assert noticed_in(written) == {first.name: "tests/test_a.py::test_b[c d]"}
