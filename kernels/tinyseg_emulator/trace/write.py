"""The page of a trace: one HTML text with its data, style and script."""

from __future__ import annotations

import html
import json
from importlib.resources import files

from ..checks.findings import Findings
from ..checks.trace import Trace
from .document import document

SCRIPTS = ("data.js", "edges.js", "timeline.js", "request.js", "details.js", "main.js")


def page(trace: Trace, findings: Findings, title: str) -> str:
    """Return the page's HTML. It asks nothing of a network, and its policy forbids it to."""
    parts = files(__package__) / "page"
    data = json.dumps(document(trace, findings, title), separators=(",", ":"), ensure_ascii=False)
    fill = {
        "title": html.escape(title),
        "style": (parts / "page.css").read_text(encoding="utf-8"),
        "script": "\n".join((parts / name).read_text(encoding="utf-8") for name in SCRIPTS),
        "data": data.replace("<", "\\u003c"),  # so that no text in it ends the element
    }
    text = (parts / "page.html").read_text(encoding="utf-8")
    for name, value in fill.items():
        before, _, after = text.partition(f"<!--{name}-->")
        text = before + value + after
    return text
