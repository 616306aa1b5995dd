"""Diagnose every handwritten implementation: `python -m tests.diagnosis.handwritten.report [operation ...] [--record]`.

Prints each bug with its cause and, at the end, how many were found and named. `--record` writes the causes to
`causes.json`, which the tests hold the diagnosis to.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tinyseg.diagnosis import diagnose

from . import OPERATIONS, bugs, correct

RECORD = Path(__file__).with_name("causes.json")
UNNAMED = ("unknown", "not-finite", "wrong-shape")


def is_named(cause: str) -> bool:
    """Whether a cause says why, not only when and where."""
    return cause not in UNNAMED and not cause.endswith("-mishandled")


def main(arguments: list[str]) -> None:
    """Run over the operations."""
    chosen = [name for name in arguments if not name.startswith("--")] or sorted(OPERATIONS)
    recorded = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}
    total = found = named = wrongly_blamed = 0
    for op in chosen:
        for right in correct(op):
            diagnosis = diagnose(op, right.forward, right.backward)
            if not diagnosis.passed:
                wrongly_blamed += 1
                print(f"{op}/{right.name}: right, but blamed for {diagnosis.cause}")
        for bug in bugs(op):
            diagnosis = diagnose(op, bug.forward, bug.backward, time_limit=3.0)
            total, found = total + 1, found + (not diagnosis.passed)
            named += not diagnosis.passed and is_named(diagnosis.cause)
            recorded[f"{op}/{bug.name}"] = diagnosis.cause
            print(f"{op}/{bug.name}: {diagnosis.cause} [{diagnosis.where}]\n    {bug.truth}")
    print(f"{total} bugs: {found} found, {named} named; {wrongly_blamed} right implementations blamed")
    if "--record" in arguments:
        RECORD.write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
