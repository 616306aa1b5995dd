"""The verdict on functions that gave something wrong: which output to look at first, its cause, and how to say it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any

from .causes import sentence
from .comparison import agrees, looseness
from .conditions import conditions, region_of
from .explaining import COMPARABLE, Explainer, Explanation
from .observing import Learner, Observation
from .operation import Operation
from .reporting import example_of, numbers_of, when_text
from .result import Diagnosis
from .side_effects import unstable

SUSPECTS = {
    "an image that is not square": "height-and-width-swapped",
    "a window that is not square": "height-and-width-swapped",
    "unequal strides": "strides-swapped",
    "unequal dilation": "dilations-swapped",
    "strides above 1": "strides-mishandled",
    "dilation above 1": "dilation-mishandled",
    "padding": "padding-mishandled",
    "padding that is not symmetric": "padding-not-symmetric-mishandled",
    "explicit padding": "explicit-padding-mishandled",
    "several images": "batch-mishandled",
    "several channels": "channels-mishandled",
    "several filters": "filters-mishandled",
    "overlapping windows": "overlaps-mishandled",
    "equal numbers in a window": "ties-mishandled",
    "large numbers": "overflow",
    "zeros among the inputs": "zeros-mishandled",
    "float32 inputs": "float32-mishandled",
    "a mean far above the spread": "variance-as-difference-of-squares",
    "a large image": "integer-overflow",
    "two maxima of the variance": "stops-at-the-first-maximum",
    "labels of 8 bits": "label-dtype-overflows",
    "tiny numbers": "tiny-numbers-mishandled",
    "inputs that are not contiguous in memory": "memory-layout-assumed",
}
"""What is named when a fault appears exactly under one condition and no mistake is known that gives it."""


def wrong_diagnosis(
    operation: Operation, learner: Learner, explainer: Explainer, judged: Sequence[Observation], notes: tuple[str, ...]
) -> Diagnosis:
    """Find the cause of what is wrong."""
    order = _order_of(operation.gradients, judged) or _order_of(operation.results, judged)
    if order:
        text = sentence("results-in-wrong-order", operation.name, detail=order)
        return Diagnosis(operation.name, False, "results-in-wrong-order", "backward", text, {"returned": order}, notes)
    wrong = wrong_outputs(operation, judged)
    explained = {output: explainer.explain(output, judged) for output in wrong}
    known = {output: found for output, found in explained.items() if found}
    if known:
        forward_first = [o for o in operation.results if o in known] or list(known)
        output = forward_first[0]
        best = _shared_cause(output, known)
        if best.is_full or not _special_failure(operation, learner, judged):
            return _explained(operation, explainer, output, best, wrong, judged, notes, known)
    special = _special_failure(operation, learner, judged)
    if special is not None:
        cause, where, words, evidence = special
        return Diagnosis(operation.name, False, cause, where, sentence(cause, operation.name, **words), evidence, notes)
    return _unexplained(operation, learner, explainer, wrong, judged, notes)


def wrong_outputs(operation: Operation, judged: Sequence[Observation]) -> list[str]:
    """Return the outputs with wrong numbers or shapes, in the order in which to mend them: forward first."""
    names = (*operation.results, *operation.gradients)
    return [n for n in names if any(n in o.findings and o.findings[n].kind in COMPARABLE for o in judged)]


def _shared_cause(output: str, known: dict[str, list[Explanation]]) -> Explanation:
    """Of equally good explanations of an output take one that explains other wrong outputs too."""
    candidates = [
        e
        for e in known[output]
        if (e.elsewhere_right, e.is_full) == (known[output][0].elsewhere_right, known[output][0].is_full)
    ]
    others = [{e.cause for e in found} for name, found in known.items() if name != output]
    return max(candidates, key=lambda e: (not e.generic, sum(e.cause in causes for causes in others)))


def _split(output: str, judged: Sequence[Observation]) -> tuple[list[Observation], list[Observation]]:
    failing = [o for o in judged if output in o.findings and o.findings[output].kind in COMPARABLE]
    passing = [o for o in judged if output in o.findings and o.findings[output].is_right]
    return failing, passing


def _explained(
    operation: Operation,
    explainer: Explainer,
    output: str,
    best: Explanation,
    wrong: Sequence[str],
    judged: Sequence[Observation],
    notes: tuple[str, ...],
    known: dict[str, list[Explanation]],
) -> Diagnosis:
    failing, passing = _split(output, judged)
    place = _place(operation, explainer, output, failing, passing)
    cause = best.cause
    seen = f"{output} is wrong in {len(failing)} of {len(failing) + len(passing)} configurations ({place})."
    match = (
        "In every one of them it is exactly what one known mistake gives:\n"
        if best.is_full
        else f"In {best.explained} of these {best.of} it is exactly what one known mistake gives (the others have something more to them):\n"
    )
    parts = [
        seen,
        match
        + sentence(cause, operation.name, thing=output, function=_function_of(operation, output), detail=best.detail),
    ]
    if best.factor and cause != "wrong-factor":
        parts.append(f"On top of that the numbers are multiplied by {best.factor}.")
    others = {o: known[o][0].cause for o in wrong if o != output and o in known}
    evidence = numbers_of(operation, output, failing, passing)
    evidence["explained"] = f"{best.explained} of {best.of} wrong results"
    if best.factor:
        evidence["factor"] = best.factor
    alternatives = [
        e.cause for e in known[output] if e.cause != cause and e.is_full and e.elsewhere_right == best.elsewhere_right
    ]
    if alternatives:
        evidence["would look the same"] = list(dict.fromkeys(alternatives))[:3]
    also = [
        f"{o} ({cause if any(e.cause == cause for e in known.get(o, [])) else others.get(o, 'unknown')})"
        for o in wrong
        if o != output
    ]
    if also:
        evidence["also wrong"] = also
    if any(o.changed for o in judged):
        evidence["inputs changed"] = sorted({n for o in judged for names in o.changed.values() for n in names})
    if any(o.raised for o in judged):
        crash = next(o for o in judged if o.raised)
        assert crash.raised is not None
        evidence["raises as well"] = f"{crash.raised[0]}: {crash.raised[1]} with {crash.case.label}"
    evidence["example"] = example_of(failing, output)
    return Diagnosis(operation.name, False, cause, f"{output}: {place}", "\n".join(parts), evidence, notes)


def _place(
    operation: Operation,
    explainer: Explainer,
    output: str,
    failing: Sequence[Observation],
    passing: Sequence[Observation],
) -> str:
    rank = failing[0].findings[output].right.ndim
    region = region_of(operation, output, explainer.axes_of(output, rank), failing)
    if any(o.findings[output].kind == "shape" for o in failing):
        region = "shape" if not region else f"shape; {region}"
    return ", ".join(part for part in (region, when_text(failing, passing)) if part)


def _function_of(operation: Operation, output: str) -> str:
    return "forward" if output in operation.results else "backward"


def _special_failure(
    operation: Operation, learner: Learner, judged: Sequence[Observation]
) -> tuple[str, str, dict[str, str], dict[str, Any]] | None:
    """Find what comes before numbers: exceptions, results that are missing or of another kind, dtypes, changed inputs."""
    good = [o for o in judged if o.is_right]
    forward_wrong = any(not o.findings[n].is_right for o in judged for n in operation.results if n in o.findings)
    # A backward that cannot work with what a wrong forward left is that forward's fault.
    crashed = [o for o in judged if o.raised is not None and not (forward_wrong and o.raised[0] == "backward")]
    malformed = [o for o in judged if o.malformed is not None]
    if malformed:
        output, what = malformed[0].malformed or ("", "")
        return "wrong-return", output, {"detail": what, "thing": output}, {"configuration": malformed[0].case.label}
    odd = [(o, n, f) for o in judged for n, f in o.findings.items() if f.kind in ("missing", "not an array")]
    if odd:
        seen, name, found = odd[0]
        cause = "result-missing" if found.kind == "missing" else "wrong-return"
        return (
            cause,
            name,
            {"thing": name, "detail": f"{name} is not an array of numbers"},
            {"configuration": seen.case.label},
        )
    if crashed:
        return _crash(crashed, good, len(judged))
    changed = [o for o in judged if any(not n.startswith("cache") for names in o.changed.values() for n in names)]
    if changed and not forward_wrong:
        function, arrays = next(iter(changed[0].changed.items()))
        words = {"thing": " and ".join(arrays), "function": function}
        return "input-changed", f"{function}: {', '.join(arrays)}", words, {"configuration": changed[0].case.label}
    kinds = {f.kind for o in judged for f in o.findings.values()} - {"right"}
    if kinds == {"dtype"}:
        return _wrong_dtype(judged)
    if kinds <= {"precision", "dtype"}:
        seen, name = next((o, n) for o in judged for n, f in o.findings.items() if f.kind == "precision")
        return (
            "precision-lost",
            name,
            {"thing": name},
            {"error": seen.findings[name].error, "configuration": seen.case.label},
        )
    return None


def _crash(
    crashed: Sequence[Observation], good: Sequence[Observation], count: int
) -> tuple[str, str, dict[str, str], dict[str, Any]]:
    function, raised = crashed[0].raised or ("", None)
    common = conditions(crashed, good)
    suspects = [SUSPECTS[t] for t in common if t in SUSPECTS]
    cause = "exception" if not suspects or raised is None else suspects[0]
    if cause.endswith("-mishandled"):
        cause = "exception"
    where = f"{function}, {'always' if not good else when_text(crashed, good) or f'in {len(crashed)} of {count} configurations'}"
    evidence = {"raised": str(raised), "smallest failing configuration": crashed[0].case.label}
    return cause, where, {"function": function, "thing": function, "detail": f"It raises {raised}."}, evidence


def _wrong_dtype(judged: Sequence[Observation]) -> tuple[str, str, dict[str, str], dict[str, Any]]:
    seen, name, found = next((o, n, f) for o in judged for n, f in o.findings.items() if f.kind == "dtype")
    detail = f"{name} is {found.got.dtype} where the inputs are {found.right.dtype}"
    return "wrong-dtype", name, {"thing": name, "detail": detail}, {"configuration": seen.case.label}


def _order_of(names: tuple[str, ...], judged: Sequence[Observation]) -> str:
    """Return the order in which results were returned when they are right but for their order."""
    sound = [o for o in judged if set(names) <= set(o.findings)]
    if len(names) < 2 or not sound:
        return ""
    for order in itertools.permutations(names):
        if order != names and all(
            agrees(o.right[wanted], o.findings[place].got, looseness(o.right[wanted]))
            for o in sound
            for place, wanted in zip(names, order, strict=True)
        ):
            return f"({', '.join(order)}) instead of ({', '.join(names)})"
    return ""


def _unexplained(
    operation: Operation,
    learner: Learner,
    explainer: Explainer,
    wrong: Sequence[str],
    judged: Sequence[Observation],
    notes: tuple[str, ...],
) -> Diagnosis:
    """Say when and where, which is known, and that the reason is not."""
    output = wrong[0]
    failing, passing = _split(output, judged)
    place = _place(operation, explainer, output, failing, passing)
    evidence = numbers_of(operation, output, failing, passing)
    if len(wrong) > 1:
        evidence["also wrong"] = list(wrong[1:])
    evidence["example"] = example_of(failing, output)
    shaky = unstable(learner, judged)
    common = conditions(failing, passing)
    if any(o.findings[output].kind == "not finite" for o in failing):
        suspect = "overflow" if "large numbers" in common else "not-finite"
        if "a class that does not occur" in common:
            suspect = "absent-classes-divide-by-zero"
    elif all(o.findings[output].kind == "shape" for o in failing):
        suspect = _cause_of_shape(operation, output, failing)
    else:
        suspect = next((SUSPECTS[t] for t in common if t in SUSPECTS), "unknown")
        by_region = {cause for name, cause in operation.named_regions().items() if place.startswith(name)}
        if suspect in ("unknown", *SUSPECTS.values()) and by_region:
            suspect = by_region.pop()
        if suspect == "unknown" and "the very" in place:
            suspect = "last-entry-missing" if "last" in place else "first-entry-missing"
        if suspect == "unknown" and "several windows" in place:
            suspect = "overlaps-mishandled"
        if suspect == "unknown" and ("border" in place):
            suspect = "border-mishandled"
    if suspect == "not-finite" and (end := re.search(r"the (first|last) ([a-z-]+) only", place)):
        suspect = f"{end[1]}-{end[2]}-missing"
    if suspect == "float32-mishandled" and max(o.findings[output].error for o in failing) > 0.1:
        suspect = "memory-layout-assumed"
    low = [o for o in judged if output in o.findings and o.findings[output].kind == "precision"]
    if 2 * len(low) > len(judged):
        suspect = "precision-lost"
    if shaky is not None:
        suspect = shaky[0]
    words = {"thing": output, "function": _function_of(operation, output)}
    changed = sorted({n for o in judged for names in o.changed.values() for n in names if not n.startswith("cache")})
    if changed:
        suspect, words["thing"] = "input-changed", " and ".join(changed)
    seen = f"{output} is wrong in {len(failing)} of {len(failing) + len(passing)} configurations ({place})."
    text = sentence(suspect, operation.name, **words)
    return Diagnosis(operation.name, False, suspect, f"{output}: {place}", f"{seen}\n{text}", evidence, notes)


def _cause_of_shape(operation: Operation, output: str, failing: Sequence[Observation]) -> str:
    """Name a wrong shape: empty, or one that a known mistake gives."""
    if all(o.findings[output].got.size == 0 for o in failing):
        return "empty-slice"
    named = [operation.named_shapes(o.case, output).get(o.findings[output].got.shape) for o in failing]
    return named[0] if named[0] is not None and len(set(named)) == 1 else "wrong-shape"
