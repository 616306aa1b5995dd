"""Findings as plain text that a student can read: each with its source lines, the threads and the values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .kernel_error import KernelError
from .records import (
    Access,
    DivergentBarrier,
    Endless,
    Failure,
    Finding,
    LineTraffic,
    Misaligned,
    OutOfBounds,
    ProgramFault,
    Race,
    Stand,
    UninitialisedRead,
)
from .results import DependsOnUnset, NotANumber, WrongResult
from .source_text import source_text
from .undefined import UndefinedOperation


def render(
    findings: Iterable[Finding], not_checked: Sequence[str], traffic: Sequence[LineTraffic], notes: Sequence[str] = ()
) -> str:
    """Return the findings, the kernels that were not launched, notes, and the traffic of each line if asked for."""
    parts = [finding_text(finding) for finding in findings] or ["nothing found"]
    if not_checked:
        them = "it" if len(not_checked) == 1 else "them"
        parts.append(f"not checked: {', '.join(not_checked)} (no racecheck comment says how to launch {them})")
    parts += notes
    if traffic:
        parts.append(traffic_text(traffic))
    return "\n\n".join(parts)


def finding_text(finding: Finding) -> str:
    """Return one finding as a headline and indented lines."""
    if isinstance(finding, ProgramFault):
        return _program_text(finding)
    head, hint = _headline(finding)
    times = f" ({finding.count} times)" if finding.count > 1 else ""
    lines = [f"kernel {finding.kernel!r}: {head}{times}"]
    lines += [_access_text(access) for access in finding.accesses]
    if isinstance(finding, Endless):
        lines += [_stand_text(stand) for stand in finding.stands]
    if hint:
        lines.append(f"    {hint}")
    return "\n".join(lines)


def traffic_text(lines: Iterable[LineTraffic]) -> str:
    """Return a table of what each source line moves."""
    rows = [("line", "memory", "access", "requests", "sectors/request", "ideal", "bank conflicts", "source")]
    for line in sorted(lines, key=lambda line: (line.kernel, _sortable(line.place), line.memory, line.kind)):
        is_global = line.memory == "global"
        rows.append(
            (
                _short(line.place),
                line.memory,
                f"{line.kind} {line.array}",
                str(line.requests),
                f"{line.sectors / line.requests:.2f}" if is_global else "",
                f"{line.ideal_sectors / line.requests:.2f}" if is_global else "",
                ""
                if line.memory != "shared"
                else f"{line.bank_conflicts}" + (f" ({line.worst_ways:g} ways)" if line.bank_conflicts else ""),
                source_text(line.place),
            )
        )
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _headline(finding: Finding) -> tuple[str, str]:
    if isinstance(finding, Race):
        what = f"race on {finding.memory} array {finding.array!r} at [{finding.index}]"
        if finding.benign:
            return (
                f"benign {what}",
                (
                    "Both write the same value, so what lies there does not depend on which comes last, as when "
                    "threads of a breadth-first search mark one node; C++ calls it undefined, and an atomic "
                    "makes it right."
                ),
            )
        if finding.advice:
            return what, finding.advice
        if finding.first.block != finding.second.block:
            return what, "Nothing orders two blocks of one launch: use an atomic, or a second launch."
        if finding.first.kind == finding.second.kind == "write":
            return what, "No barrier orders these two threads: which value stays depends on which one comes last."
        return what, "No barrier orders these two threads: one may see what was there before the other wrote, or after."
    if isinstance(finding, OutOfBounds):
        return (
            (
                f"{finding.memory} array {finding.array!r} of shape {finding.shape} accessed out of bounds at "
                f"[{finding.index}]"
            ),
            "",
        )
    if isinstance(finding, UninitialisedRead):
        return (
            f"{finding.memory} array {finding.array!r} read at [{finding.index}] before anything was written there",
            "",
        )
    if isinstance(finding, Misaligned):
        return (
            f"{finding.memory} array {finding.array!r}: byte {finding.offset} is no multiple of {finding.alignment}",
            "",
        )
    if isinstance(finding, DivergentBarrier):
        return f"divergent barrier in block {finding.block}: {finding.what}", ""
    if isinstance(finding, WrongResult):
        return finding.headline(), ""
    if isinstance(finding, (NotANumber, DependsOnUnset, UndefinedOperation)):
        return finding.headline(), finding.hint()
    if isinstance(finding, Endless):
        return finding.what, _endless_hint(finding)
    if isinstance(finding, Failure):
        return KernelError.describe(finding.what, finding.place, finding.block, finding.thread), ""
    raise TypeError(f"expected a finding, got {type(finding).__name__}")


def _program_text(finding: ProgramFault) -> str:
    place = f"{_short(finding.place)}: " if finding.place else ""
    times = f" ({finding.count} times)" if finding.count > 1 else ""
    source = source_text(finding.place) if finding.place else ""
    return "\n    ".join([f"{place}{finding.what}{times}", *((source,) if source else ()), *finding.notes])


def _access_text(access: Access) -> str:
    value = f"  value {access.value}" if access.value else ""
    source = source_text(access.place)
    return (
        f"    {access.kind:<6} by thread {access.thread} of block {access.block}{value}\n           "
        f"{_short(access.place)}  {source}"
    ).rstrip()


def _stand_text(stand: Stand) -> str:
    who = f"thread {stand.thread} of block {stand.block}"
    if stand.threads > 1:
        who = f"{stand.threads} threads, the first {who},"
    at = f"waits at {stand.waits_for}" if stand.waits_for else "is"
    if stand.threads > 1:
        at = f"wait at {stand.waits_for}" if stand.waits_for else "are"
    return f"    {who} {at}\n           {_short(stand.place) or '?'}  {source_text(stand.place)}".rstrip()


def _endless_hint(finding: Endless) -> str:
    if finding.waiting_blocks:
        return (
            f"{finding.waiting_blocks} blocks had not begun: as many run at once as are resident on a GPU, and the "
            "others begin when one of these has ended, so no block may wait for one that comes later."
        )
    if any(not stand.waits_for for stand in finding.stands):
        return (
            "A loop has no end, or waits for a value that nobody writes. (A variable that another thread writes is "
            "read once if it is neither volatile nor atomic.)"
        )
    return ""


def _short(place: str) -> str:
    return place.replace("\\", "/").rpartition("/")[2]


def _sortable(place: str) -> tuple[str, int]:
    path, _, number = place.rpartition(":")
    return path, int(number) if number.isdigit() else 0
