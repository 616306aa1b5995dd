"""The verdict on what was observed: which output to look at first, and its cause."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from .calling import Watched
from .clauses import gives, place_of, raises, verified_conditions
from .comparison import COMPARABLE, NO_NUMBERS, Kind, agrees, looseness
from .conditions import conditions
from .explaining import Explainer, divided
from .explanation import Explanation, is_right
from .history import drawn_again, kept_from_the_first, vanishing, with_other_numbers
from .observing import Function, Learner, Observation
from .operation import Operation
from .place import NamedRegion, OneEnd, OneNumber, Place
from .precision import Loss, forgiven, losses
from .side_effects import changed_arrays, unstable
from .traits import FLOAT32
from .verdicts import (
    Changed,
    Crashed,
    Explained,
    LostPrecision,
    Malfunction,
    NoArray,
    Passed,
    TookTooLong,
    Unexplained,
    Unstable,
    WrongOrder,
    WrongOutput,
    WrongReturn,
)

ALTERNATIVES = 2
"""How many other mistakes that give the same numbers are told."""
DETAILS = 3
"""How many details of a cause that give the same numbers are told."""
CONTRADICTED = 4
"""A mistake that is made in a part only explains so many times as many configurations as contradict it."""
FEW = 3
"""Configurations that are too few to tell one cause from another."""


def passed(learner: Learner, judged: Sequence[Observation]) -> Passed:
    """All is right."""
    given = {Function.FORWARD: learner.forward, Function.BACKWARD: learner.backward}
    worst = max((f.error for o in judged for f in o.findings.values() if o.case.dtype == np.float64), default=0.0)
    results = ((name, o, f) for o in judged for name, f in o.findings.items() if isinstance(f.got, np.ndarray))
    wider = {
        name for name, o, f in results if f.right.ndim and o.case.dtype == np.float32 and f.got.dtype == np.float64
    }
    return Passed(
        tuple(n for n, function in given.items() if function is not None), len(judged), worst, tuple(sorted(wider))
    )


def took_too_long(learner: Learner, judged: Sequence[Observation]) -> TookTooLong | None:
    """Return the call that did not come back, if there is one."""
    for seen in judged:
        if seen.timed_out is not None:
            before = [o for o in judged if o is not seen]
            return TookTooLong(seen.timed_out, seen.case, len(before), conditions([seen], before), learner.limit)
    return None


def wrong(
    operation: Operation, learner: Learner, judged: Sequence[Observation]
) -> WrongOrder | Malfunction | Unstable | Explained | Unexplained:
    """Find the cause of what is wrong."""
    order = _order_of(Function.BACKWARD, operation.gradients, judged) or _order_of(
        Function.FORWARD, operation.results, judged
    )
    if order is not None:
        return order
    explainer = Explainer(operation)
    names = wrong_outputs(operation, judged)
    lost = {
        n: loss for n, loss in losses(operation, judged, names).items() if not _is_a_mistake(explainer, loss, judged)
    }
    if lost and len(lost) == len(names):
        return _malfunction(operation, learner, judged) or LostPrecision(lost[names[0]], tuple(names[1:]))
    if lost:  # what is more than rounding comes first
        judged, names = forgiven(judged), [n for n in names if n not in lost]
    more = with_other_numbers(learner, judged, wrong_too=True)
    known = _explanations(explainer, names, judged, forgiven(more) if lost else more)
    malfunction = _malfunction(operation, learner, judged)
    if not _is_whole(known, vanishing(learner, judged)):
        changed = changed_arrays(judged, with_cache=False)
        kept = None if changed else unstable(learner, judged) or kept_from_the_first(learner, judged)
        if kept is not None:
            return kept
    if known:
        output = next((o for o in operation.results if o in known), next(iter(known)))
        best = _shared_cause(output, known)
        if malfunction is None or (best.is_full and _is_hardly_contradicted(best, output, judged)):
            seen = _wrong_output(learner, explainer, output, judged, more)
            return _explained(seen, best, [*names, *lost], judged, known, tuple(lost))
    if malfunction is not None:
        return malfunction
    seen = _wrong_output(learner, explainer, names[0], judged, more)
    changed = changed_arrays(judged, with_cache=False)
    return Unexplained(seen, _suspect(operation, seen, judged, changed), (*names[1:], *lost), changed)


def _is_whole(known: Mapping[str, list[Explanation]], right: Sequence[Observation]) -> bool:
    """Whether a mistake gives all that was seen, and all of `right` as well."""
    return any(
        e.is_whole and all(is_right(e.predict(o), o.findings[name]) for o in right if name in o.findings)
        for name, found in known.items()
        for e in found
    )


def _explanations(
    explainer: Explainer, names: Sequence[str], judged: Sequence[Observation], more: Sequence[Observation]
) -> dict[str, list[Explanation]]:
    """Return, for each wrong output, the explanations that hold with other numbers too."""
    known = {}
    for name in names:
        failing = divided(name, judged)[0]
        # What fails in one or two configurations is looked at with other numbers as well: one number fits anything.
        again = [o for o in more if o.number in {f.number for f in failing}] if len(failing) < FEW else []
        found = [
            e
            for e in explainer.explain(name, [*judged, *again])
            if (e.is_full or _is_likely(e, name, judged)) and gives(name, e).holds(more)
        ]
        if found:
            known[name] = found
    return known


def _is_likely(partial: Explanation, output: str, judged: Sequence[Observation]) -> bool:
    """Whether what explains a part only may be told: of three at least, and of far more than contradict it."""
    return len(divided(output, judged)[0]) >= FEW and _is_hardly_contradicted(partial, output, judged)


def _is_hardly_contradicted(explanation: Explanation, output: str, judged: Sequence[Observation]) -> bool:
    return CONTRADICTED * _made_elsewhere(explanation, output, judged) <= explanation.explained


def _made_elsewhere(explanation: Explanation, output: str, judged: Sequence[Observation]) -> int:
    """Return in how many configurations a mistake would show where the result is right."""
    right = divided(output, judged)[1]
    return sum(not is_right(explanation.predict(o), o.findings[output]) for o in right)


def _is_a_mistake(explainer: Explainer, loss: Loss, judged: Sequence[Observation]) -> bool:
    """Whether a mistake gives just these small errors: an epsilon of another size, say."""
    numbers = sum(o.findings[loss.output].right.size for o in judged if not o.findings[loss.output].is_right)
    return not loss.exact and numbers > 5 and bool(explainer.whole(loss.output, judged))


def wrong_outputs(operation: Operation, judged: Sequence[Observation]) -> list[str]:
    """Return the outputs with wrong numbers or shapes, in the order in which to mend them: forward first."""
    names = (*operation.results, *operation.gradients)
    return [n for n in names if any(n in o.findings and o.findings[n].kind in COMPARABLE for o in judged)]


def _order_of(function: Function, names: tuple[str, ...], judged: Sequence[Observation]) -> WrongOrder | None:
    """Return the order in which results were returned when they are right but for their order."""
    sound = [o for o in judged if set(names) <= set(o.findings)]
    if len(names) < 2 or not sound:
        return None
    for order in itertools.permutations(names):
        if order != names and all(
            agrees(o.right[wanted], o.findings[place].got, looseness(o.right[wanted]))
            for o in sound
            for place, wanted in zip(names, order, strict=True)
        ):
            return WrongOrder(function, order, names)
    return None


# What comes before numbers -------------------------------------------------------------------------------------------


def _malfunction(operation: Operation, learner: Learner, judged: Sequence[Observation]) -> Malfunction | None:
    """Find exceptions, results that are missing or of another kind, dtypes, changed inputs."""
    forward_wrong = any(not o.findings[n].is_right for o in judged for n in operation.results if n in o.findings)
    for seen in judged:
        if seen.malformed is not None:
            return WrongReturn(seen.malformed, seen.case)
    for seen in judged:
        for name, found in seen.findings.items():
            if found.kind in NO_NUMBERS:
                return NoArray(name, found, seen.case)
    return _crash(learner, judged, forward_wrong) or (None if forward_wrong else _changed_input(judged))


def _crash(learner: Learner, judged: Sequence[Observation], forward_wrong: bool) -> Crashed | None:
    # A backward that cannot work with what a wrong forward left is that forward's fault.
    crashed = [
        o for o in judged if o.raised is not None and not (forward_wrong and o.raised.function is Function.BACKWARD)
    ]
    if not crashed or crashed[0].raised is None:
        return None
    good, first = [o for o in judged if o.is_right], crashed[0].raised
    traits = verified_conditions(learner, [*crashed, *good], raises)[0] if good else ()
    return Crashed(first.function, first.raised, crashed[0].case, traits, len(crashed), len(judged), not good)


def _changed_input(judged: Sequence[Observation]) -> Changed | None:
    changed = [o for o in judged if changed_arrays([o], with_cache=False)]
    if not changed:
        return None
    function, arrays = next(iter(changed[0].changed.items()))
    return Changed(function, arrays, changed[0].case, len(changed), len(judged))


# Wrong numbers and shapes --------------------------------------------------------------------------------------------


def _wrong_output(
    learner: Learner,
    explainer: Explainer,
    output: str,
    judged: Sequence[Observation],
    more: Sequence[Observation],
) -> WrongOutput:
    failing, passing = divided(output, judged)
    if len(failing) <= FEW:
        more = [*more, *drawn_again(learner, failing)]
    axes = explainer.axes_of(output, failing[0].findings[output].right.ndim)
    place, clauses = place_of(learner, output, axes, judged, more)
    function = Function.FORWARD if output in learner.operation.results else Function.BACKWARD
    return WrongOutput(output, function, failing, passing, place, clauses)


def _shared_cause(output: str, known: Mapping[str, list[Explanation]]) -> Explanation:
    """Of equally good explanations of an output take one that explains other wrong outputs too."""
    first = known[output][0]
    candidates = [e for e in known[output] if (e.elsewhere_right, e.is_full) == (first.elsewhere_right, first.is_full)]
    others = [{e.cause for e in found} for name, found in known.items() if name != output]
    return max(candidates, key=lambda e: (not e.generic, sum(e.cause in causes for causes in others)))


def _explained(
    seen: WrongOutput,
    best: Explanation,
    names: Sequence[str],
    judged: Sequence[Observation],
    known: Mapping[str, list[Explanation]],
    lost: tuple[str, ...],
) -> Explained:
    same = [
        e
        for e in known[seen.output]
        if e.cause != best.cause and e.is_full and e.elsewhere_right and best.elsewhere_right
    ]
    alike = [e for e in same if not (e.generic or best.generic or e.others_wrong or e.beyond) and e.exact == best.exact]
    others = {e.cause: e for e in reversed(alike)}
    also = {name: [e.cause for e in known.get(name, [])] for name in names if name != seen.output}
    also |= {name: ["precision-lost"] for name in lost}
    if best.is_full:  # what was looked at once more is no configuration, and is not counted
        best = best._replace(explained=len(seen.failing), of=len(seen.failing))
    crash = next(((o.raised, o.case) for o in judged if o.raised is not None), None)
    return Explained(
        seen,
        best,
        _details(best, known[seen.output]),
        tuple(others.values())[::-1][:ALTERNATIVES],
        tuple(dict.fromkeys(e.cause for e in same))[:3],
        _made_elsewhere(best, seen.output, judged),
        tuple((name, best.cause if best.cause in causes else [*causes, "unknown"][0]) for name, causes in also.items()),
        changed_arrays(judged, with_cache=True),
        crash,
    )


def _details(best: Explanation, known: Sequence[Explanation]) -> tuple[str, ...]:
    """Return the details of a cause that nothing tells apart; none where one of them says nothing."""
    if not best.is_full or best.second is not None or best.factor is not None:
        return (best.detail,)
    quality = (best.elsewhere_right, best.exact, best.others_wrong, best.beyond)
    equal = [e for e in known if e.cause == best.cause and e.is_full and e.second is None and e.factor is None]
    details = dict.fromkeys(
        e.detail for e in equal if (e.elsewhere_right, e.exact, e.others_wrong, e.beyond) == quality
    )
    return ("",) if "" in details else tuple(details)[:DETAILS]


def _suspect(operation: Operation, seen: WrongOutput, judged: Sequence[Observation], changed: Sequence[Watched]) -> str:
    """Return the cause that place and conditions suggest; 'unknown' when they suggest none."""
    if changed:
        return "input-changed"
    kinds = [o.findings[seen.output].kind for o in seen.failing]
    if Kind.NOT_FINITE in kinds:
        return _suspect_of_infinities(seen.place)
    if all(kind is Kind.SHAPE for kind in kinds):
        return _suspect_of_shape(operation, seen)
    suspect = _suspect_of_place(seen.place)
    # Numbers that are far off did not lose digits: another layout of the arrays in memory was expected.
    far_off = max(o.findings[seen.output].error for o in seen.failing) > 0.1
    return "memory-layout-assumed" if suspect == FLOAT32.mishandled and far_off else suspect


def _suspect_of_infinities(place: Place) -> str:
    by_trait = next((trait.not_finite for trait in place.telling if trait.not_finite), "")
    by_end = place.region.not_finite if isinstance(place.region, OneEnd) else ""
    return by_trait or by_end or "not-finite"


def _suspect_of_shape(operation: Operation, seen: WrongOutput) -> str:
    """Name a wrong shape: empty, or one that a known mistake gives."""
    found = [(o.case, o.findings[seen.output].got) for o in seen.failing]
    if all(got.size == 0 for _, got in found):
        return "empty-slice"
    named = {operation.named_shapes(case, seen.output).get(got.shape) for case, got in found}
    return (named.pop() if len(named) == 1 else None) or "wrong-shape"


def _suspect_of_place(place: Place) -> str:
    region = place.region
    by_region = region.mistake if isinstance(region, NamedRegion) else ""
    by_trait = next((trait.suspect for trait in place.telling if trait.suspect), "")
    by_end = region.mishandled if isinstance(region, NamedRegion | OneNumber) else ""
    return by_region or by_trait or by_end or "unknown"
