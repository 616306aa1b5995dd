"""Two mistakes at once: what was seen is the right result and what each of the two changes of it.

Trying all pairs in all configurations would take minutes. In one configuration each mistake is a list of differences;
their sums with random weights are numbers, and pairs of numbers with a given sum are found by sorting. Only those are
looked at in all configurations.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from tinyseg_kernels.types import Array

from .comparison import scale_of
from .explanation import Cause, Predicted, explains, pair
from .observing import Observation

TRIED = 40
"""How many pairs that fit one configuration are looked at in the others."""


class Delta(NamedTuple):
    """A mistake, and what it makes of an output."""

    cause: Cause
    predict: Predicted


def sums_of_two(
    output: str, failing: Sequence[Observation], some: Sequence[Delta], others: Sequence[Delta]
) -> Iterator[tuple[Cause, Cause, Predicted]]:
    """Yield the pairs, one of `some` and one of `others`, that give all that was seen."""
    seen = failing[0]
    right, got = pair(seen.findings[output])
    if right.ndim == 0 or right.size < 3 or not np.isfinite(got).all():
        return
    weights = np.random.default_rng(0).standard_normal(right.size)
    tolerance = 1e-7 * scale_of(right) * float(np.abs(weights).sum())
    left, sums = _weighed(some, seen, right, weights)
    candidates, ranked = _weighed(others, seen, right, weights)
    order = np.argsort(ranked)
    wanted, tried = float((got - right).ravel() @ weights), 0
    for one, value in zip(left, sums, strict=True):
        low, high = np.searchsorted(ranked[order], [wanted - value - tolerance, wanted - value + tolerance])
        for place in order[low:high]:
            tried += 1
            other = candidates[place]
            if tried <= TRIED and _is_all(one, other, output, failing):
                yield one.cause, other.cause, _both(one, other, output)


def _weighed(deltas: Sequence[Delta], seen: Observation, right: Array, weights: Array) -> tuple[list[Delta], Array]:
    """Return the mistakes that change something, and the sum of what each changes, with weights."""
    changes = [(delta, _difference(delta.predict(seen), right)) for delta in deltas]
    known = [(delta, float(change.ravel() @ weights)) for delta, change in changes if change is not None]
    return [delta for delta, _ in known], np.asarray([value for _, value in known])


def _difference(predicted: Any, right: Array) -> Array | None:
    """Return what a mistake changes; None where it changes nothing, or the shape."""
    value = None if predicted is None else np.asarray(predicted, np.float64)
    if value is None or value.shape != right.shape or not np.isfinite(value).all():
        return None
    change: Array = value - right
    return change if np.abs(change).max(initial=0) > 1e-7 * scale_of(right) else None


def _both(one: Delta, two: Delta, output: str) -> Predicted:
    def predict(seen: Observation) -> Any:
        right = np.asarray(seen.findings[output].right, np.float64)
        values = [delta.predict(seen) for delta in (one, two)]
        if any(value is None or np.shape(value) != right.shape for value in values):
            return None
        return np.asarray(values[0], np.float64) + np.asarray(values[1], np.float64) - right

    return predict


def _is_all(one: Delta, two: Delta, output: str, failing: Sequence[Observation]) -> bool:
    predict = _both(one, two, output)
    return all(explains(predict(seen), seen.findings[output]) for seen in failing)
