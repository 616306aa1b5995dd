"""From what was found to what is said: the only place where sentences about a verdict are made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from tinyseg.utils.types import JsonObject

from .calling import Watched
from .causes import sentence
from .evidence import example_of, numbers_of
from .observing import Observation
from .operation import Operation, Trouble
from .place import only_with
from .result import Diagnosis
from .verdicts import (
    Changed,
    Crashed,
    Explained,
    LostPrecision,
    NoArray,
    Passed,
    TookTooLong,
    Unexplained,
    Unstable,
    Verdict,
    WrongOrder,
    WrongOutput,
    WrongReturn,
)


def diagnosis_of(operation: Operation, verdict: Verdict, notes: tuple[str, ...]) -> Diagnosis:
    """Put a verdict into words."""
    said = _said(operation.name, verdict)
    return replace(said, notes=(*said.notes, *notes))


def refusal_note(seen: Observation) -> str:
    """Say why an optional configuration is left out."""
    why = "it takes too long there" if seen.raised is None else f"it raises there ({seen.raised.raised})"
    return f"not judged, because {why}: {seen.case.label}"


def lacking_note(option: str) -> str:
    """Say that configurations with an option are left out."""
    return f"checked without {option!r}, which forward does not take"


def _said(op: str, verdict: Verdict) -> Diagnosis:
    match verdict:
        case Passed():
            return _passed(op, verdict)
        case TookTooLong():
            return _took_too_long(op, verdict)
        case Trouble(cause, where, detail, evidence):
            return _failed(op, cause, where, evidence, thing=where, detail=detail)
        case WrongOrder():
            order = f"({', '.join(verdict.returned)}) instead of ({', '.join(verdict.expected)})"
            function = verdict.function
            return _failed(op, "results-in-wrong-order", function, {"returned": order}, function=function, detail=order)
        case WrongReturn(malformed, case):
            detail = f"{malformed.function} returned {malformed.returned} instead of {malformed.expected}"
            evidence = {"configuration": case.label}
            return _failed(op, "wrong-return", malformed.output, evidence, thing=malformed.output, detail=detail)
        case NoArray(output, missing, case):
            cause, detail = "result-missing" if missing else "wrong-return", f"{output} is not an array of numbers"
            return _failed(op, cause, output, {"configuration": case.label}, thing=output, detail=detail)
        case Crashed():
            return _crashed(op, verdict)
        case Changed():
            return _changed(op, verdict)
        case LostPrecision(loss, also):
            numbers = {"largest error, relative": loss.error, "configuration": loss.case.label}
            numbers |= {"also": list(also)} if also else {}
            return _failed(op, "precision-lost", loss.output, numbers, thing=loss.output, detail=loss.words)
        case Unstable(cause, where, case):
            return _failed(op, cause, where, {"configuration": case.label}, thing=where, function=where)
        case Explained():
            return _explained(op, verdict)
        case Unexplained():
            return _unexplained(op, verdict)
    assert_never(verdict)


def _failed(op: str, cause: str, where: str, evidence: JsonObject, **words: str) -> Diagnosis:
    return Diagnosis(op, False, cause, where, sentence(cause, op, **words), evidence)


def _passed(op: str, verdict: Passed) -> Diagnosis:
    message = (
        f"{' and '.join(verdict.functions)} right in all {verdict.configurations} configurations "
        f"(worst relative error in float64: {verdict.worst:.1e})."
    )
    evidence = {"configurations": verdict.configurations, "worst error": verdict.worst}
    notes = (f"{', '.join(verdict.wider)}: float64 where float32 came in, which is right",) if verdict.wider else ()
    return Diagnosis(op, True, message=message, evidence=evidence, notes=notes)


def _took_too_long(op: str, verdict: TookTooLong) -> Diagnosis:
    small = (
        f"in this configuration, after {verdict.before} others went well"
        if verdict.before
        else "even in the smallest configuration"
    )
    message = (
        f"{verdict.function} did not return within {verdict.limit:g} s {small} ({verdict.case.label}). Its arrays are "
        "tiny, so that this is a loop that never ends, or one that does far more steps than there are products. Hint: "
        "look at every while and at what makes its condition false; print the loop's counters."
    )
    when = ", ".join(trait.words for trait in verdict.traits)
    where = f"{verdict.function}" + (f", first with {when}" if when else "")
    evidence = {"configuration": verdict.case.label, "time limit in s": verdict.limit}
    return Diagnosis(op, False, "time-out", where, message, evidence)


def _crashed(op: str, verdict: Crashed) -> Diagnosis:
    often = f"in {verdict.count} of {verdict.of} configurations"
    when = "always" if verdict.always else only_with(verdict.traits) or often
    evidence = {"raised": str(verdict.raised), "smallest failing configuration": verdict.case.label}
    words = {"function": verdict.function, "thing": verdict.function, "detail": f"It raises {verdict.raised}."}
    return _failed(op, verdict.cause, f"{verdict.function}, {when}", evidence, **words)


def _changed(op: str, verdict: Changed) -> Diagnosis:
    evidence = {
        "smallest configuration": verdict.case.label,
        "configurations": f"{verdict.count} of {verdict.of}",
    }
    where, names = f"{verdict.function}: {', '.join(_names(verdict.arrays))}", " and ".join(_names(verdict.arrays))
    return _failed(op, verdict.cause, where, evidence, thing=names, function=verdict.function)


def _explained(op: str, verdict: Explained) -> Diagnosis:
    seen, best = verdict.seen, verdict.explanation
    match = (
        f"In every one of them it is exactly what {'one known mistake gives' if best.second is None else 'two give'}:"
        if best.is_full
        else f"In {best.explained} of these {best.of} it is exactly what one known mistake gives (the others have "
        "something more to them):"
    )
    words = {"thing": seen.output, "function": seen.function, "detail": best.detail}
    parts = [_how_often(seen), match, sentence(best.cause, op, **words)]
    evidence = numbers_of(seen) | {"explained": f"{best.explained} of {best.of} wrong results"}
    if best.factor is not None:
        evidence["factor"] = best.factor.words
    if best.second is not None:
        evidence["second mistake"] = best.second.name
        more = {**words, "detail": best.second.detail}
        parts.append("Besides, a second mistake is made:\n" + sentence(best.second.name, op, **more))
    if verdict.alternatives:
        evidence["would look the same"] = list(verdict.alternatives)
    if verdict.also:
        evidence["also wrong"] = [f"{output} ({cause})" for output, cause in verdict.also]
    if verdict.changed:
        evidence["inputs changed"] = _names(verdict.changed)
    if verdict.crash is not None:
        failure, case = verdict.crash
        evidence["raises as well"] = f"{failure.function}: {failure.raised} with {case.label}"
    evidence["example"] = example_of(seen)
    return Diagnosis(op, False, best.cause, _where(seen), "\n".join(parts), evidence)


def _unexplained(op: str, verdict: Unexplained) -> Diagnosis:
    """Say when and where, which is known, and that the reason is not."""
    seen = verdict.seen
    evidence = numbers_of(seen)
    if verdict.also:
        evidence["also wrong"] = list(verdict.also)
    evidence["example"] = example_of(seen)
    thing = " and ".join(_names(verdict.changed)) or seen.output
    text = sentence(verdict.cause, op, thing=thing, function=seen.function)
    return Diagnosis(op, False, verdict.cause, _where(seen), f"{_how_often(seen)}\n{text}", evidence)


def _where(seen: WrongOutput) -> str:
    return f"{seen.output}: {seen.place.words}"


def _how_often(seen: WrongOutput) -> str:
    failing, passing = len(seen.failing), len(seen.passing)
    return f"{seen.output} is wrong in {failing} of {failing + passing} configurations ({seen.place.words})."


def _names(arrays: Iterable[Watched]) -> list[str]:
    return [array.name for array in arrays]
