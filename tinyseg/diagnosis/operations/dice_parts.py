"""dice_loss: entries that a loop leaves out, and quotients of which both parts are wrong."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from tinyseg_kernels.types import Array

from ..case import Case, Outputs
from ..generic import left_out
from ..operation import Hypothesis

if TYPE_CHECKING:
    from .dice_loss import DiceLoss

Part = Callable[[Array, Array, float], float]
"""A part of the quotient from labels, probabilities and epsilon."""

NUMERATORS: Mapping[tuple[str, str], Part] = {
    ("factor-2-missing", ""): lambda t, p, e: (t * p).sum() + e,
    ("epsilon-missing", "in the numerator"): lambda t, p, e: 2 * (t * p).sum(),
    ("epsilon-doubled", "in the numerator"): lambda t, p, e: 2 * (t * p).sum() + 2 * e,
    ("prediction-squared", "in the numerator"): lambda t, p, e: 2 * (t * p**2).sum() + e,
    ("mean-in-the-numerator", ""): lambda t, p, e: 2 * (t * p).mean() + e,
    ("sum-instead-of-product", ""): lambda t, p, e: 2 * (t + p).sum() + e,
    ("prediction-thresholded", "in the numerator"): lambda t, p, e: 2 * (t * (p > 0.5)).sum() + e,
}
DENOMINATORS: Mapping[tuple[str, str], Part] = {
    ("epsilon-missing", "in the denominator"): lambda t, p, e: t.sum() + p.sum(),
    ("epsilon-doubled", "in the denominator"): lambda t, p, e: t.sum() + p.sum() + 2 * e,
    ("squared-denominator", ""): lambda t, p, e: (t**2).sum() + (p**2).sum() + e,
    ("jaccard-instead-of-dice", "in the denominator"): lambda t, p, e: t.sum() + p.sum() - (t * p).sum() + e,
    ("one-sum-missing", "that of p"): lambda t, p, e: t.sum() + e,
    ("one-sum-missing", "that of t"): lambda t, p, e: p.sum() + e,
    ("size-in-the-denominator", ""): lambda t, p, e: t.size + e,
    ("product-in-the-denominator", ""): lambda t, p, e: t.sum() * p.sum() + e,
}


def _predicted(numerator: Part, denominator: Part) -> Callable[[Case], Outputs]:
    def predict(case: Case) -> Outputs:
        t, p = (np.asarray(a, np.float64) for a in case.arrays.values())
        e = case.options["epsilon"]
        return {"y": np.asarray(1 - numerator(t, p, e) / denominator(t, p, e))}

    return predict


def _right_numerator(t: Array, p: Array, e: float) -> float:
    return float(2 * (t * p).sum() + e)


def _right_denominator(t: Array, p: Array, e: float) -> float:
    return float(t.sum() + p.sum() + e)


def two_mistakes() -> Iterator[tuple[Hypothesis, tuple[str, str]]]:
    """Yield a wrong numerator over a wrong denominator."""
    for (above, numerator), (below, denominator) in itertools.product(NUMERATORS.items(), DENOMINATORS.items()):
        yield Hypothesis(above[0], _predicted(numerator, denominator), above[1]), below


def part_mistakes(operation: DiceLoss) -> Iterator[Hypothesis]:
    """Yield each wrong part by itself, and what loops leave out."""
    for (cause, detail), numerator in NUMERATORS.items():
        yield Hypothesis(cause, _predicted(numerator, _right_denominator), detail)
    for (cause, detail), denominator in DENOMINATORS.items():
        yield Hypothesis(cause, _predicted(_right_numerator, denominator), detail)
    for cause, change in left_out({0: "", 1: ""}):

        def without(case: Case, change: Callable[[Array], Array | None] = change) -> Outputs:
            """0 in labels and predictions is the same as not to be there."""
            parts = {name: change(array) for name, array in case.arrays.items()}
            kept = {name: part for name, part in parts.items() if part is not None}
            return operation.right(case.with_arrays(**kept)) if len(kept) == len(parts) else {}

        yield Hypothesis(cause, without, "in both arrays")
