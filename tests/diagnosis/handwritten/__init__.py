"""Implementations as learners write them.

Nearly 1000 are wrong, each with a sentence that says what is wrong, and 174 are right, in many styles. They were
written from the contracts alone, by people who did not know which mistakes the diagnosis knows. One file per operation;
the code is meant to be as various as learners' code is, so it is not linted.
`python -m tests.diagnosis.handwritten.report [operation ...]` diagnoses them all and prints what was named.

`later` holds a second corpus, of 370 wrong ones and 100 right ones of sixteen operations, written when the diagnosis
named 95 % of the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from tinyseg.diagnosis import OPERATIONS


@dataclass(frozen=True)
class Bug:
    """A wrong implementation; a function that is None is not handed in. `truth` says what is wrong."""

    name: str
    forward: Callable[..., Any] | None
    backward: Callable[..., Any] | None
    truth: str


@dataclass(frozen=True)
class Correct:
    """A right implementation."""

    name: str
    forward: Callable[..., Any] | None
    backward: Callable[..., Any] | None


def bugs(op: str) -> list[Bug]:
    """Return the wrong implementations of an operation."""
    found: list[Bug] = import_module(f"{__name__}.{op}").BUGS
    return found


def later_bugs(op: str) -> list[Bug]:
    """Return the wrong implementations of the second corpus."""
    return _later(op, "BUGS")


def later_correct(op: str) -> list[Correct]:
    """Return the right implementations of the second corpus."""
    return _later(op, "CORRECT")


def _later(op: str, name: str) -> list[Any]:
    there = Path(__file__).with_name("later") / f"{op}.py"
    return getattr(import_module(f"{__name__}.later.{op}"), name) if there.exists() else []


def correct(op: str) -> list[Correct]:
    """Return the right implementations of an operation."""
    found: list[Correct] = import_module(f"{__name__}.{op}").CORRECT
    return found


__all__ = ["OPERATIONS", "Bug", "Correct", "bugs", "correct", "later_bugs", "later_correct"]
