"""The diagnosis of functions that people wrote.

Every right one passes, and a seeded part of the wrong ones is named as recorded.
"""

from __future__ import annotations

import json
import os
import random

import pytest

from tests.diagnosis.handwritten import OPERATIONS, bugs, correct
from tests.diagnosis.handwritten.report import RECORD, is_named
from tinyseg.diagnosis import diagnose

CAUSES: dict[str, str] = json.loads(RECORD.read_text("utf-8"))
PER_OPERATION = int(os.environ.get("TINYSEG_HANDWRITTEN", "9"))
"""How many bugs of each operation are diagnosed; TINYSEG_HANDWRITTEN=1000 takes all."""


@pytest.mark.parametrize("op", OPERATIONS)
def test_right_implementations_pass_however_they_are_written(op: str) -> None:
    assert len(correct(op)) >= 4
    for right in correct(op):
        found = diagnose(op, right.forward, right.backward)
        assert found.passed, f"{right.name}: {found}"


@pytest.mark.parametrize("op", OPERATIONS)
def test_wrong_implementations_are_named(op: str) -> None:
    known = bugs(op)
    for bug in random.Random(op).sample(known, min(PER_OPERATION, len(known))):
        found = diagnose(op, bug.forward, bug.backward, time_limit=3.0)
        assert found.cause == CAUSES[f"{op}/{bug.name}"], f"{bug.name}: {bug.truth}\n{found}"


def test_the_record_is_whole_and_nearly_all_are_found_and_named() -> None:
    names = {f"{op}/{bug.name}" for op in OPERATIONS for bug in bugs(op)}
    assert set(CAUSES) == names
    assert sum(cause == "none" for cause in CAUSES.values()) <= 3
    assert sum(map(is_named, CAUSES.values())) >= 0.95 * len(CAUSES)
