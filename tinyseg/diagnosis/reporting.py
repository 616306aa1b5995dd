"""From what was found to what is said: the only place where sentences about a verdict are made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

import numpy as np

from tinyseg.utils.types import JsonObject

from .calling import Watched
from .causes import sentence, suggestion
from .comparison import Kind
from .evidence import example_of, numbers_of
from .language import say, say_detail
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
    if seen.raised is None:
        return say("not judged, because it takes too long there: {case}", case=seen.case.label)
    return say(
        "not judged, because it raises there ({raised}): {case}", raised=seen.raised.raised, case=seen.case.label
    )


def lacking_note(option: str) -> str:
    """Say that configurations with an option are left out."""
    return say("checked without {option!r}, which forward does not take", option=option)


def _said(op: str, verdict: Verdict) -> Diagnosis:
    match verdict:
        case Passed():
            return _passed(op, verdict)
        case TookTooLong():
            return _took_too_long(op, verdict)
        case Trouble(cause, where, detail, evidence):
            return _failed(op, cause, where, evidence, thing=where, detail=detail)
        case WrongOrder():
            order = say(
                "({returned}) instead of ({expected})",
                returned=", ".join(verdict.returned),
                expected=", ".join(verdict.expected),
            )
            function = verdict.function
            return _failed(op, "results-in-wrong-order", function, {"returned": order}, function=function, detail=order)
        case WrongReturn(malformed, case):
            detail = say(
                "{function} returned {returned} instead of {expected}",
                function=malformed.function,
                returned=malformed.returned,
                expected=malformed.expected,
            )
            evidence = {"configuration": case.label}
            return _failed(op, "wrong-return", malformed.output, evidence, thing=malformed.output, detail=detail)
        case NoArray():
            return _no_array(op, verdict)
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
    message = say(
        "{functions} right in all {count} configurations (worst relative error in float64: {worst:.1e}).",
        functions=say(" and ").join(verdict.functions),
        count=verdict.configurations,
        worst=verdict.worst,
    )
    evidence = {"configurations": verdict.configurations, "worst error": verdict.worst}
    wider = "{outputs}: float64 where float32 came in, which is right"
    notes = (say(wider, outputs=", ".join(verdict.wider)),) if verdict.wider else ()
    return Diagnosis(op, True, message=message, evidence=evidence, notes=notes)


def _took_too_long(op: str, verdict: TookTooLong) -> Diagnosis:
    small = (
        say("in this configuration, after {before} others went well", before=verdict.before)
        if verdict.before
        else say("even in the smallest configuration")
    )
    message = say(
        "{function} did not finish within {limit:g} s {small} ({case}), and was stopped; whether it would finish later "
        "is not known. Its arrays are tiny: does a loop never end, or does one do far more steps than there are "
        "numbers?\nHint: look at every while and at what makes its condition false; print the loop's counters, and see "
        "whether they still change.",
        function=verdict.function,
        limit=verdict.limit,
        small=small,
        case=verdict.case.label,
    )
    when = ", ".join(say(trait.words) for trait in verdict.traits)
    where = f"{verdict.function}" + (say(", first with {when}", when=when) if when else "")
    evidence = {"configuration": verdict.case.label, "time limit in s": verdict.limit}
    return Diagnosis(op, False, "time-out", where, message, evidence)


def _no_array(op: str, verdict: NoArray) -> Diagnosis:
    output, found = verdict.output, verdict.finding
    evidence: JsonObject = {"configuration": verdict.case.label}
    if found.kind is Kind.MISSING:
        return _failed(op, "result-missing", output, evidence, thing=output)
    if found.kind is Kind.COMPLEX:
        numbers = np.asarray(found.got)
        evidence |= {"type": str(numbers.dtype), "largest imaginary part": float(np.abs(numbers.imag).max(initial=0))}
        return _failed(op, "complex-numbers", output, evidence, thing=output, detail=str(numbers.dtype))
    detail = say("{output} is not an array of numbers", output=output)
    return _failed(op, "wrong-return", output, evidence, thing=output, detail=detail)


def _crashed(op: str, verdict: Crashed) -> Diagnosis:
    often = say("in {count} of {of} configurations", count=verdict.count, of=verdict.of)
    when = say("always") if verdict.always else only_with(verdict.traits) or often
    evidence = {"raised": str(verdict.raised), "smallest failing configuration": verdict.case.label}
    words = {
        "function": verdict.function,
        "thing": verdict.function,
        "detail": say("It raises {raised}.", raised=verdict.raised),
    }
    return _failed(op, verdict.cause, f"{verdict.function}, {when}", evidence, **words)


def _changed(op: str, verdict: Changed) -> Diagnosis:
    evidence = {
        "smallest configuration": verdict.case.label,
        "configurations": f"{verdict.count} of {verdict.of}",
    }
    names = _names(verdict.arrays)
    where, all_names = f"{verdict.function}: {', '.join(names)}", say(" and ").join(names)
    return _failed(op, verdict.cause, where, evidence, thing=all_names, function=verdict.function)


def _explained(op: str, verdict: Explained) -> Diagnosis:
    seen, best = verdict.seen, verdict.explanation
    if not best.is_full:
        match = say(
            "In {explained} of these {of} it is exactly what one known mistake gives (in the others it is not):",
            explained=best.explained,
            of=best.of,
        )
    elif best.second is None:
        match = say("In every one of them it is exactly what one known mistake gives:")
    else:
        match = say("In every one of them it is exactly what two give:")
    detail = say(" or ").join(say_detail(detail) for detail in verdict.details)
    words = {"thing": seen.output, "function": seen.function, "detail": detail}
    parts = [_how_often(seen), match, sentence(best.cause, op, **words)]
    if verdict.made_elsewhere:
        parts.append(
            say(
                "Configurations where this mistake would show in this form, and does not: {count}.",
                count=verdict.made_elsewhere,
            )
        )
    if best.others_wrong and best.second is None:
        parts.append(say("This mistake would change another result too, which is right: it is made in a part only."))
    if verdict.alternatives:
        either = [suggestion(e.cause, op, **{**words, "detail": e.detail}) for e in verdict.alternatives]
        parts.append(say("Other mistakes give the same numbers, and no configuration tells them apart:"))
        parts += either
    evidence = numbers_of(seen) | {"explained": f"{best.explained} of {best.of} wrong results"}
    if best.factor is not None:
        evidence["factor"] = best.factor.words
    if best.second is not None:
        evidence["second mistake"] = best.second.name
        more = {**words, "detail": best.second.detail}
        parts.append(say("Besides, a second mistake is made:") + "\n" + sentence(best.second.name, op, **more))
    if verdict.looks_alike:
        evidence["would look the same"] = list(verdict.looks_alike)
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
    thing = say(" and ").join(_names(verdict.changed)) or seen.output
    text = sentence(verdict.cause, op, thing=thing, function=seen.function)
    return Diagnosis(op, False, verdict.cause, _where(seen), f"{_how_often(seen)}\n{text}", evidence)


def _where(seen: WrongOutput) -> str:
    return f"{seen.output}: {seen.place.words}"


def _how_often(seen: WrongOutput) -> str:
    failing, passing = len(seen.failing), len(seen.passing)
    return say(
        "{output} is wrong in {failing} of {of} configurations ({place}).",
        output=seen.output,
        failing=failing,
        of=failing + passing,
        place=seen.place.words,
    )


def _names(arrays: Iterable[Watched]) -> list[str]:
    return [array.name for array in arrays]
