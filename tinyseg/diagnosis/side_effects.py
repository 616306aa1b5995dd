"""Results are right, but are the functions pure?

Inputs changed, memory read before it is written, something kept from call to call.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .calling import Watched, poisoned_memory
from .comparison import NO_NUMBERS, Kind, agrees, looseness
from .observing import Learner, NotAgain, Observation, gradients_of
from .verdicts import Changed, Unstable

KEPT = "state-kept-between-calls"


def side_effect(learner: Learner, judged: Sequence[Observation]) -> Changed | Unstable | None:
    """Return what is wrong besides the numbers, or None."""
    changed = [o for o in judged if o.changed]
    if changed:
        function, arrays = next(iter(changed[0].changed.items()))
        return Changed(function, arrays, changed[0].case, len(changed), len(judged))
    return unstable(learner, judged)


def changed_arrays(judged: Sequence[Observation], *, with_cache: bool) -> tuple[Watched, ...]:
    """Return the arrays that were changed in some configuration, by name."""
    found = {array for o in judged for arrays in o.changed.values() for array in arrays}
    return tuple(sorted(array for array in found if with_cache or not array.in_cache))


def unstable(learner: Learner, judged: Sequence[Observation]) -> Unstable | None:
    """Look for results that depend on more than the arguments."""
    several = [o for o in judged if not o.case.lenient and o.raised is None]
    if not several:
        return None
    cases = [
        several[0],
        several[len(several) // 2],
        max(several, key=lambda o: sum(a.size for a in o.case.arrays.values())),
    ]
    for seen in cases:
        with poisoned_memory():
            output = _turned_into_nan(seen, learner.observe(seen.case, seen.number))
        if output:
            return Unstable("uninitialised-memory", output, seen.case)
    for seen in cases:
        output = _difference(seen, learner.observe(seen.case, seen.number))
        if output:
            return Unstable(KEPT, output, seen.case)
    if learner.backward is not None and all(seen.is_right for seen in cases):
        try:
            return _shared_state(learner, cases) or _reused_results(learner, cases)
        except NotAgain:
            return Unstable(KEPT, "forward, called again", cases[0].case)
    return None


def _turned_into_nan(before: Observation, after: Observation) -> str:
    """Return an output that has NaN only because unused memory was filled with it."""
    for output, found in before.findings.items():
        again = after.findings.get(output)
        if again is None or again.kind is not Kind.NOT_FINITE or found.kind in NO_NUMBERS:
            continue
        if np.isfinite(np.asarray(found.got)).all():
            return output
    return ""


def _difference(before: Observation, after: Observation) -> str:
    """Return an output that was another one the second time."""
    for output, found in before.findings.items():
        if found.kind in NO_NUMBERS:
            continue
        if output not in after.findings or not agrees(found.got, after.findings[output].got, looseness(found.right)):
            return output
    return ""


def _shared_state(learner: Learner, cases: Sequence[Observation]) -> Unstable | None:
    """Two forwards, then the backward of the first; and one backward twice."""
    for first, second in ((cases[0], cases[-1]), (cases[-1], cases[0])):
        cache = learner.cache_of(first.case)
        learner.cache_of(second.case)
        if not _backward_is_right(learner, first, cache):
            return Unstable(KEPT, "backward after another forward", first.case)
        if not _backward_is_right(learner, first, cache):
            return Unstable(KEPT, "backward, the second time with one cache", first.case)
    return None


def _reused_results(learner: Learner, cases: Sequence[Observation]) -> Unstable | None:
    """Is what an earlier call returned still the same after a later one?"""
    seen = cases[-1]
    names = learner.operation.gradients
    cache = learner.cache_of(seen.case)
    first = learner.run_backward(seen.case.dy.copy(), cache, {})
    _backward_is_right(learner, seen.__class__(seen.case.with_dy(2 * seen.case.dy), seen.right), cache)
    values = gradients_of(first.result_now(), names)
    if not isinstance(values, (tuple, list)) or len(values) != len(names):
        return Unstable(KEPT, "backward, called again", seen.case)
    for name, value in zip(names, values, strict=True):
        if not learner.operation.compare(seen.case, name, seen.right[name], value).is_right:
            return Unstable("result-overwritten-later", name, seen.case)
    return None


def _backward_is_right(learner: Learner, seen: Observation, cache: object) -> bool:
    names = learner.operation.gradients
    done = learner.run_backward(seen.case.dy.copy(), cache, {})
    values = gradients_of(done.result, names)
    if done.raised or done.timed_out or not isinstance(values, (tuple, list)) or len(values) != len(names):
        return False
    return all(
        learner.operation.compare(seen.case, name, seen.right[name], value).is_right
        for name, value in zip(names, values, strict=True)
    )
