"""What launches take of a GPU, as text."""

from __future__ import annotations

from collections.abc import Sequence

from .measure import KernelUse

HEADINGS = (
    "kernel",
    "GPU",
    "threads",
    "registers",
    "shared",
    "stack",
    "spills",
    "blocks/SM",
    "occupancy",
    "limited by",
)


def table(uses: Sequence[KernelUse]) -> str:
    """Return columns, one line for each launch and architecture."""
    rows: list[tuple[str, ...]] = [HEADINGS]
    for use in uses:
        numbers = (use.threads, use.registers, use.shared, use.stack, use.spills, use.blocks)
        rows.append((use.kernel, use.arch, *map(str, numbers), f"{use.occupancy:.0f}%", use.limited_by))
    widths = [max(len(row[k]) for row in rows) for k in range(len(HEADINGS))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join(lines)
