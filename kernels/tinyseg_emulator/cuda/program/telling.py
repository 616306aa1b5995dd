"""The lines of a program under check as findings, in words."""

from __future__ import annotations

import bisect
import json
import signal
from collections.abc import Mapping
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from typing import Any

from ...checks import records as kinds
from ...checks.findings import Findings
from ...checks.looking import launch_of
from ...checks.records import Access, Finding, LineTraffic, ProgramFault
from ...checks.roofline import Work
from ...checks.trace import Trace
from ...checks.undefined import UndefinedOperation
from ..lines import LineTable, read_lines
from ..resources import Launched
from .build import Program
from .memory import variable_at

HEADERS = str(Path(__file__).parents[1] / "include")
NEAR = 2048
"""Bytes of code in which a line of the program is looked for."""

_INSTEAD = {
    "reads": "cudaMemcpyFromSymbol copies its value to the host.",
    "writes": "nvcc refuses this; cudaMemcpyToSymbol copies a value to it.",
    "passes": "cudaGetSymbolAddress gives the pointer that a kernel can use.",
    "takes the address of": "cudaGetSymbolAddress gives the pointer that a kernel can use.",
}

_KERNEL_FINDINGS: Mapping[str, type[Finding]] = {
    kind.__name__: kind
    for kind in (*vars(kinds).values(), UndefinedOperation)
    if isinstance(kind, type) and issubclass(kind, Finding) and kind is not Finding
}


class Telling:
    """Takes the lines that a program's process writes.

    `findings` collects what is wrong, `notes` what else a reader wants to know, `status` is what main() or exit() gave,
    `ended` whether the lines themselves tell how the program ended.
    """

    def __init__(self, program: Program, trace: Trace | None = None) -> None:
        self.program, self.trace = program, trace
        self.findings = Findings()
        self.notes: list[str] = []
        self.status: int | None = None
        self.ended = False
        self._calls: dict[int, dict[str, Any]] = {}
        self._looked: set[int] = set()
        self.launched: list[Launched] = []
        self._leaks: dict[tuple[str, str], list[int]] = {}
        self._terminated = ""
        self._launched = False

    @cached_property
    def _lines(self) -> LineTable:
        return read_lines(self.program.library)

    def take(self, line: bytes) -> None:
        """Take one line; what is no record is passed over."""
        try:
            record = json.loads(line)
            kind = record["record"]
        except (ValueError, KeyError, TypeError):
            return
        work = self._launched_kind if kind == "launched" else getattr(self, f"_{kind.replace(' ', '_')}", None)
        if work is not None:
            work(
                {name: _utf8(value) for name, value in record.items()}
                if kind not in ("finding", "traffic", "trace", "work")
                else record
            )

    def finish(self) -> None:
        """Add what can only be told when there are no more lines."""
        for name, how, place in self.program.host_uses:
            what = f"host code {how} {name!r}, a variable in device memory: what the host sees is another one"
            self._fault("host access", what, place, _INSTEAD[how])
        for number, call in self._calls.items():
            self._add_call(number, call)
        for (what, place), sizes in self._leaks.items():
            total = sum(sizes)
            amount = f" of {total:,} bytes" if total else ""
            count = f"{len(sizes)} times " if len(sizes) > 1 else ""
            ends = {"stream": "cudaStreamDestroy", "event": "cudaEventDestroy"}
            end = ends.get(what, "cudaFreeHost" if "pinned" in what else "cudaFree")
            self._fault(
                "leak", f"leak: {count}{what}{amount} is made here and never given back", place, f"{end} does that"
            )
        if not self._launched and self.status is not None and not len(self.findings):
            self.notes.append("the program launched no kernel")

    # The records -----------------------------------------------------------------------------------------------------

    def _finding(self, record: Mapping[str, Any]) -> None:
        kind = _KERNEL_FINDINGS[record["kind"]]
        given = {
            field.name: _value(record["fields"][field.name]) for field in fields(kind) if field.name in record["fields"]
        }
        self.findings.add(kind(**given))

    def _trace(self, record: Mapping[str, Any]) -> None:
        if self.trace is not None and self.trace.wants("up"):
            self.trace.add(launch_of(record["launch"]), [tuple(block["index"]) for block in record["launch"]["blocks"]])

    def _traffic(self, record: Mapping[str, Any]) -> None:
        self.findings.add_traffic(LineTraffic(**record["fields"]))

    def _call(self, record: dict[str, Any]) -> None:
        self._calls[record["call"]] = record

    def _seen(self, record: Mapping[str, Any]) -> None:
        self._looked.add(record["call"])

    def _add_call(self, number: int, call: Mapping[str, Any]) -> None:
        function, place = call["function"], self._place(call)
        what = f"{function} gives {call['name']} ({call['meaning']})" + (f": {call['why']}" if call["why"] else "")
        launch = function.startswith("launch of")
        discarded = launch or (call["file"], call["line"]) in self.program.discarded
        notes = []
        if discarded and number not in self._looked:
            ask = "cudaGetLastError behind the launch" if launch else "compare its result with cudaSuccess"
            notes.append(f"The program never looks at this error: {ask}.")
        self._fault("error", what, place, *notes)

    def _work(self, record: Mapping[str, Any]) -> None:
        self.findings.add_work(Work.from_json(record["work"]))

    def _launched_kind(self, record: Mapping[str, Any]) -> None:
        launched = Launched(record["kernel"], record["threads"], record["dynamic_shared"], record["symbol"])
        self.launched.append(launched)

    def _leak(self, record: Mapping[str, Any]) -> None:
        self._leaks.setdefault((record["what"], self._place(record) or ""), []).append(record["size"])

    def _crash(self, record: Mapping[str, Any]) -> None:
        self.ended = True
        what = self._terminated or record["what"]
        name = signal.Signals(record["signal"]).name
        notes = [f"It is {record['touched']}."] if record["touched"] else []
        kind = "host access" if record["touched"] else "crash"
        self._fault(kind, f"the program ends by {name}: {what}", self._in_program(record["frames"]), *notes)

    def _terminate(self, record: Mapping[str, Any]) -> None:
        self._terminated = record["what"]

    def _refused(self, record: Mapping[str, Any]) -> None:
        what = f"{record['what']} is refused: a program under check starts no other processes"
        self._fault("limit", what, self._in_program(record["frames"]))

    def _internal(self, record: Mapping[str, Any]) -> None:
        self._fault("limit", f"a launch could not be checked: {record['what']}", None)

    def _host_race(self, record: Mapping[str, Any]) -> None:
        notes = []
        if "operation" in record:
            where = f"{record['operation_file']}:{record['operation_line']}"
            notes = [f"It is {record['touched']}.", f"{record['operation']}: {_short(where)}"]
        place = self._in_program(record["frames"]) if "frames" in record else self._place(record)
        self._fault("host race", record["what"], place, *notes)

    def _stream_race(self, record: Mapping[str, Any]) -> None:
        sides = []
        for side in ("first", "second"):
            place = self._at(record[f"{side}_code"]) or f"{record[f'{side}_file']}:{record[f'{side}_line']}"
            issued = f"{record[f'{side}_file']}:{record[f'{side}_line']}"
            stream = record[f"{side}_stream"]
            name = "the default stream" if stream == 0 else f"stream {max(1, stream - 1)}"
            extra = f", issued at {_short(issued)}" if issued != place else ""
            sides.append(f"{record[side]} on {name} {record[f'{side}_does']} it at {_short(place)}{extra}")
        what = f"race between two streams on byte {record['byte']} of {record['touched']}"
        fix = "Nothing orders the two: cudaStreamWaitEvent, a synchronisation between them, or one stream for both."
        place = f"{record['second_file']}:{record['second_line']}"
        self._fault("stream race", what, place, *sides, fix)

    def _unwritten(self, record: Mapping[str, Any]) -> None:
        place = self._at(record["code"]) or "?"
        block, thread = (tuple(int(record[side + axis]) for axis in "xyz") for side in "bt")
        kind = ("read", "write", "atomic", "read")[record["access"]]
        array = variable_at(record["made_file"], record["made_line"])
        index = str(record["offset"] // record["element"])
        access = Access(kind, place, block, thread)  # type: ignore[arg-type]
        self.findings.add(kinds.UninitialisedRead(record["kernel"], "global", array, index, access))

    def _unwritten_copy(self, record: Mapping[str, Any]) -> None:
        array, missing, size = variable_at(record["made_file"], record["made_line"]), record["missing"], record["bytes"]
        made = f"It is device memory of {record['size']} bytes, allocated at line {record['made_line']}."
        if missing == size:
            what = f"{record['function']} copies to the host what nothing has written: {size} bytes of {array!r}"
            self._fault("unwritten", what, self._place(record), made, "cudaMemset, or a kernel, writes it first.")
        elif missing >= 4 * record["element"] or record["offset"] % record["element"] == 0:
            first = record["offset"] // record["element"]
            what = (
                f"{_short(self._place(record) or '')}: of the {size} bytes of {array!r} that {record['function']} "
                f"copies to the host, nothing has written {missing}, the first at [{first}]"
            )
            if what not in self.notes:
                self.notes.append(what)

    def _stopped(self, record: Mapping[str, Any]) -> None:
        self.ended = True
        why = "interrupted" if record["why"] == "interrupted" else "the limit of time is reached"
        where = f"in kernel {record['kernel']!r}, {record['thread']}" if record["kernel"] else "in host code"
        self._fault("limit", f"{why}: the program stood here, {where}", self._in_program(record["frames"]))

    def _launches(self, record: Mapping[str, Any]) -> None:
        self._launched = True
        total, checked, cut = record["launches"], record["checked"], record["cut_blocks"]
        name = f"kernel {record['kernel']!r} with grid {record['grid']} and block {record['block']}"
        if checked < total:
            some = f"the first {checked}" if checked > 1 else "the first" if checked else "none"
            self.notes.append(f"{name}: {total} launches, of which {some} ran under the checks")
        if cut:
            self.notes.append(f"{name}: the checks ended within block {cut} of {record['blocks']}, to save time")

    def _end(self, record: Mapping[str, Any]) -> None:
        self.status = record["status"]
        self.ended = True

    # Helpers ---------------------------------------------------------------------------------------------------------

    def _fault(self, kind: str, what: str, place: str | None, *notes: str) -> None:
        self.findings.add(ProgramFault("", what, place, kind, tuple(notes)))

    @staticmethod
    def _place(record: Mapping[str, object]) -> str | None:
        return f"{record['file']}:{record['line']}" if record["file"] else None

    def _in_program(self, frames: str) -> str | None:
        """Return the innermost line that is the program's own: a fault in std::vector is told where it is used."""
        codes = [int(code) for code in frames.split()]
        for code in codes:
            place = self._at(code)
            if place and self._is_own(place):
                return place
        return next((place for code in codes if (place := self._line_before(code))), None)

    def _is_own(self, place: str) -> bool:
        return (
            not place.startswith(("/usr/", "/opt/", "/lib", HEADERS)) and "/" + place.rpartition(":")[0] != "/emulator"
        )

    def _line_before(self, code: int) -> str | None:
        """Return the last own line before code that was taken into a function from a library's header."""
        table = self._lines
        k = bisect.bisect_right(table.addresses, code - 1) - 1
        for (file, line), address in zip(table.places[k::-1], table.addresses[k::-1], strict=True):
            if not file:
                return None  # the beginning of the section
            if self._is_own(f"{file}:{line}") and code - address < NEAR:
                return f"{file}:{line}"
        return None

    def _at(self, code: int) -> str | None:
        """Return `file:line` of a place in the library, by the address behind a call."""
        if not code:
            return None
        place = self._lines.place(code - 1)
        file, _, line = (place or "").rpartition(":")
        name = self.program.filename
        return f"{name}:{line}" if file and name.endswith(f"/{file}") else place


def _value(value: object) -> Any:
    """Return what a field holds: JSON knows no tuples, and an access is an object of its own."""
    if isinstance(value, dict):
        return Access(**{name: _value(part) for name, part in value.items()})
    return tuple(value) if isinstance(value, list) else value


def _utf8(value: object) -> object:
    """Return a text whose characters are the bytes of UTF-8."""
    if not isinstance(value, str):
        return value
    return value.encode("latin-1", "replace").decode("utf-8", "replace")


def _short(place: str) -> str:
    return place.replace("\\", "/").rpartition("/")[2]
