"""Where the command prints, and how it shows progress."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from tinyseg.runs import Report

console = Console(highlight=False)
errors = Console(stderr=True)

SECONDS_BETWEEN_LINES = 10.0


def say(text: str) -> None:
    """Print a line as it is."""
    console.print(text, markup=False, soft_wrap=True)


def progress(title: str) -> Callable[[int, int], None]:
    """Return a function that shows (done, total): in place in a terminal, a line now and then elsewhere."""
    last = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal last
        if console.is_terminal:
            sys.stdout.write(f"\r{title}: {done}/{total} " + ("\n" if done == total else ""))
            sys.stdout.flush()
        elif time.monotonic() - last > SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            say(f"{title}: {done}/{total}")

    return show


def table(*names: str, **options: Any) -> Table:
    """Return an empty table that cuts nothing off: what is too long for the terminal is folded."""
    return Table(*(Column(name, overflow="fold") for name in names), **options)


def print_report(report: Report) -> None:
    """Print the measures as a table, and of which images they are."""
    content = report.as_json()
    rows = table(
        "class", "IoU", "Dice", "pixels", title=f"{report.split}: {images(report.samples)}", title_justify="left"
    )
    for column in rows.columns[1:]:
        column.justify, column.no_wrap = "right", True
    for name, values in content["classes"].items():
        rows.add_row(escape(name), share(values["iou"]), share(values["dice"]), f"{values['pixels']:,}")
    rows.add_section()
    rows.add_row("mean", share(content["mean_iou"]), share(content["mean_dice"]), f"{content['pixels']:,}")
    console.print(rows)
    say(
        f"{report.split}: pixel accuracy {share(content['pixel_accuracy'])}, mean IoU {share(content['mean_iou'])}, "
        f"{images(report.samples)}"
    )


def images(count: int) -> str:
    """Return '1 image' or '2 images'."""
    return f"{count:,} image" + "s" * (count != 1)


def share(value: float | None) -> str:
    """Return a number with four digits, or '-' for one that does not exist."""
    return "-" if value is None or value != value else f"{value:.4f}"
