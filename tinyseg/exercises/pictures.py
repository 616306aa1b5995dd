"""The picture of a wrong result: the right numbers, the learner's, and their difference. Matplotlib loads here only."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

import numpy as np
from tinyseg_kernels.types import Array

from .columns import breadth
from .languages import ENGLISH
from .numbers import pieces
from .showing import Example, Result, plane
from .words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_BLOCKS = 4
"""Planes that are drawn, those with most wrong numbers first."""
MOST_CELLS, MOST_NUMBERS = 12, 160
"""Rows or columns, and cells in all, up to which numbers stand in the cells."""
LARGEST = 64
"""Rows or columns of what is drawn at all."""
CELL, LARGEST_PANEL = 0.6, 3.4
"""Inches."""
VALUES, DIFFERENCES, EDGE = "PuOr_r", "RdBu_r", "#c00000"
GREY = "#d9d9d9"
"""Where a number is not finite."""
CHINESE_FONTS = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN"),
    *("Microsoft YaHei", "SimHei", "PingFang SC", "Hiragino Sans GB", "Heiti SC", "STHeiti", "Arial Unicode MS"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Sans CJK JP"),
)
"""Families that have Chinese characters, on Linux, Windows and macOS; Matplotlib's own has none."""


def can_be_drawn(example: Example | None) -> bool:
    """Whether there is a wrong result of the right shape, with more than one number."""
    result = example.result if example is not None else None
    return (
        result is not None
        and result.wrong is not None
        and result.right.size > 1
        and max(_plane(result.right, result).shape) <= LARGEST
    )


def _plane(array: Array, result: Result) -> Array:
    """Return the first plane of an array."""
    index, _ = next(pieces(array.ndim, array.shape, result.axes))
    return np.atleast_2d(array[index])


def draw(example: Example, title: str, words: Words) -> Figure:
    """Draw right, yours and difference, one row of panels for each plane of the result.

    Where no font has the characters of a language, it is lettered in English.
    """
    from matplotlib import rc_context

    if breadth(words("framed")) > len(words("framed")):
        families = _chinese_families()
        if not families:
            return draw(example, title, Words(ENGLISH))
        with rc_context({"font.family": families}):
            return _drawn(example, title, words)
    return _drawn(example, title, words)


def _chinese_families() -> list[str]:
    """Return the fonts to take: one with Chinese characters, and Matplotlib's own for the rest; [] if there is none."""
    from matplotlib.font_manager import fontManager

    there = {font.name for font in fontManager.ttflist}
    return next(([family, "DejaVu Sans"] for family in CHINESE_FONTS if family in there), [])


def _drawn(example: Example, title: str, words: Words) -> Figure:
    from tinyseg.visualization.figures import new_figure

    result = example.result
    assert result is not None
    assert result.wrong is not None
    chosen = _most_wrong(result)
    rows, columns = _plane(result.right, result).shape
    cell = min(CELL, LARGEST_PANEL / max(rows, columns))
    width, height = max(cell * columns, 1.4), max(cell * rows, 0.4)
    figure, axes = new_figure(len(chosen), 3, 3 * (width + 0.35) + 0.4, len(chosen) * (height + 0.75) + 0.35)
    right, got = (np.asarray(value, np.float64) for value in (result.right, result.got))
    with np.errstate(all="ignore"):
        difference = got - right
    scale = _scale(np.stack([right, got]))
    labels = _axis_labels(result, words)
    numbers = max(rows, columns) <= MOST_CELLS and len(chosen) * rows * columns <= MOST_NUMBERS
    for panels, (index, written) in zip(axes, chosen, strict=True):
        wrong = np.atleast_2d(result.wrong[index])
        name = result.name + written
        for panel, values, heading, bound, colors, marked in (
            (panels[0], right, words("right"), scale, VALUES, False),
            (panels[1], got, words("yours"), scale, VALUES, True),
            (panels[2], difference, words("difference"), _scale(difference), DIFFERENCES, False),
        ):
            seen = np.atleast_2d(values[index])
            _heat_map(panel, seen, bound, colors)
            if numbers:
                _write_numbers(panel, seen, bound)
            if marked:
                _frame(panel, wrong)
            panel.set_title(f"{name}, {heading}" if panel is panels[0] else heading, fontsize=9)
            panel.set_xlabel(labels[1], fontsize=8)
        panels[0].set_ylabel(labels[0], fontsize=8)
    figure.suptitle(f"{title}   ({words('framed')})", fontsize=10)
    return figure


def _most_wrong(result: Result) -> list[tuple[tuple[int | slice, ...], str]]:
    """Return the planes to draw, in their own order: those with most that is wrong."""
    assert result.wrong is not None
    wrong = result.wrong
    every = list(pieces(result.right.ndim, result.right.shape, result.axes))
    best = sorted(range(len(every)), key=lambda k: -int(np.sum(wrong[every[k][0]])))[:MOST_BLOCKS]
    return [every[k] for k in sorted(best)]


def _scale(values: Array) -> float:
    finite = np.abs(values[np.isfinite(values)])
    # The strongest colours are too dark for a number on them.
    return 1.4 * float(finite.max(initial=0.0)) or 1.0


def _axis_labels(result: Result, words: Words) -> tuple[str, str]:
    rank = result.right.ndim
    if rank < 2:
        return "", result.axes[-1] if rank else ""
    rows, columns = plane(rank, result.axes)
    known = {"H": words("row"), "KH": words("row"), "W": words("column"), "KW": words("column")}

    def named(name: str) -> str:
        return f"{known[name]} ({name})" if name in known else name

    return named(result.axes[rows]), named(result.axes[columns])


def _heat_map(panel: Any, values: Array, bound: float, colors: str) -> None:
    from matplotlib import colormaps

    colormap = colormaps[colors].with_extremes(bad=GREY)
    rows, columns = values.shape
    edges = (np.arange(columns + 1) - 0.5, np.arange(rows + 1) - 0.5)
    mesh = {"cmap": colormap, "vmin": -bound, "vmax": bound, "edgecolors": "white", "linewidth": 1.0}
    panel.pcolormesh(*edges, np.ma.masked_invalid(values), **mesh)
    panel.set_aspect("equal")
    panel.set_xlim(-0.5, columns - 0.5)
    panel.set_ylim(rows - 0.5, -0.5)  # row 0 above
    panel.set_xticks(_ticks(columns))
    panel.set_yticks(_ticks(rows))
    panel.tick_params(labelsize=7, length=0)


def _write_numbers(panel: Any, values: Array, bound: float) -> None:
    size = 9 if values.shape[1] <= 7 else 7
    for (row, column), value in np.ndenumerate(values):
        dark = bool(np.isfinite(value)) and abs(value) > 0.62 * bound
        color = "white" if dark else "#222222"
        text = panel.text(column, row, _cell(float(value)), ha="center", va="center", fontsize=size, color=color)
        text.set_in_layout(False)  # it lies within its cell


def _frame(panel: Any, wrong: Array) -> None:
    """Frame the wrong cells: what is told without colours."""
    from matplotlib.patches import Rectangle

    for row, column in np.argwhere(wrong):
        panel.add_patch(
            Rectangle((column - 0.45, row - 0.45), 0.9, 0.9, fill=False, edgecolor=EDGE, linewidth=2.0, zorder=3)
        )


def _ticks(count: int) -> list[int]:
    step = 1 if count <= MOST_CELLS else count // 8
    return list(range(0, count, step))


def _cell(value: float) -> str:
    if np.isfinite(value) and value == round(value) and abs(value) < 1e5:
        return str(round(value))
    return f"{value:.2g}" if not np.isfinite(value) or abs(value) >= 100 or abs(value) < 0.01 else f"{value:.3g}"


def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write the picture as a PNG, whole or not at all."""
    from tinyseg.visualization.figures import save_figure

    save_figure(figure, path, dpi=130)


def png(figure: Figure) -> bytes:
    """Return the picture as the bytes of a PNG."""
    with io.BytesIO() as buffer:
        figure.savefig(buffer, dpi=100, format="png")
        return buffer.getvalue()
