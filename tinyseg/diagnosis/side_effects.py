"""Results are right, but are the functions pure? Inputs changed, memory read before it is written, something kept from call to call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .calling import poisoned_memory
from .causes import sentence
from .comparison import agrees, looseness
from .observing import Learner, Observation, gradients_of
from .result import Diagnosis


def side_effect_diagnosis(learner: Learner, judged: Sequence[Observation], notes: tuple[str, ...]) -> Diagnosis | None:
    """Return what is wrong besides the numbers, or None."""
    name = learner.operation.name
    changed = [o for o in judged if o.changed]
    if changed:
        function, arrays = next(iter(changed[0].changed.items()))
        cause = "cache-changed" if all(a.startswith("cache") for a in arrays) else "input-changed"
        return _diagnosis(
            name, cause, f"{function}: {', '.join(arrays)}", notes,
            {"smallest configuration": changed[0].case.label, "configurations": f"{len(changed)} of {len(judged)}"},
            thing=" and ".join(arrays), function=function,
        )  # fmt: skip
    found = unstable(learner, judged)
    if found is not None:
        cause, where, label = found
        return _diagnosis(name, cause, where, notes, {"configuration": label}, thing=where, function=where)
    return None


def unstable(learner: Learner, judged: Sequence[Observation]) -> tuple[str, str, str] | None:
    """Look for results that depend on more than the arguments; return (cause, where, configuration)."""
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
            output = _turned_into_nan(seen, learner.observe(seen.case))
        if output:
            return "uninitialised-memory", output, seen.case.label
    for seen in cases:
        output = _difference(seen, learner.observe(seen.case))
        if output:
            return "state-kept-between-calls", output, seen.case.label
    if learner.backward is not None and all(seen.is_right for seen in cases):
        return _shared_state(learner, cases) or _reused_results(learner, cases)
    return None


def _turned_into_nan(before: Observation, after: Observation) -> str:
    """Return an output that has NaN only because unused memory was filled with it."""
    for output, found in before.findings.items():
        again = after.findings.get(output)
        if again is not None and np.isfinite(np.asarray(found.got)).all() and again.kind == "not finite":
            return output
    return ""


def _difference(before: Observation, after: Observation) -> str:
    """Return an output that was another one the second time."""
    for output, found in before.findings.items():
        if output not in after.findings or not agrees(found.got, after.findings[output].got, looseness(found.right)):
            return output
    return ""


def _shared_state(learner: Learner, cases: Sequence[Observation]) -> tuple[str, str, str] | None:
    """Two forwards, then the backward of the first; and one backward twice."""
    for first, second in ((cases[0], cases[-1]), (cases[-1], cases[0])):
        cache = learner.cache_of(first.case)
        learner.cache_of(second.case)
        if not _backward_is_right(learner, first, cache):
            return "state-kept-between-calls", "backward after another forward", first.case.label
        if not _backward_is_right(learner, first, cache):
            return "state-kept-between-calls", "backward, the second time with one cache", first.case.label
    return None


def _reused_results(learner: Learner, cases: Sequence[Observation]) -> tuple[str, str, str] | None:
    """Is what an earlier call returned still the same after a later one?"""
    seen = cases[-1]
    names = learner.operation.gradients
    cache = learner.cache_of(seen.case)
    values = gradients_of(learner.run_backward(seen.case.dy.copy(), cache, {}).result, names)
    _backward_is_right(learner, seen.__class__(seen.case.with_dy(2 * seen.case.dy), seen.right), cache)
    for name, value in zip(names, values, strict=True):
        if not learner.operation.compare(seen.case, name, seen.right[name], value).is_right:
            return "result-overwritten-later", name, seen.case.label
    return None


def _backward_is_right(learner: Learner, seen: Observation, cache: Any) -> bool:
    names = learner.operation.gradients
    done = learner.run_backward(seen.case.dy.copy(), cache, {})
    values = gradients_of(done.result, names)
    if done.raised or done.timed_out or not isinstance(values, (tuple, list)) or len(values) != len(names):
        return False
    return all(
        learner.operation.compare(seen.case, name, seen.right[name], value).is_right
        for name, value in zip(names, values, strict=True)
    )


def _diagnosis(
    operation: str, cause: str, where: str, notes: tuple[str, ...], evidence: dict[str, Any], **words: str
) -> Diagnosis:
    return Diagnosis(operation, False, cause, where, sentence(cause, operation, **words), evidence, notes)
