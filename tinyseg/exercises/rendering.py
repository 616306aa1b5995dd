"""From the outcome of a check to what is read: parts with a kind each, which a terminal and a notebook dress up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import Any, NamedTuple

from tinyseg.diagnosis.language import HINTS
from tinyseg.utils.types import JsonObject

from .columns import breadth, folded, padded
from .exercise import Exercise, Texts
from .numbers import example_lines, map_lines
from .outcome import GroupResult, Outcome
from .showing import Shown
from .words import Words

GAP = "   "
PRINTED_LINES = 12
LEAST_ROOM = 20
"""Columns for the name of a group, however narrow the terminal is."""
CONTRACT = re.compile(r"( ?)\bcontract\('\w+'\)( ?)", re.ASCII)
"""How texts of the diagnosis name what is asked."""
HINT = re.compile(rf"\s*(?:{'|'.join(map(re.escape, HINTS))})([^\n]*)")
UNWRITTEN = "NotImplementedError"
HIDDEN = frozenset(["example", "expected", "got", "ratio", "worst at"])
"""Evidence with numbers of the configurations that decide."""

TOLD = HIDDEN | frozenset(
    [
        *("also wrong", "inputs changed", "raises as well", "would look the same"),
        *("smallest failing configuration", "smallest configuration", "configuration", "configurations"),
        *("wrong numbers there", "largest error, relative", "error", "worst error", "explained", "factor"),
        *("raised", "returned", "expected shape", "shape", "time limit in s"),
    ]
)
"""Evidence that the message, the example or the map tells, or that has a sentence of its own."""


class Kind(Enum):
    """What a part is."""

    PASSED = "the verdict, all right"
    NOT_YET = "the verdict, something wrong"
    HEADING = "a heading"
    TEXT = "a paragraph, to be wrapped"
    LINES = "lines that stay as they are; a star marks a wrong number"
    ASIDE = "a remark"
    PICTURE = "the picture: its file"


class Part(NamedTuple):
    """Something to print."""

    kind: Kind
    text: str


def split(message: str) -> tuple[str, str]:
    """Return a diagnosis's message without its hint, and the hint: what was seen, and a question about it."""
    found = HINT.search(message)
    if found is None:
        return message.strip(), ""
    question = found[1].strip()
    if breadth(question) == len(question):  # a Chinese one may begin with the name of an array
        question = question[:1].upper() + question[1:]
    return (message[: found.start()] + message[found.end() :]).strip(), question


def for_learners(text: str, words: Words) -> str:
    """Return a text of the diagnosis for somebody who has an exercise before them."""
    said = words("the-task")
    chinese = breadth(said) > len(said)  # which has no blanks between words
    return CONTRACT.sub(said if chinese else rf"\1{said}\2", text)


def question_of(outcome: Outcome) -> str:
    """Return the hint that goes with what is wrong; '' where there is none."""
    return "" if outcome.refused or _unwritten(outcome) else split(outcome.diagnosis.message)[1]


def parts(
    outcome: Outcome, shown: Shown, texts: Texts, words: Words, *, width: int = 80, picture: str = ""
) -> Iterator[Part]:
    """Yield what is to be said about an outcome; never the solution, nor numbers of configurations that decide.

    `picture` is the file of the picture, if there is one; a notebook shows it in the place of its name.
    """
    exercise, points = outcome.exercise, {"points": outcome.points, "of": outcome.exercise.points}
    if outcome.passed:
        yield Part(Kind.PASSED, f"{exercise.name}   {words('passed', **points)}")
        count = outcome.diagnosis.evidence.get("configurations")
        said = outcome.diagnosis.message if count is None else words("right-in-all", count=count)
        yield Part(Kind.TEXT, said)
        yield from _asides(outcome, words)
        return
    if outcome.refused:
        yield Part(Kind.NOT_YET, f"{exercise.name}   {words('refused', of=exercise.points)}")
        yield Part(Kind.TEXT, outcome.refused)
        yield from _printed(outcome, words)
        yield from _asides(outcome, words)
        return
    yield Part(Kind.NOT_YET, f"{exercise.name}   {words('not-yet', **points)}")
    yield from _what_is_wrong(outcome, words)
    if not _unwritten(outcome):
        yield from _what_it_looks_like(shown, words, width)
        if picture:
            yield Part(Kind.HEADING, words("picture"))
            yield Part(Kind.PICTURE, picture)
    yield from _printed(outcome, words)
    yield from _points(outcome, texts, words, width)
    yield from _asides(outcome, words)


def not_begun(exercise: Exercise, file: str, texts: Texts, words: Words) -> Iterator[Part]:
    """Yield what is to be said where nothing is written yet."""
    yield Part(Kind.NOT_YET, f"{exercise.name}   {words('not-begun')}")
    yield Part(Kind.TEXT, texts.summary)
    yield Part(Kind.TEXT, words("open", file=file, functions=_listed(exercise.functions, words)))


def _listed(names: Sequence[str], words: Words) -> str:
    return ", ".join(names[:-1]) + (words("and") if len(names) > 1 else "") + names[-1]


def _what_is_wrong(outcome: Outcome, words: Words) -> Iterator[Part]:
    diagnosis = outcome.diagnosis
    yield Part(Kind.HEADING, words("wrong"))
    unwritten = _unwritten(outcome)
    if unwritten:
        yield Part(Kind.TEXT, words("unwritten", function=unwritten))
        return
    seen, question = split(diagnosis.message)
    for paragraph in filter(None, seen.split("\n")):
        yield Part(Kind.TEXT, for_learners(paragraph, words))
    place = re.split("[:,] ", diagnosis.where, maxsplit=1)[-1]
    if place and place not in seen:
        yield Part(Kind.TEXT, words("where", where=diagnosis.where))
    evidence = diagnosis.evidence
    also = [*evidence.get("also wrong", ()), *evidence.get("inputs changed", ())]
    if also:
        yield Part(Kind.TEXT, words("more", listed="; ".join(map(str, also))))
    if evidence.get("raises as well"):
        yield Part(Kind.TEXT, words("raises-too", raised=evidence["raises as well"]))
    for name, value in evidence.items():
        if name not in TOLD:  # such as what the emulator of a GPU has found
            values = value if isinstance(value, (list, tuple)) else [value]
            yield Part(Kind.TEXT, f"{name}: {'; '.join(map(str, values))}")
    if evidence.get("would look the same"):
        yield Part(Kind.TEXT, words("other", listed=", ".join(evidence["would look the same"])))
    if diagnosis.cause not in ("unknown", "exception"):
        yield Part(Kind.ASIDE, words("cause", cause=diagnosis.cause))
    if question:
        yield Part(Kind.HEADING, words("question"))
        yield Part(Kind.TEXT, for_learners(question, words))


def _unwritten(outcome: Outcome) -> str:
    """Return the function that is still as in the stub; '' if the first thing wrong is another."""
    diagnosis = outcome.diagnosis
    if diagnosis.cause != "exception" or not str(diagnosis.evidence.get("raised", "")).startswith(UNWRITTEN):
        return ""
    exercise = outcome.exercise
    return exercise.backward if diagnosis.where.startswith("backward") else exercise.forward


def _what_it_looks_like(shown: Shown, words: Words, width: int) -> Iterator[Part]:
    if shown.example is not None:
        result = shown.example.result
        starred = result is not None and result.wrong is not None
        yield Part(Kind.HEADING, words("example-starred" if starred else "example"))
        yield Part(Kind.LINES, "\n".join(example_lines(shown.example, words, width - 2)))
    elif shown.label:
        yield Part(Kind.HEADING, words("example"))
        yield Part(Kind.TEXT, f"{words('only-in')} {shown.label}")
    if shown.map is not None:
        found = shown.map
        partly = bool((found.some & ~found.every).any())
        others = _listed(found.others, words) if found.others else ""
        yield Part(Kind.HEADING, words("map-parts" if partly else "map", result=found.result, others=others))
        yield Part(Kind.LINES, "\n".join(map_lines(found)))
        yield Part(Kind.ASIDE, words("map-axes", rows=found.axes[0], columns=found.axes[1], case=found.label))


def _printed(outcome: Outcome, words: Words) -> Iterator[Part]:
    lines = outcome.printed.rstrip().splitlines()
    if lines:
        yield Part(Kind.HEADING, words("printed"))
        yield Part(Kind.LINES, "\n".join(lines[:PRINTED_LINES] + ["..."] * (len(lines) > PRINTED_LINES)))


def _points(outcome: Outcome, texts: Texts, words: Words, width: int) -> Iterator[Part]:
    if len(outcome.groups) < 2 or not any(group.right for group in outcome.groups.values()):
        return
    yield Part(Kind.HEADING, words("points"))
    rows = []
    for name, group, points in _earned(outcome):
        if points:
            said = words("group-right", points=group.points)
        elif group.earned:
            said = words("group-held", points=group.points)
        else:
            said = words("group-wrong", points=group.points, right=group.right, of=group.of)
        rows.append((points > 0, texts.groups.get(name, name), said))
    room = max(width - len(f"  [x] {GAP}") - max(breadth(said) for _, _, said in rows), LEAST_ROOM)
    names = [folded(name, room) or [name] for _, name, _ in rows]
    margin = max(breadth(line) for name in names for line in name)
    lines = []
    for (earned, _, said), (first, *others) in zip(rows, names, strict=True):
        lines.append(f"[{'x' if earned else ' '}] {padded(first, margin)}{GAP}{said}")
        lines += [f"    {line}" for line in others]
    yield Part(Kind.LINES, "\n".join(lines))


def _earned(outcome: Outcome) -> Iterable[tuple[str, GroupResult, int]]:
    """Return each group with the points that count, which add up to those of the outcome."""
    groups = list(outcome.groups.items())
    counted = [group.earned for _, group in groups]
    if sum(counted) != outcome.points and groups:
        counted[0] = 0  # what no configuration shows is wrong, such as a changed input
    return [(name, group, points) for (name, group), points in zip(groups, counted, strict=True)]


def _asides(outcome: Outcome, words: Words) -> Iterator[Part]:
    for note in (*outcome.diagnosis.notes, *outcome.limits):
        yield Part(Kind.ASIDE, f"{words('notes')}: {note}")


def plain(found: Iterable[Part], width: int = 80) -> str:
    """Write parts as plain text."""
    lines: list[str] = []
    for part in found:
        if part.kind in (Kind.LINES, Kind.PICTURE):
            lines += ["  " + line for line in part.text.split("\n")]
        elif part.kind in (Kind.TEXT, Kind.ASIDE):
            lines += ["  " + line for line in folded(part.text, width - 2)]
        else:
            lines += [""] * (part.kind is Kind.HEADING) + [part.text]
    return "\n".join(line.rstrip() for line in lines)


def as_json(outcome: Outcome, shown: Shown, picture: str | None) -> JsonObject:
    """Return an outcome for machines; as `parts`, it tells no numbers of configurations that decide."""
    seen, question = split(outcome.diagnosis.message)
    content: JsonObject = {
        "exercise": outcome.exercise.name,
        "passed": outcome.passed,
        "points": outcome.points,
        "of": outcome.exercise.points,
        "refused": outcome.refused,
        "cause": outcome.diagnosis.cause,
        "where": outcome.diagnosis.where,
        "message": seen,
        "question": question,
        "evidence": {k: _plain(v) for k, v in outcome.diagnosis.evidence.items() if k not in HIDDEN},
        "groups": {
            name: {"points": points, "of": group.points, "right": group.right, "results": group.of}
            for name, group, points in _earned(outcome)
        },
        "notes": list(outcome.diagnosis.notes),
        "limits": list(outcome.limits),
        "printed": outcome.printed,
        "seconds": round(outcome.seconds, 3),
        "picture": picture,
        "example": None,
    }
    if shown.example is not None:
        example, result = shown.example, shown.example.result
        content["example"] = {
            "options": {name: _plain(value) for name, value in example.options.items()},
            "inputs": {name: array.tolist() for name, array in example.inputs.items()},
        }
        if result is not None:
            content["example"] |= {
                "result": result.name,
                "right": _finite(result.right.tolist()),
                "yours": _finite(result.got.tolist()),
            }
    return content


def _plain(value: Any) -> Any:
    """Return what JSON can hold."""
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        value = value.item()
    return _finite(value) if isinstance(value, (str, int, float, bool)) or value is None else str(value)


def _finite(value: Any) -> Any:
    """Return numbers with NaN and infinity as text: JSON has neither."""
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return str(value) if isinstance(value, float) and (value != value or abs(value) == float("inf")) else value
