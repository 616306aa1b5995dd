"""A run as Markdown and as a record of JSON."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..common.statistics import Ratio
from .peers import CHANNELS_LAST, OURS, PEERS, is_torch
from .roofline import Roofline
from .rows import Row, Verdict

PACKAGES = ("numpy", "numba", "llvmlite", "torch", "tensorflow-cpu", "tensorflow", "keras", "threadpoolctl")
KINDS = {"both": "forward + backward", "forward": "forward", "train": "training step", "inference": "inference"}


@dataclass(frozen=True)
class Report:
    """Everything of one run."""

    date: str
    command: str
    software: dict[str, str]
    seconds: float
    rooflines: Mapping[int, Roofline]
    rows: Sequence[Row]
    verdicts: Sequence[Verdict]
    notes: tuple[str, ...] = ()


def processor() -> str:
    """Return the processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def command_line() -> str:
    """Return how the benchmark was called."""
    return " ".join(["python -m benchmarks.cpu", *sys.argv[1:]])


def line(row: Row) -> str:
    """Return a row in one line: time, rate, ratios of PyTorch and of the best peer."""
    parts = [f"{row.name} [{KINDS[row.kind]}, {row.threads} threads]: {ms(row.ours)} ms"]
    if row.share is not None and row.ours is not None:
        parts.append(f"{rate(row)} ({row.share:.0%})")
    for label, key in (("channels_last", CHANNELS_LAST.key), ("best torch", row.best(is_torch)), ("best", row.best())):
        if key is not None and (ratio := row.ratio(key)) is not None:
            parts.append(f"{label} {spread(ratio)}" + (f" {key}" if label.startswith("best") else ""))
    parts += [side.note for side in row.sides.values() if side.note]
    return "  ".join(parts)


def rate(row: Row) -> str:
    """Return the rate as people write it."""
    if row.ours is None:
        return "-"
    return f"{row.flops / row.ours / 1e9:.0f} GFLOP/s" if row.flops else f"{row.bytes / row.ours / 1e9:.0f} GB/s"


def ms(seconds: float | None) -> str:
    """Return milliseconds with three digits or more."""
    return "-" if seconds is None else f"{seconds * 1e3:.3g}" if seconds < 1 else f"{seconds * 1e3:.0f}"


def spread(ratio: Ratio | None) -> str:
    """Return a ratio and its range."""
    return "-" if ratio is None else f"{ratio.median:.2f} ({ratio.low:.2f}-{ratio.high:.2f})"


def as_json(report: Report) -> str:
    """Return the record."""
    content: dict[str, Any] = {
        "date": report.date,
        "processor": processor(),
        "command": report.command,
        "software": report.software,
        "seconds": report.seconds,
        "notes": report.notes,
        "rooflines": {threads: asdict(roofline) for threads, roofline in report.rooflines.items()},
        "verdicts": [verdict.as_json() for verdict in report.verdicts],
        "rows": [row.as_json() for row in report.rows],
    }
    return json.dumps(content, indent=1) + "\n"


def as_markdown(report: Report) -> str:
    """Return the tables."""
    versions = ", ".join(f"{name} {version}" for name, version in report.software.items())
    lines = [f"# {processor()}, {report.date}", "", f"`{report.command}`, {report.seconds:.0f} s. {versions}.", ""]
    lines += [*report.notes, ""] if report.notes else []
    for threads, roofline in report.rooflines.items():
        what = f"matrix product {roofline.flops / 1e9:.0f} GFLOP/s, copy {roofline.bandwidth / 1e9:.1f} GB/s"
        rows = [row for row in report.rows if row.threads == threads]
        verdicts = [verdict for verdict in report.verdicts if verdict.threads == threads]
        lines += [f"## Threads: {threads}", "", f"Measured: {what}.", "", *_verdicts(verdicts), ""]
        lines += ["Times in ms; ratios are the peer's time / ours, median over the rounds (range).", ""]
        lines += [*_rows(rows), "", *_memory(rows)]
    return "\n".join(lines)


def _verdicts(verdicts: Sequence[Verdict]) -> list[str]:
    lines = ["| what | must | aim | worst | median | verdict |", "|---|---|---|---|---|---|"]
    for verdict in verdicts:
        target = verdict.target
        more = f": {len(verdict.missed)} rows" if verdict.missed else ""
        more += f", {len(verdict.unmeasured)} not measured" if verdict.unmeasured else ""
        worst, middle = (_number(value) for value in (verdict.worst, verdict.middle))
        lines.append(
            f"| {target.text} | {target.must:g} | {target.aim:g} | {worst} | {middle} | **{verdict.state}**{more} |"
        )
    return lines


def _rows(rows: Sequence[Row]) -> list[str]:
    keys = [peer.key for peer in PEERS if any(peer.key in row.sides for row in rows) and peer is not OURS]
    names = " | ".join(peer.name for peer in PEERS if peer.key in keys)
    lines = [f"| case | tinyseg | rate | of the best | best peer | {names} | |", "|---" * (6 + len(keys)) + "|"]
    for row in rows:
        best = row.best()
        ratios = " | ".join(spread(row.ratio(key)) for key in keys)
        share = "-" if row.share is None else f"{row.share:.0%}"
        found = "-" if best is None else f"**{spread(row.ratio(best))}** {best}"
        notes = " ".join(side.note for side in row.sides.values() if side.note)
        speed = rate(row) if row.share is not None else "-"
        lines.append(
            f"| {row.name}, {KINDS[row.kind]} | {ms(row.ours)} | {speed} | {share} | {found} | {ratios} | {notes} |"
        )
    return lines


def _memory(rows: Sequence[Row]) -> list[str]:
    trained = [row for row in rows if row.kind == "train" and any(side.peak for side in row.sides.values())]
    if not trained:
        return []
    keys = [peer.key for peer in PEERS if any(peer.key in row.sides for row in trained)]
    names = " | ".join(peer.name for peer in PEERS if peer.key in keys)
    lines = [
        (
            "Peak memory of a training step, MiB: what it adds to a process that has loaded its library (the whole "
            "process)."
        ),
        "",
    ]
    lines += [f"| network | {names} |", "|---" * (1 + len(keys)) + "|"]
    for row in trained:
        cells = []
        for key in keys:
            side = row.sides.get(key)
            if side is None or side.peak is None or side.added is None:
                cells.append("-")
            else:
                cells.append(f"{side.added / 2**20:.0f} ({side.peak / 2**20:.0f})")
        lines.append(f"| {row.name} | {' | '.join(cells)} |")
    return [*lines, ""]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def write(report: Report, folder: Path) -> list[Path]:
    """Write the record, the tables and the picture; return their paths."""
    from .picture import draw

    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{report.date[:10]}-cpu{ending}" for ending in (".json", ".md", ".png")]
    paths[0].write_text(as_json(report), encoding="utf-8")
    paths[1].write_text(as_markdown(report), encoding="utf-8")
    draw(report.rows, processor(), paths[2])
    return paths
