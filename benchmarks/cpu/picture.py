"""The rows as bars: how many times as long the best peer takes, and each other peer as a mark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .peers import PEERS, is_rival
from .report import KINDS
from .rows import Row

REACHED, MISSED = "#7fbf7b", "#c51b7d"
MARKS = "osD^vPX*"


def draw(rows: Sequence[Row], title: str, path: Path) -> None:
    """Draw the rows that have a ratio, in their order."""
    from matplotlib.figure import Figure

    drawn = [row for row in rows if row.best() is not None and row.ours is not None]
    figure = Figure(figsize=(11, 1.8 + 0.24 * len(drawn)), layout="constrained")
    axes = figure.add_subplot()
    for place, row in enumerate(drawn):
        best = row.best()
        ratio = None if best is None else row.ratio(best)
        if ratio is None:
            continue
        axes.barh(place, ratio.median, color=REACHED if ratio.median >= 1 else MISSED, height=0.7)
        axes.plot([ratio.low, ratio.high], [place, place], color="black", linewidth=1)
    for peer, mark in zip([peer for peer in PEERS if is_rival(peer.key)], MARKS, strict=False):
        ratios = [(found.median, k) for k, row in enumerate(drawn) if (found := row.ratio(peer.key))]
        if ratios:
            xs, ys = zip(*ratios, strict=True)
            axes.scatter(xs, ys, marker=mark, s=14, label=peer.name, zorder=3, linewidths=0)
    labels = [f"{row.name}, {KINDS[row.kind]}, {row.threads} threads" for row in drawn]
    axes.set_yticks(range(len(drawn)), labels, fontsize=7)
    axes.invert_yaxis()
    axes.axvline(1.0, color="grey", linewidth=0.8, linestyle=":")
    if drawn:
        axes.set_xscale("log")
        axes.legend(fontsize=7)
    axes.set_xlabel("peer's time / tinyseg's (above 1: tinyseg is the faster one)\nbar: the best peer, with its range")
    axes.set_title(title, fontsize=10)
    figure.savefig(path, dpi=120)
