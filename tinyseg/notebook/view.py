"""The report of a cell, as HTML for a notebook and as text for a terminal."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyseg_emulator.checks.findings import Findings
from tinyseg_emulator.checks.report import finding_text
from tinyseg_emulator.checks.roofline.plot import svg
from tinyseg_emulator.checks.roofline.text import roofline_text
from tinyseg_emulator.checks.source_text import source_text
from tinyseg_emulator.checks.trace import Trace
from tinyseg_emulator.trace.write import page
from tinyseg_kernels.errors import InvalidInput

HEIGHT = 900
"""Of the trace in a notebook, in pixels."""

_STYLE = """<style>
.tinyseg-report { font: 14px/1.45 system-ui, sans-serif; max-width: 62rem; }
.tinyseg-report .ok { border-left: 4px solid #2e7d4f; padding: 0.2rem 0.7rem; }
.tinyseg-report .bad { border-left: 4px solid #c62828; padding: 0.2rem 0.7rem; margin: 0.5rem 0; }
.tinyseg-report pre { font-size: 12.5px; margin: 0.3rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.tinyseg-report table { border-collapse: collapse; font-size: 12.5px; margin: 0.5rem 0; }
.tinyseg-report th, .tinyseg-report td { text-align: left; padding: 0.1rem 0.7rem 0.1rem 0; vertical-align: top; }
.tinyseg-report td:nth-child(-n+6) { white-space: nowrap; }
.tinyseg-report .cost { font-weight: 700; }
.tinyseg-report details summary { cursor: pointer; }
.tinyseg-report .wide { overflow-x: auto; }
.tinyseg-report pre { font-size: 12.5px; overflow-x: auto; }
.tinyseg-report svg { max-width: 100%; height: auto; }
</style>"""


@dataclass(frozen=True)
class Report:
    """What a cell's kernels showed.

    Args:
        findings: What is wrong, and the traffic of each line.
        text: All of it as text.
        notes: What else there is to know.
        trace_page: The page of the trace, '' without one.
        body: The findings and the traffic as HTML.
    """

    findings: Findings
    text: str
    notes: tuple[str, ...]
    trace_page: str
    body: str

    @classmethod
    def of(cls, findings: Findings, trace: Trace | None, notes: Sequence[str], path: Path) -> Report:
        """Make a report while the cell's file can still be read."""
        text = "\n\n".join([str(findings), *(f"note: {note}" for note in notes)])
        shown = "" if trace is None else page(trace, findings, path.name)
        return cls(findings, text.replace(f"{path.parent}/", ""), tuple(notes), shown, _body(findings, notes))

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        """Return the report as HTML, and below it the trace in a frame of its own."""
        parts = [_STYLE, '<div class="tinyseg-report">', self.body, "</div>"]
        if self.trace_page:
            parts.append(
                f'<iframe title="Trace" sandbox="allow-scripts" style="width: 100%; height: {HEIGHT}px; border: 0" '
                f'srcdoc="{html.escape(self.trace_page)}"></iframe>'
            )
        return "".join(parts)


def _body(findings: Findings, notes: Sequence[str]) -> str:
    parts = []
    for finding in findings:
        head, _, rest = finding_text(finding).partition("\n")
        parts.append(f'<div class="bad"><strong>{html.escape(head)}</strong><pre>{html.escape(rest)}</pre></div>')
    if not parts:
        parts.append('<div class="ok">nothing found</div>')
    if findings.not_checked:
        parts.append(f"<p>not checked: {html.escape(', '.join(findings.not_checked))}</p>")
    parts += [f"<p>{html.escape(note)}</p>" for note in notes]
    parts += [f'<pre class="wide" tabindex="0">{html.escape(note)}</pre>' for note in findings.notes]
    if findings.traffic:
        parts.append(_traffic(findings))
    if findings.works:
        parts.append(_roofline(findings))
    return "".join(parts)


def _roofline(findings: Findings) -> str:
    """Return the picture of the roofline, where there is one, and its lines."""
    try:
        picture = svg(findings.works, "this cell")
    except InvalidInput as error:
        picture = f"<p>{html.escape(str(error))}</p>"
    text = f'<pre class="wide" tabindex="0">{html.escape(roofline_text(findings.works))}</pre>'
    return f"<details open><summary>Roofline</summary>{picture}{text}</details>"


def _traffic(findings: Findings) -> str:
    heads = ("line", "memory", "access", "requests", "sectors/request", "bank conflicts", "source")
    rows = []
    for line in sorted(findings.traffic, key=lambda line: int(line.place.rpartition(":")[2] or 0)):
        shared = line.memory == "shared"
        moved = "" if shared else f"{line.sectors / line.requests:.2f} (ideal {line.ideal_sectors / line.requests:.2f})"
        conflicts = (str(line.bank_conflicts) + (f" ({line.worst_ways:g} ways)" * bool(line.bank_conflicts))) * shared
        dear = line.bank_conflicts > 0 if shared else line.sectors > line.ideal_sectors
        cells: tuple[Any, ...] = (
            line.place.rpartition(":")[2], line.memory, f"{line.kind} {line.array}", line.requests, moved, conflicts,
            source_text(line.place),
        )  # fmt: skip
        inside = "".join(f"<td>{html.escape(str(cell))}</td>" for cell in cells)
        rows.append(f'<tr class="{"cost" if dear else ""}">{inside}</tr>')
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    table = f'<div class="wide" tabindex="0">{_table(head, rows)}</div>'
    return f"<details open><summary>How each line uses memory</summary>{table}</details>"


def _table(head: str, rows: Sequence[str]) -> str:
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
