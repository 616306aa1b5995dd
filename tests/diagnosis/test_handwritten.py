"""The diagnosis of functions that people wrote: right ones pass, and wrong ones are named as recorded.

The same part of each operation's every time; TINYSEG_FULL=1 takes all.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.diagnosis.handwritten import OPERATIONS, Bug, bugs, correct, later_bugs, later_correct
from tests.diagnosis.handwritten.report import LATER, RECORD, is_named
from tests.diagnosis.sampling import some
from tinyseg.diagnosis import diagnose

CAUSES: dict[str, str] = json.loads(RECORD.read_text("utf-8"))
CAUSES_OF_LATER: dict[str, str] = json.loads(LATER.read_text("utf-8"))
RIGHT, WRONG, LATER_ONES = 3, 3, 2
"""How many of each operation: right ones of the first corpus, wrong ones of it, and of each in the second."""


@pytest.mark.parametrize("op", OPERATIONS)
def test_right_implementations_pass_however_they_are_written(op: str) -> None:
    assert len(correct(op)) >= 4
    for right in (*some(op, correct(op), RIGHT), *some(op, later_correct(op), LATER_ONES)):
        found = diagnose(op, right.forward, right.backward)
        assert found.passed, f"{right.name}: {found}"


def test_right_implementations_are_many() -> None:
    assert sum(len(correct(op)) + len(later_correct(op)) for op in OPERATIONS) >= 200


@pytest.mark.parametrize("op", OPERATIONS)
def test_wrong_implementations_are_named(op: str) -> None:
    for bug in some(op, bugs(op), WRONG):
        found = diagnose(op, bug.forward, bug.backward, time_limit=3.0)
        assert found.cause == CAUSES[f"{op}/{bug.name}"], f"{bug.name}: {bug.truth}\n{found}"
    for bug in some(op, later_bugs(op), LATER_ONES):
        found = diagnose(op, bug.forward, bug.backward, time_limit=3.0)
        assert found.cause == CAUSES_OF_LATER[f"{op}/{bug.name}"], f"{bug.name}: {bug.truth}\n{found}"


@pytest.mark.parametrize(("causes", "known"), [(CAUSES, bugs), (CAUSES_OF_LATER, later_bugs)], ids=["first", "later"])
def test_the_record_is_whole_and_nearly_all_are_found_and_named(
    causes: dict[str, str], known: Callable[[str], list[Bug]]
) -> None:
    assert set(causes) == {f"{op}/{bug.name}" for op in OPERATIONS for bug in known(op)}
    assert sum(cause == "none" for cause in causes.values()) <= 3
    assert sum(map(is_named, causes.values())) >= 0.95 * len(causes)
