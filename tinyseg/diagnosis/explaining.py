"""From wrong results to a cause: which mistake, made on purpose, gives exactly what was seen?"""

from __future__ import annotations

import contextlib
import itertools
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from tinyseg_kernels.types import Array

from .case import Case, Outputs
from .comparison import COMPARABLE, Kind, agrees, looseness
from .explanation import Cause, Explanation, Factor, Predicted, explains, is_right, pair
from .generic import (
    Change,
    factor_names,
    input_hypotheses,
    left_out,
    option_hypotheses,
    ratio_of,
    result_relations,
)
from .observing import Observation
from .operation import Hypothesis, Operation
from .pairs import Delta, sums_of_two
from .traits import TINY

NAMES_INFINITIES = (
    "maximum-not-subtracted",
    "maximum-of-everything",
    "minimum-instead-of-maximum",
    "logarithm-of-zero",
    "epsilon-missing",
    "absent-classes-divide-by-zero",
    "uninitialised-memory",
)
"""Causes that may be told from the places of NaN and infinity alone; for others some finite number must agree."""


class Explainer:
    """Searches the causes of one operation; predictions are computed once per case."""

    def __init__(self, operation: Operation) -> None:
        """Collect the hypotheses: the operation's own mistakes first, then the generic ones."""
        self.operation = operation
        own = list(operation.mistakes())
        self._own = len(own)
        self.hypotheses = [*own, *option_hypotheses(operation), *input_hypotheses(operation)]
        self._known: dict[tuple[int, int], Outputs] = {}
        self._cases: list[Case] = []
        """Kept, so that no other case gets the number by which predictions are known."""

    def explain(self, output: str, observations: Sequence[Observation]) -> list[Explanation]:
        """Return the explanations of one wrong output, best first."""
        failing, passing = divided(output, observations)
        if not failing:
            return []
        failing = _telling_first(failing)
        if all(TINY in seen.case.traits for seen in failing):
            # Among tiny numbers everything that is nearly 0 would agree: only what the operation itself has counts.
            found = [*self._by_hypotheses(output, failing, 0, self._own)]
            return [e for e in found if self._is_quiet(e, output, passing)]
        found = [
            *self._by_hypotheses(output, failing, 0, self._own),
            *self._by_factor(output, failing),
            *self._by_extra_term(output, failing),
            *self._by_clipping(output, failing),
            *self._by_relations(output, failing),
            *self._by_product(output, failing),
            *self._by_shape(output, failing),
            *self._by_hypotheses(output, failing, self._own, len(self.hypotheses)),
        ]
        for search in (
            self._by_hypothesis_and_factor,
            self._by_two_of_a_kind,
            self._by_two,
            self._by_most,
        ):
            found = found or [*search(output, failing)]
        found = [
            e._replace(
                elsewhere_right=self._is_quiet(e, output, passing),
                exact=_is_equal(e, output, failing),
                others_wrong=self._makes_wrong(e, output, failing[:3], seen=True),
                beyond=self._makes_wrong(e, output, failing[:3], seen=False),
            )
            for e in found
        ]
        if any(o.findings[output].same is not None for o in failing):
            # Where other numbers are as good, few say much: a mistake must be right where what came is.
            found = [e for e in found if e.elsewhere_right]
        if len(failing) == 1 and len(passing) > 2:
            # One case alone agrees with something generic too easily, and one number with anything.
            found = [] if np.ndim(failing[0].findings[output].right) == 0 else [e for e in found if not e.generic]
        if len(failing) == 2 < len(passing) and all(_is_one_fraction(seen.findings[output].right) for seen in failing):
            # Two numbers are little more: what is wrong of those that were right is no cause.
            found = [e for e in found if e.elsewhere_right]
        # Stable: of equally good ones the more specific, which comes first, stays first.
        return sorted(found, key=lambda e: (not e.elsewhere_right, -e.explained / max(e.of, 1), not e.exact))

    def whole(self, output: str, observations: Sequence[Observation]) -> list[Explanation]:
        """Return only the operation's own mistakes that give all that was seen, right results included."""
        failing, passing = divided(output, observations)
        failing = _telling_first(failing)
        rounded = (e for e in self._by_relations(output, failing) if e.cause == "rounded")
        found = (*self._by_hypotheses(output, failing, 0, self._own), *rounded)
        return [e for e in found if self._is_quiet(e, output, passing)]

    def predict(self, number: int, case: Case) -> Outputs:
        """Return what a hypothesis makes of a case; nothing where it does not apply."""
        key = (number, id(case))
        if key not in self._known:
            self._known[key] = predict_safely(self.hypotheses[number], case)
            self._cases.append(case)
        return self._known[key]

    def axes_of(self, output: str, rank: int) -> tuple[str, ...]:
        """Return names of a result's axes, as far as they are known."""
        named = self.operation.input_changes()
        axes = named.get("dy" if output == "y" else output.removeprefix("d"), ())
        return axes if len(axes) == rank else ("",) * rank

    def _prediction(self, number: int, output: str) -> Predicted:
        def predict(seen: Observation) -> Any:
            predicted = self.predict(number, seen.case)
            return predicted.get(output) if self._agrees_before(predicted, output, seen) else None

        return predict

    def _agrees_before(self, predicted: Outputs, output: str, seen: Observation) -> bool:
        """Whether a hypothesis predicts what was seen of the other results that must be what it makes of them.

        Those are the results that this one is made of, and all others of forward where this one is a single number,
        which agrees with anything.
        """
        results = self.operation.results
        others: tuple[str, ...] = ()
        if output in results and np.ndim(seen.findings[output].right) == 0:
            others = tuple(name for name in results if name != output)
        elif output in results and self.operation.chained:
            others = results[: results.index(output)]
        known = [name for name in others if name in predicted and name in seen.findings]
        return all(agrees(predicted[o], seen.findings[o].got, looseness(seen.findings[o].right)) for o in known)

    def _is_quiet(self, explanation: Explanation, output: str, passing: Sequence[Observation]) -> bool:
        """Whether an explanation predicts the right result where it was seen, or says nothing about it."""
        return all(is_right(explanation.predict(seen), seen.findings[output]) for seen in passing)

    def _makes_wrong(
        self, explanation: Explanation, output: str, failing: Sequence[Observation], *, seen: bool
    ) -> bool:
        """Whether every hypothesis of this name and detail changes another result too: one that is right, or unseen."""
        named = [k for k, h in enumerate(self.hypotheses) if (h.cause, h.detail) == explanation[0:3:2]]
        numbers = [k for k in named if _gives_all(self._prediction(k, output), output, failing)]
        return bool(numbers) and all(
            any(
                name != output and _is_changed(o, name, value, seen=seen)
                for o in failing
                for name, value in self.predict(number, o.case).items()
            )
            for number in numbers
        )

    # One mistake ------------------------------------------------------------------------------------------------------
    def _by_hypotheses(
        self, output: str, failing: Sequence[Observation], start: int, end: int
    ) -> Iterator[Explanation]:
        for number in range(start, end):
            predict, h = self._prediction(number, output), self.hypotheses[number]
            if _gives_all(predict, output, failing) and _has_numbers(failing, output, h.cause):
                yield _full(h.cause, predict, failing, detail=h.detail, generic=number >= self._own)

    def _by_factor(self, output: str, failing: Sequence[Observation]) -> Iterator[Explanation]:
        ratios = [_ratio(seen.findings[output].right, seen.findings[output].got) for seen in failing]
        factor = self._factor(ratios, failing)
        if factor is None:
            yield from self._by_factor_of_the_product(output, failing)
            return
        predict = self._times(lambda seen: seen.findings[output].right, factor)
        if not _gives_all(predict, output, failing):
            return
        if factor.is_sign:
            yield _full("sign-flipped", predict, failing)
        else:
            yield _full("wrong-factor", predict, failing, detail=factor.words, factor=factor, generic=True)

    def _by_factor_of_the_product(self, output: str, failing: Sequence[Observation]) -> Iterator[Explanation]:
        """Yield a factor of everything but what is added at the end (bias, beta)."""
        added = self._added(output, failing)
        if added is None:
            return
        ratios = []
        for seen in failing:
            right, got = (v - seen.case.arrays[added] for v in pair(seen.findings[output]))
            ratios.append(ratio_of(right, got, 10 * looseness(seen.findings[output].right)))
        factor = self._factor(ratios, failing)
        if factor is not None:
            product = self._times(lambda seen: seen.findings[output].right - seen.case.arrays[added], factor)
            predict = _sum_of(product, lambda seen: seen.case.arrays[added])
            yield _full("product-scaled", predict, failing, detail=factor.words, factor=factor)
            return

        def term(seen: Observation) -> Array:
            return np.broadcast_to(seen.case.arrays[added], seen.findings[output].right.shape)

        ratios = []
        for seen in failing:
            right, got = pair(seen.findings[output])
            slack = 100 * looseness(seen.findings[output].right)
            ratios.append(ratio_of(term(seen), got - (right - term(seen)), slack))
        factor = self._factor(ratios, failing)
        if factor is not None:
            predict = _sum_of(self._times(term, factor), lambda seen: seen.findings[output].right - term(seen))
            if _gives_all(predict, output, failing):
                yield _full("bias-scaled", predict, failing, detail=f"{added}: {factor.words}", factor=factor)

    @staticmethod
    def _added(output: str, failing: Sequence[Observation]) -> str | None:
        """Return what is added at the end of a forward."""
        return next((n for n in ("bias", "beta") if output == "y" and n in failing[0].case.arrays), None)

    def _times(self, predict: Predicted, factor: Factor) -> Predicted:
        def scaled(seen: Observation) -> Any:
            value = predict(seen)
            return None if value is None else np.multiply(value, factor.value(self.operation.symbols(seen.case)))

        return scaled

    def _by_extra_term(self, output: str, failing: Sequence[Observation]) -> Iterator[Explanation]:
        """Yield 'right result + a constant times one of the inputs'."""
        first = failing[0]
        for name in (*first.case.arrays, "dy"):
            constants = []
            for seen in failing:
                right, got = pair(seen.findings[output])
                if seen.case.dtype == np.float32:
                    continue  # a small term drowns in its rounding
                term = seen.case.dy if name == "dy" else seen.case.arrays[name]
                if term is None or np.shape(term) != got.shape or got.shape != right.shape:
                    break
                constants.append(ratio_of(term, got - right, 1e-2 if right.dtype == np.float32 else 1e-5))
            values = [c for c in constants if c is not None]
            if len(values) == len(constants) > 1 and max(values) - min(values) < 1e-4 * abs(values[0]):

                def predict(seen: Observation, name: str = name, by: float = values[0]) -> Any:
                    term = seen.case.dy if name == "dy" else seen.case.arrays[name]
                    right = seen.findings[output].right
                    return right + by * term if np.shape(term) == np.shape(right) else None

                yield _full("extra-term", predict, failing, detail=f"{values[0]:.6g} * {name}")

    def _by_clipping(self, output: str, failing: Sequence[Observation]) -> Iterator[Explanation]:
        """Yield 'cut off at a bound', whatever the bound is."""
        bounds = [float(np.abs(pair(seen.findings[output])[1]).max(initial=0)) for seen in failing]
        bound = bounds[0]
        if len(bounds) < 2 or not 0 < bound < np.inf or np.ptp(bounds) > 1e-4 * bound:
            return

        def predict(seen: Observation) -> Any:
            return np.clip(seen.findings[output].right, -bound, bound)

        if _gives_all(predict, output, failing):
            yield _full("clipped", predict, failing, detail=f"at {bound:.6g}")

    def _factor(self, ratios: Sequence[float | None], failing: Sequence[Observation]) -> Factor | None:
        """Return the simplest factor that has the given values in the given cases."""
        values = [r for r in ratios if r is not None]
        if len(values) < len(ratios) or not values:
            return None
        slack = [1e-4 if seen.case.dtype == np.float32 else 1e-7 for seen in failing]
        if all(abs(v - 1) < e for v, e in zip(values, slack, strict=True)):
            return None
        if all(abs(v + 1) < e for v, e in zip(values, slack, strict=True)):
            return Factor("-1", -1.0, is_sign=True)
        per_case = [dict(factor_names(self.operation.symbols(seen.case))) for seen in failing]
        for name in per_case[0]:
            if all(name in k and _close(k[name], v, e) for k, v, e in zip(per_case, values, slack, strict=True)):
                return Factor(name)
        # A number that is the same everywhere: the one that is known with most digits.
        exact = next((v for v, e in zip(values, slack, strict=True) if e == min(slack)), values[0])
        constant = all(abs(v - exact) <= 10 * e * abs(exact) for v, e in zip(values, slack, strict=True))
        return Factor(f"{exact:.6g}", exact) if constant and len(values) > 1 else None

    def _by_relations(self, output: str, failing: Sequence[Observation]) -> Iterator[Explanation]:
        rank = np.ndim(failing[0].findings[output].right)
        axes = dict(enumerate(self.axes_of(output, rank)))
        for cause, change, detail in result_relations(axes):
            predict = _changed(lambda seen: seen.findings[output].right, change)
            if _has_numbers(failing, output, cause) and _gives_all(predict, output, failing):
                yield _full(cause, predict, failing, detail=detail, generic=True)

    def _by_product(self, output: str, failing: Sequence[Observation]) -> Iterator[Explanation]:
        """Yield what is left out of everything but what is added at the end (bias, beta)."""
        added = self._added(output, failing)
        if added is None or any(o.findings[output].kind is Kind.SHAPE for o in failing):
            return
        rank = np.ndim(failing[0].findings[output].right)
        for cause, change in left_out(dict(enumerate(self.axes_of(output, rank)))):
            product = _changed(lambda seen: seen.findings[output].right - seen.case.arrays[added], change)
            predict = _sum_of(product, lambda seen: seen.case.arrays[added])
            if _gives_all(predict, output, failing):
                yield _full(cause, predict, failing, detail=f"in all but {added}", generic=True)

            def term(seen: Observation) -> Array:
                return np.broadcast_to(seen.case.arrays[added], seen.findings[output].right.shape)

            part = _sum_of(_changed(term, change), lambda seen: seen.findings[output].right - term(seen))
            if _gives_all(part, output, failing):
                yield _full(cause, part, failing, detail=f"in the adding of {added}", generic=True)

    def _by_shape(self, output: str, failing: Sequence[Observation]) -> Iterator[Explanation]:
        """Yield 'the right numbers in another shape'."""
        found = [seen.findings[output] for seen in failing]
        if all(f.kind is Kind.SHAPE and f.got.size == f.right.size for f in found) and all(
            agrees(np.reshape(f.right, f.got.shape), f.got, looseness(f.right)) for f in found
        ):
            shape = f"{found[0].got.shape} instead of {found[0].right.shape}"

            def predict(seen: Observation) -> Any:
                right, got = seen.findings[output].right, np.asarray(seen.findings[output].got)
                return np.reshape(right, got.shape) if got.size == right.size else None

            yield _full("right-numbers-in-another-shape", predict, failing, detail=shape, generic=True)

    # Two mistakes, or most of one -------------------------------------------------------------------------------------
    def _by_hypothesis_and_factor(self, output: str, failing: Sequence[Observation]) -> Iterator[Explanation]:
        """Yield a mistake whose result is multiplied by something as well."""
        for number, h in enumerate(self.hypotheses):
            predict = self._prediction(number, output)
            ratios: list[float | None] = []
            for seen in failing:
                value, found = predict(seen), seen.findings[output]
                ratio = None
                if value is not None and not is_right(value, found):
                    ratio = _ratio(np.asarray(value, np.asarray(found.right).dtype), found.got)
                ratios.append(ratio)
                if ratio is None:
                    break
            factor = self._factor(ratios, failing) if len(ratios) == len(failing) else None
            if factor is None or _is_odd(factor):
                continue  # two that fit by chance: of numbers that stand alone, each is some multiple of each
            scaled = self._times(predict, factor)
            if _gives_all(scaled, output, failing):
                second = Cause("sign-turned-as-well") if factor.is_sign else Cause("multiplied-as-well", factor.words)
                yield _full(h.cause, scaled, failing, detail=h.detail, factor=factor, second=second)

    def _by_two_of_a_kind(self, output: str, failing: Sequence[Observation]) -> Iterator[Explanation]:
        """Yield the pairs of mistakes that the operation lists."""
        for one, other in self.operation.pairs():

            def predict(seen: Observation, h: Hypothesis = one) -> Any:
                return predict_safely(h, seen.case).get(output)

            if _gives_all(predict, output, failing):
                yield _full(one.cause, predict, failing, detail=one.detail, second=Cause(*other))
                return

    def _by_two(self, output: str, failing: Sequence[Observation]) -> Iterator[Explanation]:
        """Yield two mistakes of different parts: of what is added at the end and of the rest; or one, and a loop.

        Any two of all would be too many: a gradient of three terms is the sum of many pairs that nobody made.
        """
        if any(seen.findings[output].kind is not Kind.VALUE for seen in failing):
            return
        own = [(h, self._prediction(number, output)) for number, h in enumerate(self.hypotheses[: self._own])]
        added = self._added(output, failing)
        if added is not None:
            sides: dict[bool, list[Delta]] = {True: [], False: []}
            for h, predict in own:
                sides[h.cause.split("-")[0] == added].append(Delta(Cause(h.cause, h.detail), predict))
            for one, other, both in sums_of_two(output, failing, sides[False], sides[True]):
                yield _full(one.name, both, failing, detail=one.detail, second=other)
                return
        rank = np.ndim(failing[0].findings[output].right)
        loops = list(left_out(dict(enumerate(self.axes_of(output, rank)))))
        first = failing[0]
        own = [(h, p) for h, p in own if not is_right(p(first), first.findings[output])]
        for (h, predict), (cause, change) in itertools.product(own, loops):
            both = _changed(predict, change)
            if _gives_all(both, output, failing):
                yield _full(h.cause, both, failing, detail=h.detail, second=Cause(cause))
                return

    def _by_most(self, output: str, failing: Sequence[Observation]) -> Iterator[Explanation]:
        """Yield the hypotheses that explain most of what was seen (three cases or more)."""
        spread = failing[:: max(len(failing) // 4, 1)]

        def gives(predict: Predicted, seen: Observation) -> bool:
            # What is as good as another result, and in most cases only, is as good as nothing.
            return explains(predict(seen), seen.findings[output]._replace(same=None))

        for number, h in enumerate(self.hypotheses):
            predict = self._prediction(number, output)
            if not any(gives(predict, seen) for seen in spread):
                continue  # what explains most explains one of some
            misses, allowed = 0, len(failing) - max(3, -(-7 * len(failing) // 10))
            for seen in failing:
                misses += not gives(predict, seen)
                if misses > allowed:
                    break
            else:
                yield Explanation(h.cause, predict, h.detail, len(failing) - misses, len(failing))


def divided(output: str, observations: Sequence[Observation]) -> tuple[list[Observation], list[Observation]]:
    """Return the observations in which an output is wrong (in its numbers or shape), and those in which it is right."""
    known = [o for o in observations if output in o.findings]
    failing = [o for o in known if o.findings[output].kind in COMPARABLE]
    return failing, [o for o in known if o.findings[output].is_right]


def predict_safely(hypothesis: Hypothesis, case: Case) -> Outputs:
    """Predict; a mistake that cannot be made in this case (a swap that does not fit the shape) says nothing."""
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # the mean of nothing is a possible mistake, not news
            return hypothesis.predict(case)
    except (ValueError, IndexError, TypeError, ZeroDivisionError, AttributeError, KeyError):
        return {}


def _full(cause: str, predict: Predicted, failing: Sequence[Observation], **more: Any) -> Explanation:
    return Explanation(cause, predict, explained=len(failing), of=len(failing), **more)


def _gives_all(predict: Predicted, output: str, failing: Iterable[Observation]) -> bool:
    return all(explains(predict(seen), seen.findings[output]) for seen in failing)


def _changed(predict: Predicted, change: Change) -> Predicted:
    """Return the prediction that is changed at the end."""

    def changed(seen: Observation) -> Array | None:
        with np.errstate(all="ignore"), warnings.catch_warnings(), contextlib.suppress(Exception):
            warnings.simplefilter("ignore", RuntimeWarning)
            return change(np.asarray(predict(seen), np.float64))
        return None

    return changed


def _sum_of(one: Predicted, other: Callable[[Observation], Array]) -> Predicted:
    def total(seen: Observation) -> Any:
        value = one(seen)
        return None if value is None else value + other(seen)

    return total


def _telling_first(failing: Sequence[Observation]) -> list[Observation]:
    """Put the configuration first in which most is special: it shows best what is not the cause."""
    return sorted(failing, key=lambda o: (o.case.by_hand, -len(o.case.traits)))


def _has_numbers(failing: Sequence[Observation], output: str, cause: str) -> bool:
    """Whether a finite number was seen somewhere: places of NaN and infinity alone are evidence for few causes."""
    return cause in NAMES_INFINITIES or any(
        np.isfinite(np.asarray(o.findings[output].got, np.float64)).any() for o in failing
    )


def _is_equal(explanation: Explanation, output: str, failing: Sequence[Observation]) -> bool:
    """Whether a prediction that is as good as what came is the same number as well."""
    found = [(o, o.findings[output]) for o in failing if o.findings[output].same is not None]
    return all(agrees(explanation.predict(o), f.got) for o, f in found)


def _is_changed(o: Observation, name: str, value: object, *, seen: bool) -> bool:
    """Whether a prediction changes a result that was seen to be right, or that was not seen."""
    if name in o.findings:
        return seen and o.findings[name].is_right and not is_right(value, o.findings[name])
    return not seen and name in o.right and not agrees(value, o.right[name], looseness(o.right[name]))


def _is_odd(factor: Factor) -> bool:
    """Whether a factor is no number that somebody would write: neither it nor its inverse has two digits."""
    x = factor.number
    return np.isfinite(x) and all(abs(float(f"{v:.1e}") / v - 1) > 1e-6 for v in (x, 1 / x))


def _ratio(right: object, got: object) -> float | None:
    right, got = np.asarray(right), np.asarray(got)
    return ratio_of(right, got, looseness(right)) if right.shape == got.shape else None


def _is_one_fraction(right: Any) -> bool:
    return np.ndim(right) == 0 and float(right) != float(np.rint(right))


def _close(a: float, b: float, slack: float) -> bool:
    return abs(a - b) <= slack * max(abs(a), abs(b))
