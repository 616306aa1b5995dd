"""Where the command prints, and how it shows progress."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

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


def print_report(report: Report) -> None:
    """Print the measures as a table."""
    content = report.as_json()
    table = Table("class", "IoU", "Dice", "pixels")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, values in content["classes"].items():
        table.add_row(escape(name), share(values["iou"]), share(values["dice"]), f"{values['pixels']:,}")
    table.add_section()
    table.add_row("mean", share(content["mean_iou"]), share(content["mean_dice"]), f"{content['pixels']:,}")
    console.print(table)
    say(
        f"pixel accuracy {share(content['pixel_accuracy'])}, mean IoU {share(content['mean_iou'])}, {report.samples} images"
    )


def share(value: float | None) -> str:
    """Return a number with four digits, or '-' for one that does not exist."""
    return "-" if value is None or value != value else f"{value:.4f}"
