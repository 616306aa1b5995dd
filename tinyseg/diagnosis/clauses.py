"""What a message says besides the cause: each clause is a predicate on observations, and is said only where it holds.

It must hold in all that was seen, with other numbers too, and in configurations made for it: a failing one without what
is claimed to matter. `Examination.clauses` keeps those that were said, so that anybody can hold them against more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from .conditions import conditions, lies_in, region_of
from .explanation import Explanation
from .observing import Learner, Observation
from .operation import Operation
from .place import Place, Region, Share
from .probes import without
from .traits import Trait

Fails = Callable[[Observation], bool | None]
"""Whether something is wrong in an observation; None where the question does not arise."""
TRIED = 3
"""In how many failing configurations a trait is taken away."""


@dataclass(frozen=True)
class Clause:
    """Something that a message says, and whether it is so."""

    words: str
    holds: Callable[[Sequence[Observation]], bool]


def wrong_in(output: str) -> Fails:
    """Return the question whether an output is wrong."""
    return lambda seen: None if output not in seen.findings else not seen.findings[output].is_right


def raises(seen: Observation) -> bool:
    """Whether a function raised."""
    return seen.raised is not None


def only_with(trait: Trait, fails: Fails) -> Clause:
    """Say 'only with several images': nothing fails that has not this trait."""
    return Clause(
        f"only with {trait.words}", lambda seen: all(trait in o.case.traits for o in seen if fails(o) is True)
    )


def lies(operation: Operation, output: str, axes: Sequence[str], region: Region) -> Clause:
    """Say 'the border': all that is wrong lies there."""
    return Clause(region.words, lambda seen: lies_in(operation, output, axes, region, seen))


def gives(output: str, explanation: Explanation) -> Clause:
    """Say that a mistake gives what was seen: in each wrong result, but for those that are said to have more."""

    def holds(seen: Sequence[Observation]) -> bool:
        if explanation.is_full:
            return explanation.holds(output, seen)
        wrong = [o for o in seen if wrong_in(output)(o)]
        right = [o for o in wrong if explanation.holds(output, [o])]
        return not wrong or 2 * len(right) > len(wrong)

    return Clause(f"{output} is what {explanation.cause} gives", holds)


def verified_conditions(
    learner: Learner, seen: Sequence[Observation], fails: Fails
) -> tuple[tuple[Trait, ...], list[Observation]]:
    """Return what the failing have in common and the passing lack, as far as it matters; and what was asked for it."""
    failing = [o for o in seen if fails(o) is True]
    passing = [o for o in seen if fails(o) is False]
    asked: list[Observation] = []
    for trait in conditions(failing, passing):
        for old in _spread(failing):
            case = without(learner.operation, old.case, trait)
            if case is not None:
                asked.append(learner.observe(case))
    everything = [*seen, *asked]
    kept = tuple(
        trait
        for trait in conditions(failing, passing)
        if only_with(trait, fails).holds(everything) and _has_contrast(trait, failing, everything, fails)
    )
    return kept, asked


def place_of(
    learner: Learner, output: str, axes: Sequence[str], judged: Sequence[Observation], more: Sequence[Observation]
) -> tuple[Place, tuple[Clause, ...]]:
    """Return where and when an output is wrong, and the clauses that say so."""
    operation, fails = learner.operation, wrong_in(output)
    seen = [*judged, *more]
    failing = [o for o in seen if fails(o)]
    region = region_of(operation, output, axes, failing)
    wrong_shape = any(o.findings[output].has_wrong_shape for o in failing)
    if region is None or isinstance(region, Share) or wrong_shape:
        # A share is of what is counted, no place; nor is there one where few results have the right shape.
        region = region_of(operation, output, axes, [o for o in judged if fails(o)], places=False)
    traits, asked = verified_conditions(learner, seen, fails)
    clauses = [only_with(trait, fails) for trait in traits]
    if region is not None:
        clauses.append(lies(operation, output, axes, region))
    passing = [o for o in seen if fails(o) is False]
    telling = [t for t in traits if not any(t in o.case.traits for o in passing) or _decides(t, failing, asked, fails)]
    return Place(region, wrong_shape, traits, tuple(telling)), tuple(clauses)


def _decides(trait: Trait, failing: Sequence[Observation], asked: Sequence[Observation], fails: Fails) -> bool:
    """Whether failing configurations are right without a trait of their numbers alone, all else being as before."""
    shapes = {(_shapes(o), repr(o.case.options)) for o in failing}
    bare = [o for o in asked if trait not in o.case.traits and (_shapes(o), repr(o.case.options)) in shapes]
    return bool(bare) and all(fails(o) is False for o in bare)


def _shapes(seen: Observation) -> tuple[tuple[int, ...], ...]:
    return tuple(array.shape for array in seen.case.arrays.values())


def _spread(failing: Sequence[Observation]) -> Iterable[Observation]:
    """Return some configurations, the smallest and the largest among them."""
    step = max((len(failing) - 1) // (TRIED - 1), 1)
    return [failing[k] for k in sorted({0, len(failing) - 1, *range(0, len(failing), step)})][:TRIED]


def _has_contrast(trait: Trait, failing: Sequence[Observation], seen: Sequence[Observation], fails: Fails) -> bool:
    """Whether something is right without it that is otherwise of the same kind: with whole numbers, or with others."""
    kinds = {o.case.by_hand for o in failing}
    return any(fails(o) is False and trait not in o.case.traits and o.case.by_hand in kinds for o in seen)
