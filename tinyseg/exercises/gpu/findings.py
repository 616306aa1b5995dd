"""From what the emulator found in a kernel to a cause, a place and the two threads that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from tinyseg.diagnosis.case import Case
from tinyseg.utils.types import JsonObject

from .operation import Launch, Traffic

ORDER = (
    "kernel-fails", "misaligned-access", "barrier-not-reached-by-all", "bounds-check-missing", "index-out-of-bounds",
    "shared-memory-not-filled", "atomic-missing", "barrier-missing", "blocks-write-one-place", "blocks-not-ordered",
    "several-threads-write-one-place",
)  # fmt: skip
"""Causes of findings; of several the first is told: it keeps the others from being seen, or brings them about."""


class Found(NamedTuple):
    """Something that the emulator found."""

    cause: str
    line: int
    detail: str
    steps: str = ""
    """What two threads do, one after the other: an example to follow by hand."""


class Run(NamedTuple):
    """One launch of a learner's kernel, and what came of it."""

    case: Case
    launch: Launch
    failure: JsonObject | None
    findings: Sequence[JsonObject]
    traffic: Sequence[JsonObject]
    changes: tuple[str, ...] = ()
    """Results that are other ones when a block's threads run in another order."""


class Source:
    """The learner's file, to show lines of it."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()

    def line(self, number: int) -> str:
        """Return a line without its comment; '' where there is none."""
        text = self._lines[number - 1] if 0 < number <= len(self._lines) else ""
        return re.split(r"//|(?<!['\"])#(?!define|pragma)", text)[0].strip()

    def shown(self, number: int) -> str:
        """Return 'line 12 (y[i] = 0)'."""
        text = self.line(number)
        return f"line {number} ({text})" if text else f"line {number}"


def line_of(place: object) -> int:
    """Return the line of 'file:line', 0 where there is none."""
    number = str(place or "").rpartition(":")[2]
    return int(number) if number.isdigit() else 0


def found_in(run: Run, source: Source) -> list[Found]:
    """Return what was found in one launch."""
    found = [one for record in run.findings if (one := _of_record(record, run, source)) is not None]
    if run.failure is not None and not any(f.cause in ORDER[1:5] for f in found):
        found.append(_of_failure(run.failure, source))
    return sorted(found, key=lambda one: ORDER.index(one.cause))


def _of_failure(failure: JsonObject, source: Source) -> Found:
    what, line = str(failure["what"]), line_of(failure["place"])
    at = f" in {source.shown(line)}" if line else ""
    if what.startswith(("divergent", "deadlock")):
        line = line or line_of(next(iter(re.findall(r"[\w.]+:\d+", what)), ""))
        return Found("barrier-not-reached-by-all", line, f"{_plain(what)}{at}")
    if what.startswith("out of bounds"):
        return Found("index-out-of-bounds", line, f"{_plain(what)}{at}")
    who = f" by {_thread(failure)}" if failure.get("thread") else ""
    return Found("kernel-fails", line, f"{_plain(what)}{at}{who}")


def _of_record(record: JsonObject, run: Run, source: Source) -> Found | None:
    kind = record["kind"]
    if kind == "Race":
        return _race(record, source)
    if kind == "DivergentBarrier":
        return Found("barrier-not-reached-by-all", line_of(record["place"]), _plain(str(record["what"])))
    access = record.get("access")
    if not isinstance(access, dict):
        return None
    line, where = line_of(access["place"]), f"{record['array']}[{record.get('index', '')}]"
    doing = {"read": "reads", "write": "writes", "atomic": "updates"}[str(access["kind"])]
    who = f"{_thread(access)} {doing}"
    if kind == "OutOfBounds":
        detail = f"{who} {where} in {source.shown(line)}, and the array has the shape {record['shape']}"
        beyond = record["memory"] == "global" and _behind_the_last(record) and _overhangs(run)
        return Found("bounds-check-missing" if beyond else "index-out-of-bounds", line, detail)
    if kind == "UninitialisedRead":
        detail = f"{who} {where} in {source.shown(line)}, where no thread of this block has written anything"
        return Found("shared-memory-not-filled", line, detail)
    return Found(
        "misaligned-access", line, f"{who} {record['array']} at byte {record['offset']} in {source.shown(line)}"
    )


def _behind_the_last(record: JsonObject) -> bool:
    numbers = [int(n) for n in re.findall(r"-?\d+", str(record["index"]))]
    shape = [int(n) for n in re.findall(r"\d+", str(record["shape"]))]
    if len(numbers) == 1 and len(shape) > 1:  # CUDA C++ has one index, whatever the shape
        return numbers[0] >= int(np.prod(shape))
    return len(numbers) == len(shape) and all(n >= 0 for n in numbers)


def _overhangs(run: Run) -> bool:
    """Whether the launch has more threads along an axis than its outputs have elements there."""
    return "more threads than elements" in {trait.words for trait in run.case.traits}


def _race(record: JsonObject, source: Source) -> Found:
    first, second = record["first"], record["second"]
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    lines = [line_of(one["place"]) for one in (first, second)]
    kinds = {str(one["kind"]) for one in (first, second)}
    other_block = first["block"] != second["block"]
    where = f"{record['memory']} {record['array']}[{record['index']}]"
    if record["benign"]:
        cause = "blocks-write-one-place" if other_block else "several-threads-write-one-place"
    elif kinds == {"write"} and lines[0] == lines[1]:
        cause = "atomic-missing" if _is_update(source.line(lines[0])) else (
            "blocks-write-one-place" if other_block else "atomic-missing"
        )  # fmt: skip
    elif other_block:
        cause = "atomic-missing" if lines[0] == lines[1] and _is_update(source.line(lines[0])) else "blocks-not-ordered"
    else:
        cause = "barrier-missing"
    steps = [
        f"{_thread(one)} {_does(one)} {where} in {source.shown(line)}"
        for one, line in zip((first, second), lines, strict=True)
    ]
    joined = " and ".join(steps)
    text = "\n".join([*steps, "Nothing makes one of them wait for the other: on a GPU either may come first."])
    return Found(cause, lines[1], joined, text)


def _is_update(line: str) -> bool:
    """Whether a line adds to a place: it reads it, and writes it back."""
    return re.search(r"\+\+|--|[-+*/|&^]=", line) is not None


def _does(access: JsonObject) -> str:
    value = f" ({access['value']})" if access.get("value") else ""
    return {"read": "reads", "write": "writes", "atomic": "updates"}[str(access["kind"])] + value


def _thread(access: JsonObject) -> str:
    return f"thread {_triple(access['thread'])} of block {_triple(access['block'])}"


def _triple(index: object) -> str:
    assert isinstance(index, Iterable)
    return "(" + ", ".join(str(n) for n in index) + ")"


def _plain(text: str) -> str:
    """Say 'line 12' in place of the file's name and the line."""
    return re.sub(r"\S+\.py:(\d+)", r"line \1", text)


# Traffic -------------------------------------------------------------------------------------------------------------


def exceeded(limit: Traffic, run: Run, source: Source) -> Found | None:
    """Return the line that costs the most beyond a limit, if there is one."""
    lines = [
        line for line in run.traffic
        if line["memory"] == limit.memory and line["kind"] in limit.kinds
        and (not limit.arrays or line["argument"] in limit.arrays)
    ]  # fmt: skip
    if limit.measure == "requests":
        total = sum(_number(line["requests"]) for line in lines)
        if total <= limit.most:
            return None
        worst = max(lines, key=lambda line: _number(line["requests"]))
        detail = f"{total:g} requests in all ({_places(lines, source)}), where {limit.most:g} are enough"
        return Found(limit.cause, line_of(worst["place"]), detail)
    measured = [(_measure(line, limit.measure), line) for line in lines if _number(line["requests"])]
    if not measured:
        return None
    value, worst = min(measured, key=lambda pair: pair[0]) if limit.measure == "fill" else max(
        measured, key=lambda pair: pair[0]
    )  # fmt: skip
    if value >= limit.most if limit.measure == "fill" else value <= limit.most:
        return None
    number, what = line_of(worst["place"]), f"{worst['kind']} of {worst['array']}"
    told = {
        "sectors": f"each {what} of a warp takes {value:.3g} sectors of 32 bytes, where {limit.most:g} are enough",
        "conflicts": f"the {what} loses {value:g} passes to bank conflicts ({_number(worst['worst_ways']):g} ways)",
        "fill": f"a request brings {8 * value:.2g} numbers on average, though a warp has 32 threads",
    }[limit.measure]
    return Found(limit.cause, number, f"in {source.shown(number)} {told}")


def odd_use(run: Run, source: Source) -> list[Found]:
    """Tell a launch that writes no result, or that reads one: it holds NaN, whatever is added to it."""
    results = [line for line in run.traffic if line["argument"] in run.launch.outputs]
    read = next((line for line in results if line["kind"] != "write"), None)
    if not results and run.failure is None:
        return [Found("nothing-written", 0, "")]
    if read is not None:
        number = line_of(read["place"])
        return [Found("result-read-before-written", number, source.shown(number))]
    return []


def _places(lines: Sequence[JsonObject], source: Source) -> str:
    return "; ".join(f"{source.shown(line_of(line['place']))}: {_number(line['requests']):g}" for line in lines[:3])


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _measure(line: JsonObject, measure: str) -> float:
    requests = _number(line["requests"])
    if measure == "conflicts":
        return _number(line["bank_conflicts"])
    return _number(line["sectors" if measure == "sectors" else "ideal_sectors"]) / requests
