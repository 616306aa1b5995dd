"""How far two results are apart, and a log of it over a whole run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def relative_error(actual: Any, expected: Any) -> float:
    """Return the largest difference of two arrays, relative to the largest number of the expected one.

    One scale for the whole array: a number that is small beside its neighbours is allowed an error in proportion to
    them, since that is the size of the terms it was summed from. Different shapes are a mistake, never broadcast. Empty
    arrays have no error; NaN equals nothing.
    """
    actual, expected = np.asarray(actual), np.asarray(expected)
    if actual.shape != expected.shape:
        raise AssertionError(f"expected shape {expected.shape}, got shape {actual.shape}")
    if expected.size == 0:
        return 0.0
    wide, reference = actual.astype(np.float64), expected.astype(np.float64)
    error = float(np.max(np.abs(wide - reference)) / max(float(np.max(np.abs(reference))), 1e-12))
    return error if np.isfinite(error) else np.inf


class ErrorLog:
    """For each kind of comparison: how many there were, and the worst error."""

    def __init__(self) -> None:
        self.entries: dict[str, tuple[int, float]] = {}

    def __call__(self, kind: str, value: float) -> None:
        """Note one comparison."""
        self.merge({kind: (1, float(value))})

    def merge(self, entries: Mapping[str, tuple[int, float]]) -> None:
        """Take in the entries of another log."""
        for kind, (count, worst) in entries.items():
            total, so_far = self.entries.get(kind, (0, 0.0))
            self.entries[kind] = (total + count, max(so_far, worst))

    def as_dict(self) -> dict[str, tuple[int, float]]:
        """Return the entries as plain values, which travel between processes."""
        return dict(self.entries)

    def lines(self) -> list[str]:
        """Return one line of text for each kind."""
        return [
            f"checks: {kind}: {count:,} comparisons, worst relative error {worst:.1e}"
            for kind, (count, worst) in sorted(self.entries.items())
        ]
