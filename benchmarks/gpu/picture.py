"""The rows as bars: how many times as fast as the peer, with the range over the rounds and what is required."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .rows import REQUIREMENTS, Row, state_of

COLOURS = {"aim": "#1b7837", "pass": "#7fbf7b", "miss": "#c51b7d", "": "#8da0cb", "open": "#bbbbbb"}
MEANING = {
    "aim": "reaches the aim",
    "pass": "reaches what it must",
    "miss": "misses what it must",
    "": "nothing required",
}


def draw(rows: Sequence[Row], title: str, path: Path) -> None:
    """Draw the rows that have a ratio, in their order."""
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    drawn = [row for row in rows if row.ratio is not None]
    figure = Figure(figsize=(10, 1.6 + 0.24 * len(drawn)), layout="constrained")
    axes = figure.add_subplot()
    for place, row in enumerate(drawn):
        assert row.ratio is not None
        middle, low, high = row.ratio
        axes.barh(place, middle, color=COLOURS[state_of(row)], height=0.7)
        axes.plot([low, high], [place, place], color="black", linewidth=1)
        must = next((r.must for r in REQUIREMENTS if r.group == row.group), None)
        if must is not None:
            axes.plot([must, must], [place - 0.4, place + 0.4], color="black", linewidth=2)
    axes.set_yticks(range(len(drawn)), [f"{row.name} ({row.precision})" for row in drawn], fontsize=7)
    axes.invert_yaxis()
    axes.axvline(1.0, color="grey", linewidth=0.8, linestyle=":")
    if drawn:
        axes.set_xscale("log")
    axes.set_xlabel("peer's time / ours (above 1: this library is the faster one); thick line: required")
    axes.set_title(title, fontsize=10)
    states = {state_of(row) for row in drawn}
    axes.legend(
        handles=[Patch(color=COLOURS[state], label=text) for state, text in MEANING.items() if state in states],
        fontsize=7,
    )
    figure.savefig(path, dpi=120)
