"""From what the emulator found in a kernel to a cause, a place and the two threads that it is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from tinyseg.diagnosis.case import Case
from tinyseg.utils.types import JsonObject

from .operation import Launch, Traffic

ORDER = (
    "kernel-fails", "index-is-a-fraction", "misaligned-access", "barrier-not-reached-by-all", "bounds-check-missing",
    "index-out-of-bounds", "shared-memory-not-filled", "several-threads-write-one-place", "blocks-write-one-place",
    "atomic-missing", "barrier-missing", "blocks-not-ordered",
)  # fmt: skip
"""Causes of findings; of several the first is told: it keeps the others from being seen, or brings them about."""


DOES = {"read": "reads", "write": "writes", "atomic": "updates"}


class Found(NamedTuple):
    """Something that the emulator found."""

    cause: str
    line: int
    detail: str
    steps: str = ""
    """What two threads do, one after the other: an example to follow by hand."""
    other_line: int = 0
    """Of a race: the line of the other thread."""
    array: str = ""
    """Of a race: the array."""
    read_line: int = 0
    write_line: int = 0
    """Of a race between a read and a write: their lines."""


class Run(NamedTuple):
    """One launch of a learner's kernel, and what came of it."""

    case: Case
    launch: Launch
    failure: JsonObject | None
    findings: Sequence[JsonObject]
    traffic: Sequence[JsonObject]
    changes: tuple[str, ...] = ()
    """Results that are other ones when a block's threads run in another order."""


SEVERAL_WRITE = ("several-threads-write-one-place", "blocks-write-one-place")


class Who(NamedTuple):
    """How threads of a launch are called: 'thread 3 of block 1', or by x and y where it has both."""

    axes: int

    def __call__(self, access: JsonObject) -> str:
        """Name a thread."""
        return f"thread {self._index(access['thread'])} of block {self._index(access['block'])}"

    def _index(self, index: object) -> str:
        assert isinstance(index, Iterable)
        numbers = [str(n) for n in index][: self.axes]
        return numbers[0] if len(numbers) == 1 else f"({', '.join(numbers)})"


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
    who = Who(max(len(run.launch.grid), len(run.launch.block)))
    found = [one for record in run.findings if (one := _of_record(record, run, source, who)) is not None]
    if run.failure is not None and not any(f.cause in ORDER[1:6] for f in found):
        found.append(_of_failure(run.failure, source, who))
    # Who reads too early finds memory that is not filled yet: then it is the barrier that is missing.
    early = {line for one in found if one.cause == "barrier-missing" for line in (one.line, one.other_line)}
    found = [one for one in found if one.cause != "shared-memory-not-filled" or one.line not in early]
    return sorted(map(_joined_with(found), found), key=lambda one: ORDER.index(one.cause))


def _joined_with(found: Sequence[Found]) -> Callable[[Found], Found]:
    """Several threads read a place, and in a later line they write it: that is one update, spread over two lines."""
    written = {(one.array, one.line) for one in found if one.cause in SEVERAL_WRITE}
    updated = {
        (one.array, one.write_line)
        for one in found
        if 0 < one.read_line <= one.write_line and (one.array, one.write_line) in written
    }

    def joined(one: Found) -> Found:
        line = one.write_line if one.read_line else one.line if one.cause in SEVERAL_WRITE else 0
        return one._replace(cause="atomic-missing") if (one.array, line) in updated else one

    return joined


def _of_failure(failure: JsonObject, source: Source, who: Who) -> Found:
    what, line = str(failure["what"]), line_of(failure["place"])
    at = f" in {source.shown(line)}" if line else ""
    if what.startswith(("divergent", "deadlock")):
        line = line or line_of(next(iter(re.findall(r"[\w.]+:\d+", what)), ""))
        return Found("barrier-not-reached-by-all", line, f"{_plain(what)}{at}")
    if what.startswith("out of bounds"):
        return Found("index-out-of-bounds", line, f"{_plain(what)}{at}")
    name = f" by {who(failure)}" if failure.get("thread") else ""
    return Found("kernel-fails", line, f"{_plain(what)}{at}{name}")


def _undefined(record: JsonObject, source: Source, who: Who) -> Found:
    line, operands = line_of(record["place"]), f"a is {record['left']} and b is {record['right']}"
    if str(record["what"]).startswith("a float"):
        operands = f"the number is {record['left']}"
    text = f"{record['what']}, where {operands}, by {who(record)} in {source.shown(line)}"
    return Found("kernel-fails", line, f"{text}; C++ leaves the result undefined, and a GPU gives {record['result']}")


def _of_record(record: JsonObject, run: Run, source: Source, who: Who) -> Found | None:
    kind = record["kind"]
    if kind == "UndefinedOperation":
        return _undefined(record, source, who)
    if kind == "Race":
        return _race(record, source, who)
    if kind == "DivergentBarrier":
        line, what = line_of(record["place"]), _plain(str(record["what"]))
        return Found("barrier-not-reached-by-all", line, what if "line " in what else f"{what}, {source.shown(line)}")
    access = record.get("access")
    if not isinstance(access, dict):
        return None
    line, where = line_of(access["place"]), f"{record['array']}[{record.get('index', '')}]"
    doing = DOES.get(str(access["kind"]), "uses")
    does = f"{who(access)} {doing}"
    if kind == "OutOfBounds" and re.search(r"\d\.|nan|inf", where):
        return Found("index-is-a-fraction", line, f"{does} {where} in {source.shown(line)}")
    if kind == "OutOfBounds":
        detail = f"{does} {where} in {source.shown(line)}, and the array has the shape {record['shape']}"
        beyond = record["memory"] == "global" and _behind_the_last(record) and _overhangs(run)
        cause = "bounds-check-missing" if beyond else "index-out-of-bounds"
        on_paper = _place_in_the_grid(access, run, who) if record["memory"] == "global" else ""
        return Found(cause, line, detail, on_paper)
    if kind == "UninitialisedRead":
        detail = f"{does} {where} in {source.shown(line)}, where no thread of this block has written anything"
        return Found("shared-memory-not-filled", line, detail)
    return Found(
        "misaligned-access", line, f"{does} {record['array']} at byte {record['offset']} in {source.shown(line)}"
    )


def _place_in_the_grid(access: JsonObject, run: Run, who: Who) -> str:
    """Compute a thread's index as on paper."""
    steps = []
    for axis, (name, width) in enumerate(zip("xy", run.launch.block, strict=False)):
        block, thread = access["block"][axis], access["thread"][axis]
        steps.append(f"along {name}: {block} * {width} + {thread} = {block * width + thread}")
    sizes = ", ".join(f"{name} {array.shape}" for name, array in run.case.arrays.items())
    return f"{who(access)} stands in the grid at\n  " + "\n  ".join(steps) + f"\nThe arrays: {sizes}"


def _behind_the_last(record: JsonObject) -> bool:
    numbers = [int(n) for n in re.findall(r"-?\d+", str(record["index"]))]
    shape = [int(n) for n in re.findall(r"\d+", str(record["shape"]))]
    if len(numbers) == 1 and len(shape) > 1:  # CUDA C++ has one index, whatever the shape
        return numbers[0] >= int(np.prod(shape))
    return len(numbers) == len(shape) and all(n >= 0 for n in numbers)


def _overhangs(run: Run) -> bool:
    """Whether the launch has more threads along an axis than its outputs have elements there."""
    return "more threads than elements" in {trait.words for trait in run.case.traits}


def _race(record: JsonObject, source: Source, who: Who) -> Found:
    first, second = record["first"], record["second"]
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    lines = [line_of(one["place"]) for one in (first, second)]
    kinds = {str(one["kind"]) for one in (first, second)}
    other_block = first["block"] != second["block"]
    where = f"{record['memory']} {record['array']}[{record['index']}]"
    same_line = lines[0] == lines[1]
    updates = same_line and _is_update(source.line(lines[0]), str(record["array"]))
    if kinds == {"write"} and same_line and not updates:
        cause = "blocks-write-one-place" if other_block else "several-threads-write-one-place"
    elif (kinds == {"write"} and same_line) or (other_block and updates):
        cause = "atomic-missing"
    else:
        cause = "blocks-not-ordered" if other_block else "barrier-missing"
    steps = [
        f"{who(one)} {_does(one)} {where} in {source.shown(line)}"
        for one, line in zip((first, second), lines, strict=True)
    ]
    joined, by_kind = " and ".join(steps), dict(zip((str(first["kind"]), str(second["kind"])), lines, strict=True))
    read, write = (by_kind["read"], by_kind["write"]) if {*by_kind} == {"read", "write"} else (0, 0)
    text = "\n".join([*steps, "Nothing makes one of them wait for the other: on a GPU either may come first."])
    return Found(cause, lines[1], joined, text, lines[0], str(record["array"]), read, write)


def _is_update(line: str, array: str) -> bool:
    """Whether a line adds to a place of an array: it reads it, and writes it back."""
    place = rf"\b{re.escape(array)}\s*(\[[^=]*\])?\s*"
    return re.search(rf"{place}(\+\+|--|(\*\*|//|<<|>>|[-+*/%|&^])=)|(\+\+|--)\s*{place}", line) is not None


def _does(access: JsonObject) -> str:
    value = f" ({access['value']})" if access.get("value") else ""
    return DOES.get(str(access["kind"]), "uses") + value


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
    total = sum(_number(line["requests"]) for line in lines)
    if limit.measure == "uses":
        few = f"{total:g} requests in all, where at least {limit.most:g} are needed"
        return Found(limit.cause, 0, few) if total < limit.most else None
    if limit.measure == "requests":
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
