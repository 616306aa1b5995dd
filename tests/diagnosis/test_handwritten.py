"""The diagnosis of functions that people wrote.

Every right one passes, and a seeded part of the wrong ones is named as recorded.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable

import pytest

from tests.diagnosis.handwritten import OPERATIONS, Bug, bugs, correct, later_bugs, later_correct
from tests.diagnosis.handwritten.report import LATER, RECORD, is_named
from tinyseg.diagnosis import diagnose

CAUSES: dict[str, str] = json.loads(RECORD.read_text("utf-8"))
CAUSES_OF_LATER: dict[str, str] = json.loads(LATER.read_text("utf-8"))
PER_OPERATION = int(os.environ.get("TINYSEG_HANDWRITTEN", "6"))
"""How many bugs of each operation are diagnosed; TINYSEG_HANDWRITTEN=1000 takes all."""


@pytest.mark.parametrize("op", OPERATIONS)
def test_right_implementations_pass_however_they_are_written(op: str) -> None:
    assert len(correct(op)) >= 4
    for right in (*correct(op), *later_correct(op)):
        found = diagnose(op, right.forward, right.backward)
        assert found.passed, f"{right.name}: {found}"


def test_right_implementations_are_many() -> None:
    assert sum(len(correct(op)) + len(later_correct(op)) for op in OPERATIONS) >= 200


def some(op: str, known: list[Bug], most: int) -> list[Bug]:
    return random.Random(op).sample(known, min(most, len(known)))


@pytest.mark.parametrize("op", OPERATIONS)
def test_wrong_implementations_are_named(op: str) -> None:
    for bug in some(op, bugs(op), PER_OPERATION):
        found = diagnose(op, bug.forward, bug.backward, time_limit=3.0)
        assert found.cause == CAUSES[f"{op}/{bug.name}"], f"{bug.name}: {bug.truth}\n{found}"
    for bug in some(op, later_bugs(op), PER_OPERATION // 3):
        found = diagnose(op, bug.forward, bug.backward, time_limit=3.0)
        assert found.cause == CAUSES_OF_LATER[f"{op}/{bug.name}"], f"{bug.name}: {bug.truth}\n{found}"


@pytest.mark.parametrize(("causes", "known"), [(CAUSES, bugs), (CAUSES_OF_LATER, later_bugs)], ids=["first", "later"])
def test_the_record_is_whole_and_nearly_all_are_found_and_named(
    causes: dict[str, str], known: Callable[[str], list[Bug]]
) -> None:
    assert set(causes) == {f"{op}/{bug.name}" for op in OPERATIONS for bug in known(op)}
    assert sum(cause == "none" for cause in causes.values()) <= 3
    assert sum(map(is_named, causes.values())) >= 0.95 * len(causes)
