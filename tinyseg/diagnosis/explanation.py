"""A cause, and what it makes of any configuration: so that it can be held against all that was seen, and more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from tinyseg_kernels.types import Array

from .comparison import Finding, agrees, looseness, looseness_of
from .generic import factor_names
from .observing import Observation

Predicted = Callable[[Observation], Any]
"""What a cause makes of an output in one configuration; None where it says nothing."""


class Factor(NamedTuple):
    """A number that results are multiplied by, as people write it ('1 / N'), and whether it only turns the sign.

    `number` is its value where it is not made of sizes.
    """

    words: str
    number: float = float("nan")
    is_sign: bool = False

    def value(self, symbols: Mapping[str, float]) -> float:
        """Return its value for sizes of a case; NaN when it is not made of them."""
        if np.isfinite(self.number):
            return self.number
        return dict(factor_names(symbols)).get(self.words, float("nan"))


class Cause(NamedTuple):
    """A mistake by name, with what is to be added in brackets."""

    name: str
    detail: str = ""


class Explanation(NamedTuple):
    """A cause and how well it explains what was seen."""

    cause: str
    predict: Predicted
    detail: str = ""
    explained: int = 0
    of: int = 0
    elsewhere_right: bool = True
    """Whether it also predicts the right result where the right result was seen. If not, the mistake is made only under
    some condition."""
    factor: Factor | None = None
    second: Cause | None = None
    """Another mistake that is made as well."""
    generic: bool = False
    """Whether it is one that any operation can have, and so says less."""
    exact: bool = True
    """Whether it gives the very numbers, where others are as good."""
    others_wrong: bool = False
    """Whether it makes other results wrong too, which are right."""
    beyond: bool = False
    """Whether it makes other results wrong too, which were not seen."""

    @property
    def is_full(self) -> bool:
        """Whether every wrong result is exactly what it predicts."""
        return self.explained == self.of

    @property
    def is_whole(self) -> bool:
        """Whether it is a mistake of the operation that gives all that was seen, right results included."""
        return self.is_full and self.elsewhere_right and not self.generic and self.factor is None

    def holds(self, output: str, seen: Sequence[Observation]) -> bool:
        """Whether it gives the wrong numbers that were seen, in each of these observations where some were."""
        wrong = [o for o in seen if output in o.findings and not o.findings[output].is_right]
        return all(explains(self.predict(o), o.findings[output]) for o in wrong)


def explains(predicted: object, found: Finding) -> bool:
    """Whether a prediction is what was seen: far nearer to it than the right result is."""
    if found.same is not None and predicted is not None:
        return found.same(predicted)
    if not agrees(predicted, found.got, looseness_of(found)):
        return False
    got, right = np.asarray(found.got, np.float64), np.asarray(found.right, np.float64)
    finite = np.isfinite(got)
    if got.size and not finite.any():
        return True  # the caller sees to it that some number agrees somewhere
    if got.shape != right.shape or not finite.all():
        return True
    with np.errstate(all="ignore"):
        near = np.abs(np.asarray(predicted, np.float64) - got).max(initial=0)
        far = np.abs(right - got).max(initial=0)
    return bool(near <= 0.02 * far)


def is_right(predicted: object, found: Finding) -> bool:
    """Whether a prediction is the right result, or there is none."""
    if predicted is None or (found.same is not None and found.is_right and found.same(predicted)):
        return True
    if np.ndim(found.right) == 0 and np.asarray(predicted).size == 1:  # (1,) is as good as a number
        predicted = np.asarray(predicted).reshape(())
    return agrees(predicted, found.right, looseness(found.right))


def pair(found: Finding) -> tuple[Array, Array]:
    """Return what is right and what came, as float64; NaN in the place of another shape."""
    right, got = np.asarray(found.right, np.float64), np.asarray(found.got, np.float64)
    return (right, got) if right.shape == got.shape else (right, np.full(right.shape, np.nan))
