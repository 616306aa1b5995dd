"""Which input pixels an output pixel is blended from, for one axis."""

from __future__ import annotations

import math


def neighbours(phase: int, factor: int) -> tuple[int, float]:
    """Return (l, t) for output h * factor + phase: (1 - t) parts of input h + l and t parts of h + l + 1."""
    offset = (phase + 0.5) / factor - 0.5
    low = math.floor(offset)
    return low, offset - low
