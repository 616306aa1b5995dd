"""Words and numbers of a diagnosis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .causes import sentence
from .conditions import conditions
from .observing import Learner, Observation
from .operation import Operation, Trouble
from .result import Diagnosis

PRINTED = 48
"""Arrays of more numbers are not printed in an example."""


def passed_diagnosis(
    operation: Operation, learner: Learner, judged: Sequence[Observation], notes: tuple[str, ...]
) -> Diagnosis:
    """All is right."""
    looked_at = " and ".join(n for n, f in (("forward", learner.forward), ("backward", learner.backward)) if f)
    worst = max((f.error for o in judged for f in o.findings.values() if o.case.dtype == np.float64), default=0.0)
    message = f"{looked_at} right in all {len(judged)} configurations (worst relative error in float64: {worst:.1e})."
    return Diagnosis(
        operation.name,
        True,
        message=message,
        evidence={"configurations": len(judged), "worst error": worst},
        notes=notes,
    )


def trouble_diagnosis(operation: Operation, trouble: Trouble, notes: tuple[str, ...]) -> Diagnosis:
    """What a test of properties found."""
    text = sentence(trouble.cause, operation.name, thing=trouble.where, detail=trouble.detail)
    return Diagnosis(operation.name, False, trouble.cause, trouble.where, text, trouble.evidence, notes)


def refusal_note(observations: Sequence[Observation]) -> str:
    """Say which optional configurations raised."""
    seen = next(o for o in observations if o.case.lenient and (o.raised is not None or o.timed_out))
    why = "it takes too long there" if seen.raised is None else f"it raises there ({seen.raised[1]})"
    return f"not judged, because {why}: {seen.case.label}"


def time_out_diagnosis(
    operation: Operation, late: Observation, judged: Sequence[Observation], limit: float
) -> Diagnosis:
    """A call that did not come back."""
    before = [o for o in judged if o is not late]
    when = ", ".join(conditions([late], before))
    small = (
        "even in the smallest configuration"
        if not before
        else f"in this configuration, after {len(before)} others went well"
    )
    message = (
        f"{late.timed_out} did not return within {limit:g} s {small} ({late.case.label}). Its arrays are tiny, so that this is a loop that never ends, or one "
        "that does far more steps than there are products. Hint: look at every while and at what makes its condition false; print the loop's counters."
    )
    return Diagnosis(
        operation.name,
        False,
        "time-out",
        f"{late.timed_out}" + (f", first with {when}" if when else ""),
        message,
        {"configuration": late.case.label, "time limit in s": limit},
    )


def when_text(failing: Sequence[Observation], passing: Sequence[Observation]) -> str:
    """Say when it fails: 'only with strides above 1'; empty when it fails always or nothing is common."""
    common = conditions(failing, passing)
    return f"only with {' and '.join(common)}" if common else ""


def example_of(failing: Sequence[Observation], output: str) -> str:
    """Show the smallest failing case that can be checked by hand: inputs, right and wrong result."""
    by_hand = [o for o in failing if o.case.by_hand] or list(failing)
    in_order = sorted(by_hand, key=lambda o: sum(a.size for a in o.case.arrays.values()))
    # Numbers that differ beyond the digits that are printed show nothing.
    telling = [o for o in in_order if _array_text(o.findings[output].right) != _array_text(o.findings[output].got)]
    seen = (telling or in_order)[0]
    found = seen.findings[output]
    lines = [", ".join(f"{k}={v!r}" for k, v in seen.case.options.items())] if seen.case.options else []
    shown: dict[str, Any] = dict(seen.case.arrays)
    if output.startswith("d") and seen.case.dy is not None:
        shown["dy"] = seen.case.dy
    shown |= {f"{output}, right": found.right, f"{output}, yours": found.got}
    return "\n".join(lines + [f"{name} = {_array_text(value)}" for name, value in shown.items()])


def _array_text(value: Any) -> str:
    array = np.asarray(value)
    if array.size > PRINTED:
        return f"(shape {array.shape}; too large to print)"
    plain = np.squeeze(array)
    text = np.array2string(
        plain, precision=5, separator=", ", suppress_small=not plain.size or bool(np.abs(plain).max() > 1e-3)
    ).replace("\n", "\n    ")
    return f"{text}" + (f"   (shape {array.shape})" if plain.shape != array.shape else "")


def numbers_of(
    operation: Operation, output: str, failing: Sequence[Observation], passing: Sequence[Observation]
) -> dict[str, Any]:
    """Collect the figures about one wrong output."""
    first = failing[0]
    found = first.findings[output]
    numbers: dict[str, Any] = {
        "smallest failing configuration": first.case.label,
        "configurations": f"{len(failing)} wrong, {len(passing)} right",
    }
    if found.kind == "shape":
        return {**numbers, "expected shape": found.right.shape, "shape": np.shape(found.got)}
    if found.kind in ("value", "precision", "not finite") and found.right.size:
        with np.errstate(all="ignore"):
            distance = np.abs(np.asarray(found.got, np.float64) - found.right)
        place = np.unravel_index(int(np.argmax(np.where(np.isnan(distance), np.inf, distance))), distance.shape)
        right, got = float(found.right[place]), float(np.asarray(found.got)[place])
        numbers |= {
            "wrong numbers there": f"{int(found.wrong.sum())} of {found.right.size}",
            "worst at": f"{output}[{', '.join(str(int(i)) for i in place)}]" if place else output,
            "expected": right,
            "got": got,
        }
        if right:
            numbers["ratio"] = got / right
        numbers["largest error, relative"] = max(o.findings[output].error for o in failing)
    return numbers
