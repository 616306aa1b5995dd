"""From wrong results to a cause: which mistake, made on purpose, gives exactly what was seen?"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from tinyseg_kernels.types import Array

from .case import Case, Outputs
from .comparison import COMPARABLE, Finding, Kind, agrees, looseness
from .generic import factor_names, input_hypotheses, option_hypotheses, ratio_of, result_relations
from .observing import Observation
from .operation import Hypothesis, Operation
from .traits import TINY

NAMES_INFINITIES = (
    "maximum-not-subtracted",
    "maximum-of-everything",
    "logarithm-of-zero",
    "epsilon-missing",
    "uninitialised-memory",
)
"""Causes that may be told from the places of NaN and infinity alone; for others some finite number must agree."""


class Factor(NamedTuple):
    """A number that results are multiplied by, as people write it ('1 / N'), and whether it only turns the sign."""

    words: str
    is_sign: bool = False

    def value(self, symbols: Mapping[str, float]) -> float:
        """Return its value for sizes of a case; NaN when it is not made of them."""
        return dict(factor_names(symbols)).get(self.words, float("nan"))


class Explanation(NamedTuple):
    """A cause and how well it explains what was seen."""

    cause: str
    detail: str = ""
    explained: int = 0
    of: int = 0
    elsewhere_right: bool = True
    """Whether it also predicts the right result where the right result was seen. If not, the mistake is made only under
    some condition."""
    factor: Factor | None = None
    second: bool = False
    """Whether the factor comes on top of the cause. Otherwise it is what the cause is about."""
    generic: bool = False
    """Whether it is one that any operation can have, and so says less."""

    @property
    def is_full(self) -> bool:
        """Whether every wrong result is exactly what it predicts."""
        return self.explained == self.of


class Explainer:
    """Searches the causes of one operation; predictions are computed once per case."""

    def __init__(self, operation: Operation) -> None:
        """Collect the hypotheses: the operation's own mistakes first, then the generic ones."""
        self.operation = operation
        own = list(operation.mistakes())
        self._own = len(own)
        self.hypotheses = [*own, *option_hypotheses(operation), *input_hypotheses(operation)]
        self._known: dict[tuple[int, int], Outputs] = {}

    def explain(self, output: str, observations: Sequence[Observation]) -> list[Explanation]:
        """Return the explanations of one wrong output, best first."""
        failing = [o for o in observations if output in o.findings and o.findings[output].kind in COMPARABLE]
        passing = [o for o in observations if output in o.findings and o.findings[output].is_right]
        if not failing or all(TINY in seen.case.traits for seen in failing):
            return []  # among tiny numbers everything that is nearly 0 would agree
        found = [
            *self._by_hypotheses(output, failing, passing, 0, self._own),
            *self._by_factor(output, failing, passing),
            *self._by_extra_term(output, failing),
            *self._by_clipping(output, failing),
            *self._by_relations(output, failing, passing),
            *self._by_shape(failing, output),
            *self._by_hypotheses(output, failing, passing, self._own, len(self.hypotheses)),
        ]
        if not found:
            found = [*self._by_hypothesis_and_factor(output, failing)]
        if not found:
            found = [*self._by_most(output, failing)]
        if len(failing) == 1 and len(passing) > 2:
            # One case alone agrees with something generic too easily, and one number with anything.
            found = [] if np.ndim(failing[0].findings[output].right) == 0 else [e for e in found if not e.generic]
        # Stable: of equally good ones the more specific, which comes first, stays first.
        return sorted(found, key=lambda e: (not e.elsewhere_right, -e.explained / max(e.of, 1)))

    def predict(self, number: int, case: Case) -> Outputs:
        """Return what a hypothesis makes of a case; nothing where it does not apply."""
        key = (number, id(case))
        if key not in self._known:
            self._known[key] = predict_safely(self.hypotheses[number], case)
        return self._known[key]

    def _agrees(self, number: int, output: str, seen: Observation) -> bool:
        predicted, found = self.predict(number, seen.case).get(output), seen.findings[output]
        return explains(predicted, found)

    def _harmless(self, number: int, output: str, seen: Observation) -> bool:
        """Whether a hypothesis predicts the right result of a case, or says nothing about it."""
        predicted = self.predict(number, seen.case).get(output)
        right = seen.findings[output].right
        return predicted is None or agrees(predicted, right, looseness(right))

    def _by_hypotheses(
        self, output: str, failing: Sequence[Observation], passing: Sequence[Observation], start: int, end: int
    ) -> Iterator[Explanation]:
        for number in range(start, end):
            if all(self._agrees(number, output, seen) for seen in failing) and _has_numbers(
                failing, output, self.hypotheses[number].cause
            ):
                h = self.hypotheses[number]
                quiet = all(self._harmless(number, output, seen) for seen in passing)
                yield Explanation(h.cause, h.detail, len(failing), len(failing), quiet, generic=number >= self._own)

    def _by_most(self, output: str, failing: Sequence[Observation]) -> Iterator[Explanation]:
        """Yield the hypotheses that explain most of what was seen (three cases or more)."""
        for number, h in enumerate(self.hypotheses):
            count = sum(self._agrees(number, output, seen) for seen in failing)
            if count >= 3 and 10 * count >= 7 * len(failing):
                yield Explanation(h.cause, h.detail, count, len(failing), False)

    def _by_factor(
        self, output: str, failing: Sequence[Observation], passing: Sequence[Observation]
    ) -> Iterator[Explanation]:
        ratios = [_ratio(seen.findings[output].right, seen.findings[output].got) for seen in failing]
        factor = self._factor(ratios, failing)
        if factor is None:
            yield from self._by_factor_of_the_product(output, failing)
            return
        if not all(
            explains(np.multiply(ratio, o.findings[output].right), o.findings[output])
            for ratio, o in zip(ratios, failing, strict=True)
            if ratio is not None
        ):
            return
        count = len(failing)
        if factor.is_sign:
            yield Explanation("sign-flipped", "", count, count, not passing)
            return
        quiet = all(factor.value(self.operation.symbols(seen.case)) == 1.0 for seen in passing)
        yield Explanation("wrong-factor", factor.words, count, count, quiet, factor, generic=True)

    def _by_factor_of_the_product(self, output: str, failing: Sequence[Observation]) -> Iterator[Explanation]:
        """Yield a factor of everything but what is added at the end (bias, beta)."""
        added = next((n for n in ("bias", "beta") if output == "y" and n in failing[0].case.arrays), None)
        if added is None:
            return
        ratios = []
        for seen in failing:
            right, got = (v - seen.case.arrays[added] for v in _pair(seen.findings[output]))
            ratios.append(ratio_of(right, got, 10 * looseness(seen.findings[output].right)))
        factor = self._factor(ratios, failing)
        if factor is not None:
            yield Explanation("product-scaled", factor.words, len(failing), len(failing), True, factor)

    def _by_extra_term(self, output: str, failing: Sequence[Observation]) -> Iterator[Explanation]:
        """Yield 'right result + a constant times one of the inputs'."""
        first = failing[0]
        for name in (*first.case.arrays, "dy"):
            constants = []
            for seen in failing:
                right, got = _pair(seen.findings[output])
                if seen.case.dtype == np.float32:
                    continue  # a small term drowns in its rounding
                term = seen.case.dy if name == "dy" else seen.case.arrays[name]
                if term is None or np.shape(term) != got.shape or got.shape != right.shape:
                    break
                constants.append(ratio_of(term, got - right, 1e-2 if right.dtype == np.float32 else 1e-5))
            values = [c for c in constants if c is not None]
            if len(values) == len(constants) > 1 and max(values) - min(values) < 1e-4 * abs(values[0]):
                yield Explanation("extra-term", f"{values[0]:.6g} * {name}", len(failing), len(failing), False)

    def _by_clipping(self, output: str, failing: Sequence[Observation]) -> Iterator[Explanation]:
        """Yield 'cut off at a bound', whatever the bound is."""
        pairs = [_pair(seen.findings[output]) for seen in failing]
        bounds = [float(np.abs(got).max(initial=0)) for _, got in pairs]
        if len(pairs) < 2 or not 0 < bounds[0] < np.inf or np.ptp(bounds) > 1e-4 * bounds[0]:
            return
        if all(
            explains(np.clip(right, -bounds[0], bounds[0]), s.findings[output])
            for (right, _), s in zip(pairs, failing, strict=True)
        ):
            yield Explanation("clipped", f"at {bounds[0]:.6g}", len(failing), len(failing), True)

    def _factor(self, ratios: Sequence[float | None], failing: Sequence[Observation]) -> Factor | None:
        """Return the simplest factor that has the given values in the given cases."""
        values = [r for r in ratios if r is not None]
        if len(values) < len(ratios) or not values:
            return None
        slack = [1e-4 if seen.case.dtype == np.float32 else 1e-7 for seen in failing]
        if all(abs(v - 1) < e for v, e in zip(values, slack, strict=True)):
            return None
        if all(abs(v + 1) < e for v, e in zip(values, slack, strict=True)):
            return Factor("-1", is_sign=True)
        per_case = [dict(factor_names(self.operation.symbols(seen.case))) for seen in failing]
        for name in per_case[0]:
            if all(name in k and _close(k[name], v, e) for k, v, e in zip(per_case, values, slack, strict=True)):
                return Factor(name)
        constant = max(values) - min(values) <= 10 * max(slack) * max(map(abs, values)) and len(values) > 1
        return Factor(f"{values[0]:.6g}") if constant else None

    def _by_hypothesis_and_factor(self, output: str, failing: Sequence[Observation]) -> Iterator[Explanation]:
        for number, h in enumerate(self.hypotheses):
            ratios: list[float | None] = []
            for seen in failing:
                predicted = self.predict(number, seen.case).get(output)
                got = seen.findings[output].got
                ratio = None
                if predicted is not None and not self._harmless(number, output, seen):
                    ratio = _ratio(np.asarray(predicted, np.asarray(seen.findings[output].right).dtype), got)
                    if ratio is not None and not explains(np.multiply(ratio, predicted), seen.findings[output]):
                        ratio = None
                ratios.append(ratio)
                if ratio is None:
                    break
            if len(ratios) == len(failing) and (factor := self._factor(ratios, failing)) is not None:
                yield Explanation(h.cause, h.detail, len(failing), len(failing), False, factor, second=True)

    def _by_relations(
        self, output: str, failing: Sequence[Observation], passing: Sequence[Observation]
    ) -> Iterator[Explanation]:
        rank = np.ndim(failing[0].findings[output].right)
        axes = dict(enumerate(self.axes_of(output, rank)))
        for cause, change, detail in result_relations(axes):

            def predicted(right: object, change: Any = change) -> Array | None:
                with np.errstate(all="ignore"), warnings.catch_warnings(), contextlib.suppress(Exception):
                    warnings.simplefilter("ignore", RuntimeWarning)
                    return change(np.asarray(right, np.float64))
                return None

            results = [seen.findings[output] for seen in failing]
            if _has_numbers(failing, output, cause) and all(explains(predicted(f.right), f) for f in results):
                same = [o.findings[output].right for o in passing]
                quiet = all(agrees(predicted(right), right, looseness(right)) for right in same)
                yield Explanation(cause, detail, len(failing), len(failing), quiet, generic=True)

    def _by_shape(self, failing: Sequence[Observation], output: str) -> Iterator[Explanation]:
        """Yield 'the right numbers in another shape'."""
        found = [seen.findings[output] for seen in failing]
        if all(f.kind is Kind.SHAPE and f.got.size == f.right.size for f in found) and all(
            agrees(np.reshape(f.right, f.got.shape), f.got, looseness(f.right)) for f in found
        ):
            shape = f"{found[0].got.shape} instead of {found[0].right.shape}"
            yield Explanation("right-numbers-in-another-shape", shape, len(found), len(found), True, generic=True)

    def axes_of(self, output: str, rank: int) -> tuple[str, ...]:
        """Return names of a result's axes, as far as they are known."""
        named = self.operation.input_changes()
        axes = named.get("dy" if output == "y" else output.removeprefix("d"), ())
        return axes if len(axes) == rank else ("",) * rank


def _has_numbers(failing: Sequence[Observation], output: str, cause: str) -> bool:
    """Whether a finite number was seen somewhere: places of NaN and infinity alone are evidence for few causes."""
    return cause in NAMES_INFINITIES or any(
        np.isfinite(np.asarray(o.findings[output].got, np.float64)).any() for o in failing
    )


def explains(predicted: object, found: Finding) -> bool:
    """Whether a prediction is what was seen: far nearer to it than the right result is."""
    if not agrees(predicted, found.got, looseness(found.right)):
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


def predict_safely(hypothesis: Hypothesis, case: Case) -> Outputs:
    """Predict; a mistake that cannot be made in this case (a swap that does not fit the shape) says nothing."""
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # the mean of nothing is a possible mistake, not news
            return hypothesis.predict(case)
    except (ValueError, IndexError, TypeError, ZeroDivisionError, AttributeError, KeyError):
        return {}


def _ratio(right: object, got: object) -> float | None:
    right, got = np.asarray(right), np.asarray(got)
    return ratio_of(right, got, looseness(right)) if right.shape == got.shape else None


def _pair(found: Finding) -> tuple[Array, Array]:
    right, got = np.asarray(found.right, np.float64), np.asarray(found.got, np.float64)
    return (right, got) if right.shape == got.shape else (right, np.full(right.shape, np.nan))


def _close(a: float, b: float, slack: float) -> bool:
    return abs(a - b) <= slack * max(abs(a), abs(b))
