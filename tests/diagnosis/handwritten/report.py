"""Diagnose every handwritten implementation.

`python -m tests.diagnosis.handwritten.report [operation ...] [--later] [--whole] [--record]` prints each bug with its
cause and, at the end, how many were found and named, and how long a diagnosis takes. `--later` takes the second corpus,
`--whole` prints the whole messages, `--record` writes the causes to `causes.json` (`causes_later.json`), which the
tests hold the diagnosis to.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

from tinyseg.diagnosis import Diagnosis, diagnose

from . import OPERATIONS, Bug, Correct, bugs, correct, later_bugs, later_correct

RECORD = Path(__file__).with_name("causes.json")
LATER = Path(__file__).with_name("causes_later.json")
UNNAMED = ("unknown", "not-finite", "wrong-shape")


def is_named(cause: str) -> bool:
    """Whether a cause says why, not only when and where."""
    return cause not in UNNAMED and not cause.endswith("-mishandled")


def timed(op: str, one: Bug | Correct) -> tuple[Diagnosis, float]:
    """Diagnose, and return the seconds of this process that it took."""
    began = time.process_time()
    found = diagnose(op, one.forward, one.backward, time_limit=3.0)
    return found, time.process_time() - began


def main(arguments: list[str]) -> None:
    """Run over the operations."""
    chosen = [name for name in arguments if not name.startswith("--")] or sorted(OPERATIONS)
    wrong, right, record = (later_bugs, later_correct, LATER) if "--later" in arguments else (bugs, correct, RECORD)
    recorded = json.loads(record.read_text("utf-8")) if record.exists() else {}
    blamed = right_ones = 0
    causes: list[str] = []
    seconds: list[float] = []
    for op in chosen:
        for one in right(op):
            diagnosis, took = timed(op, one)
            right_ones, blamed = right_ones + 1, blamed + (not diagnosis.passed)
            seconds.append(took)
            if not diagnosis.passed:
                print(f"{op}/{one.name}: right, but blamed for {diagnosis.cause}")
        for bug in wrong(op):
            diagnosis, took = timed(op, bug)
            causes.append(diagnosis.cause)
            seconds.append(took)
            recorded[f"{op}/{bug.name}"] = diagnosis.cause
            said = f"\n{diagnosis}\n" if "--whole" in arguments else ""
            print(f"{op}/{bug.name}: {diagnosis.cause} [{diagnosis.where}]\n    {bug.truth}{said}")
    found = [cause for cause in causes if cause != "none"]
    print(
        f"{len(causes)} bugs: {len(found)} found, {sum(map(is_named, found))} named; {blamed} of {right_ones} right "
        f"implementations blamed; median {statistics.median(seconds):.2f} s, worst {max(seconds):.1f} s"
    )
    if "--record" in arguments:
        record.write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
