"""batch_norm step by step: loops that end early, and steps of the forward and the backward of which two are wrong."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from tinyseg_kernels.types import Array

from ..case import Case, Outputs
from ..operation import Hypothesis

if TYPE_CHECKING:
    from .batch_norm import BatchNorm, Parts


def unbiased(p: Parts) -> Array:
    """Return the variance divided by one less."""
    return p.variance * p.positions / (p.positions - 1)


def _deviation(p: Parts) -> Array:
    return np.abs(p.x - p.mean).mean(axis=p.axes) ** 2


VARIANCES: Mapping[str, Callable[[Parts], Array]] = {
    "variance-unbiased": unbiased,
    "variance-around-zero": lambda p: (p.x**2).mean(axis=p.axes),
    "mean-deviation": _deviation,
}
"""What stands in the place of the variance."""

SCALES: Mapping[str, Callable[[Array, float], Array]] = {
    "epsilon-missing": lambda v, e: 1 / np.sqrt(v),
    "epsilon-outside-the-root": lambda v, e: 1 / (np.sqrt(v) + e),
    "epsilon-added-to-the-quotient": lambda v, e: 1 / np.sqrt(v) + e,
    "epsilon-subtracted": lambda v, e: 1 / np.sqrt(v - e),
    "epsilon-squared": lambda v, e: 1 / np.sqrt(v + e**2),
    "root-missing": lambda v, e: 1 / (v + e),
    "not-scaled": lambda v, e: np.ones_like(v),
}
"""What stands in the place of 1 / sqrt(variance + epsilon)."""


def loops_that_end_early(operation: BatchNorm) -> Iterator[Hypothesis]:
    """Sums over all positions but one, divided by the number of all."""
    for cause, part in (("last-position-missing", slice(0, -1)), ("first-position-missing", slice(1, None))):

        def forward(case: Case, in_mean: bool, in_variance: bool, part: slice = part) -> Outputs:
            p = operation.parts(case)
            rows = p.x.reshape(p.positions, -1)
            m = rows[part].sum(axis=0) / p.positions if in_mean else p.mean
            deviations = (rows - m)[part if in_variance else slice(None)]
            v = (deviations**2).sum(axis=0) / p.positions
            return {"y": p.gamma * (p.x - m) / np.sqrt(v + p.epsilon) + p.beta}

        def backward(case: Case, in_beta: bool, in_gamma: bool, part: slice = part) -> Outputs:
            p = operation.parts(case)
            dy, z = (a.reshape(p.positions, -1) for a in (p.dy, p.z))
            dbeta = dy[part if in_beta else slice(None)].sum(axis=0)
            dgamma = (dy * z)[part if in_gamma else slice(None)].sum(axis=0)
            dx = p.gamma * p.s * (p.dy - dbeta / p.positions - p.z * dgamma / p.positions)
            return {"dx": dx, "dgamma": dgamma, "dbeta": dbeta}

        for first, second in ((True, True), (True, False), (False, True)):
            words = {(True, True): "both", (True, False): "the mean", (False, True): "the variance"}[first, second]
            yield Hypothesis(cause, lambda c, f=forward, a=first, b=second: f(c, a, b), f"in {words}")
            words = {(True, True): "both sums", (True, False): "dbeta", (False, True): "dgamma"}[first, second]
            yield Hypothesis(cause, lambda c, f=backward, a=first, b=second: f(c, a, b), f"in {words}")


class Steps(NamedTuple):
    """The backward as a graph: factors of its steps, all 1 when it is right.

    `direct` and `spread` are what reaches x - mean directly and through the variance; `mean_of` says of which of them
    the way through the mean is the sum; `mean` is a factor of it, `all_positions` says that it is not divided.
    """

    direct: float = 1.0
    spread: float = 1.0
    spread_undivided: bool = False
    mean: float = 1.0
    mean_undivided: bool = False
    mean_of: str = "both"

    def gradient(self, p: Parts) -> Array:
        """Return dx."""
        z = p.gamma * p.dy
        centred = p.x - p.mean
        direct = self.direct * z * p.s
        through = -(p.s**3) * (z * centred).sum(axis=p.axes) * centred
        spread = self.spread * through / (1 if self.spread_undivided else p.positions)
        total = {"both": direct + spread, "direct": direct, "spread": spread}[self.mean_of]
        way = total.sum(axis=p.axes) / (1 if self.mean_undivided else p.positions)
        return direct + spread - self.mean * way


WRONG_STEPS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("direct-term-missing", "", {"direct": 0.0}),
    ("variance-not-differentiated", "", {"spread": 0.0}),
    ("mean-not-differentiated", "", {"mean": 0.0}),
    ("term-of-the-variance-scaled", "half", {"spread": 0.5}),
    ("term-of-the-variance-scaled", "double", {"spread": 2.0}),
    ("term-of-the-variance-scaled", "the wrong sign", {"spread": -1.0}),
    ("sum-instead-of-mean", "in the term of the variance", {"spread_undivided": True}),
    ("sum-instead-of-mean", "in the term of the mean", {"mean_undivided": True}),
    ("term-of-the-mean-scaled", "the wrong sign", {"mean": -1.0}),
    ("term-of-the-mean-scaled", "of the direct way alone", {"mean_of": "direct"}),
    ("term-of-the-mean-scaled", "of the way through the variance alone", {"mean_of": "spread"}),
)


def wrong_steps(operation: BatchNorm) -> Iterator[Hypothesis]:
    """One wrong step, from which the later ones are worked out."""
    for cause, detail, change in WRONG_STEPS:
        yield Hypothesis(cause, _with_steps(operation, Steps(**change)), detail)


def two_mistakes(operation: BatchNorm) -> Iterator[tuple[Hypothesis, tuple[str, str]]]:
    """A wrong variance with a wrong scale; two wrong steps of the backward."""
    for (first, variance), (second, scale) in itertools.product(VARIANCES.items(), SCALES.items()):

        def forward(case: Case, variance: Any = variance, scale: Any = scale) -> Outputs:
            p = operation.parts(case)
            return {"y": p.gamma * (p.x - p.mean) * scale(variance(p), p.epsilon) + p.beta}

        yield Hypothesis(first, forward), (second, "")
    for one, other in itertools.combinations(WRONG_STEPS, 2):
        if not set(one[2]) & set(other[2]):
            steps = Steps(**one[2], **other[2])
            yield Hypothesis(one[0], _with_steps(operation, steps), one[1]), (other[0], other[1])


def _with_steps(operation: BatchNorm, steps: Steps) -> Callable[[Case], Outputs]:
    return lambda case: {"dx": steps.gradient(operation.parts(case))}
