"""A run as Markdown and as a record of JSON."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .roofline import Roofline
from .rows import Row, Verdict, state_of
from .suite import Outcome

PACKAGES = (
    "numpy",
    "cupy-cuda12x",
    "cupy-cuda13x",
    "numba",
    "numba-cuda",
    "torch",
    "nvidia-cuda-nvrtc",
    "nvidia-cuda-nvrtc-cu12",
    "nvidia-cudnn-cu12",
    "nvidia-cudnn-cu13",
)


@dataclass(frozen=True)
class Report:
    """Everything of one run."""

    date: str
    device: str
    command: str
    software: dict[str, str]
    seconds: float
    tests: Outcome | None
    roofline: Roofline | None
    rows: Sequence[Row]
    verdicts: Sequence[Verdict]
    notes: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        """File name of the record without its ending."""
        return f"{self.date[:10]}-{re.sub(r'[^a-z0-9]+', '-', self.device.lower()).strip('-')}"


def command_line() -> str:
    """Return how the benchmark was called."""
    return " ".join(["python -m benchmarks.gpu", *sys.argv[1:]])


def as_json(report: Report) -> str:
    """Return the record."""
    content: dict[str, Any] = {
        "date": report.date,
        "device": report.device,
        "command": report.command,
        "software": report.software,
        "seconds": report.seconds,
        "notes": report.notes,
        "tests": None if report.tests is None else report.tests.as_json(),
        "roofline": None if report.roofline is None else report.roofline.as_json(),
        "verdicts": [asdict(verdict) for verdict in report.verdicts],
        "rows": [row.as_json() for row in report.rows],
    }
    return json.dumps(content, indent=1) + "\n"


def as_markdown(report: Report) -> str:
    """Return the tables."""
    lines = [
        f"# {report.device}, {report.date}",
        "",
        (
            f"`{report.command}`, {report.seconds:.0f} s. "
            f"{', '.join(f'{name} {version}' for name, version in report.software.items())}."
        ),
        *report.notes,
        "",
    ]
    if report.tests is not None:
        counts = ", ".join(f"{count} {name}" for name, count in report.tests.counts.items()) or "no result"
        ended = "" if report.tests.finished else " (stopped at the time limit)"
        lines += [
            f"Tests: {counts} in {report.tests.seconds:.0f} s{ended}.",
            *(f"- failed: {name}" for name in report.tests.failed),
            "",
        ]
    if report.roofline is not None:
        rates = ", ".join(f"{name} {rate / 1e12:.1f} TFLOP/s" for name, rate in report.roofline.rates.items() if rate)
        lines += [f"Roofline, measured: copy {report.roofline.bandwidth / 1e9:.0f} GB/s; cuBLAS {rates}.", ""]
    lines += ["## Requirements", "", *_verdicts(report.verdicts), "", "## Rows", "", *_rows(report.rows), ""]
    return "\n".join(lines)


def _verdicts(verdicts: Sequence[Verdict]) -> list[str]:
    lines = ["| what | must | aim | worst | median | verdict |", "|---|---|---|---|---|---|"]
    for verdict in verdicts:
        wanted = verdict.requirement
        must, aim = f"{wanted.must:g}", f"{wanted.aim:g}"
        if wanted.must_share is not None and wanted.aim_share is not None:
            must, aim = f"{must}, {wanted.must_share:.0%}", f"{aim}, {wanted.aim_share:.0%}"
        missing = f": {len(verdict.missing)} rows below" if verdict.missing else ""
        missing += f", {len(verdict.unmeasured)} not measured" if verdict.unmeasured else ""
        lines.append(
            f"| {wanted.text} | {must} | {aim} | {_number(verdict.worst)} | {_number(verdict.middle)} | "
            f"**{verdict.state}**{missing} |"
        )
    return lines


def _rows(rows: Sequence[Row]) -> list[str]:
    lines = [
        "| row | precision | ours, ms | peer, ms | ratio (range) | rate | of the chip's best | error | |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        spread = "" if row.ratio is None else f" ({row.ratio.low:.2f} to {row.ratio.high:.2f})"
        ratio = "-" if row.ratio is None else f"{row.ratio.median:.2f}{spread}"
        share = "-" if row.share is None else f"{row.share:.0%}"
        error = "-" if row.error is None else f"{row.error:.0e}"
        name = row.name if row.name.startswith(row.group) else f"{row.group}: {row.name}"
        remark = " ".join(part for part in (state_of(row), row.note) if part)
        lines.append(
            f"| {name} | {row.precision} | {_ms(row.ours)} | {_ms(row.peer)} | {ratio} | {rate_text(row)} | {share} "
            f"| {error} | {remark} |"
        )
    return lines


def rate_text(row: Row) -> str:
    """Return the rate as people write it."""
    if row.rate is None:
        return "-"
    return f"{row.rate / 1e9:.0f} GB/s" if row.unit == "B/s" else f"{row.rate / 1e12:.2f} TFLOP/s"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _ms(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds * 1e3:.3f}"


def write(report: Report, folder: Path) -> list[Path]:
    """Write the record, the table and the picture; return their paths."""
    from .picture import draw

    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{report.stem}{ending}" for ending in (".json", ".md", ".png")]
    paths[0].write_text(as_json(report), encoding="utf-8")
    paths[1].write_text(as_markdown(report), encoding="utf-8")
    draw(report.rows, report.device, paths[2])
    return paths
