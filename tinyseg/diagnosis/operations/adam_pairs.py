"""adam: two mistakes at once, one in each of two parts of the update."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from tinyseg_kernels.types import Array

from ..case import Case, Outputs
from ..operation import Hypothesis

if TYPE_CHECKING:
    from .adam import Adam, Step


class Part(NamedTuple):
    """One part of the update that is wrong: which, the cause, and what stands in its place."""

    name: str
    cause: str
    change: Callable[[Step], Any]
    detail: str = ""


PARTS: tuple[Part, ...] = (
    Part("c1", "bias-correction-of-m-missing", lambda s: 1.0),
    Part("c2", "bias-correction-of-v-missing", lambda s: 1.0),
    Part("c1", "step-one-off", lambda s: 1 - s.b1 ** (s.t + 1), "in the correction of m"),
    Part("c2", "step-one-off", lambda s: 1 - s.b2 ** (s.t + 1), "in the correction of v"),
    Part("c1", "step-one-off", lambda s: 1 - s.b1 ** max(s.t - 1, 1), "in the correction of m"),
    Part("c2", "step-one-off", lambda s: 1 - s.b2 ** max(s.t - 1, 1), "in the correction of v"),
    Part("c1", "power-missing-in-the-correction", lambda s: 1 - s.b1, "of m"),
    Part("c2", "power-missing-in-the-correction", lambda s: 1 - s.b2, "of v"),
    Part("c1", "beta-ignored", lambda s: 1 - 0.9**s.t, "beta_1: 0.9 is used, in the correction"),
    Part("c2", "beta-ignored", lambda s: 1 - 0.999**s.t, "beta_2: 0.999 is used, in the correction"),
    Part("c1", "one-beta-in-both-corrections", lambda s: 1 - s.b2**s.t),
    Part("c2", "one-beta-in-both-corrections", lambda s: 1 - s.b1**s.t),
    Part("m", "gradient-instead-of-m", lambda s: s.g),
    Part("m", "old-moments-used", lambda s: s.m0, "m"),
    Part("v", "old-moments-used", lambda s: s.v0, "v"),
    Part("m", "new-gradient-not-weighted", lambda s: s.b1 * s.m0 + s.g, "m"),
    Part("v", "new-gradient-not-weighted", lambda s: s.b2 * s.v0 + s.g**2, "v"),
    Part("m", "decay-the-wrong-way-round", lambda s: (1 - s.b1) * s.m0 + s.b1 * s.g, "m"),
    Part("v", "decay-the-wrong-way-round", lambda s: (1 - s.b2) * s.v0 + s.b2 * s.g**2, "v"),
    Part("v", "square-of-m-instead-of-gradient", lambda s: s.b2 * s.v0 + (1 - s.b2) * s.m**2, "v"),
    Part("e", "epsilon-missing", lambda s: 0.0),
    Part("e", "epsilon-ignored", lambda s: 1e-8, "a constant of about 1e-8 or less is used"),
    Part("e", "epsilon-ignored", lambda s: 1e-7, "1e-07 is used"),
    Part("place", "epsilon-inside-the-root", lambda s: "inside"),
    Part("place", "root-missing", lambda s: "no root"),
    Part("sign", "step-added", lambda s: -1.0),
    Part("rate", "learning-rate-missing", lambda s: 1.0),
    Part("rate", "learning-rate-squared", lambda s: s.rate**2),
    Part("rate", "learning-rate-decays", lambda s: s.rate / s.t**0.5),
)


def one_correction_mistakes(adam: Adam) -> Iterator[Hypothesis]:
    """A correction that is wrong alone, in ways that both are seldom wrong in."""
    for part in PARTS:
        if part.cause in ("step-one-off", "beta-ignored"):
            for keras in (True, False):
                yield Hypothesis(part.cause, _with(adam, keras, part), part.detail)
    for keras in (True, False):
        both = [part for part in PARTS if part.cause == "beta-ignored"]
        yield Hypothesis("beta-ignored", _with(adam, keras, *both), "0.9 and 0.999 are used, in the corrections")
        squared = Part("place", "epsilon-inside-the-root", lambda s: "squared")
        yield Hypothesis(squared.cause, _with(adam, keras, squared), "and squared")


def two_mistakes(adam: Adam) -> Iterator[tuple[Hypothesis, tuple[str, str]]]:
    """Yield wrong updates of two wrong parts, each with what is wrong with the second."""
    for keras in (True, False):
        for one, other in itertools.combinations(PARTS, 2):
            if one.name != other.name:
                yield (
                    Hypothesis(one.cause, _with(adam, keras, one, other), one.detail),
                    (other.cause, other.detail),
                )


def _with(adam: Adam, keras: bool, *wrong: Part) -> Callable[[Case], Outputs]:
    def predict(case: Case) -> Outputs:
        s = adam.parts(case)
        changed = {part.name: part.change(s) for part in wrong}
        return {"parameter": _updated(s, keras, **changed)}

    return predict


def _updated(
    s: Step,
    keras: bool,
    *,
    m: Array | None = None,
    v: Array | None = None,
    c1: float | None = None,
    c2: float | None = None,
    e: float | None = None,
    rate: float | None = None,
    sign: float = 1.0,
    place: str = "",
) -> Array:
    """Return the new parameter, with parts replaced; `place` says what is wrong with the divisor."""
    m, v = s.m if m is None else m, s.v if v is None else v
    c1 = 1 - s.b1**s.t if c1 is None else c1
    c2 = 1 - s.b2**s.t if c2 is None else c2
    e, rate = s.e if e is None else e, s.rate if rate is None else rate
    square = v if keras else v / c2
    scale = rate * (np.sqrt(c2) if keras else 1.0) / c1
    if place in ("inside", "squared"):
        divisor = np.sqrt(square + (e if place == "inside" else e**2))
    else:
        divisor = square + e if place == "no root" else np.sqrt(square) + e
    result: Array = s.p - sign * scale * m / divisor
    return result
