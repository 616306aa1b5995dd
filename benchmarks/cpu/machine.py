"""Whether others use the processors: then no comparison is valid.

Libraries whose threads spin while they wait lose most.
"""

from __future__ import annotations

import time
from pathlib import Path

ALLOWED = 0.1
"""Share of the processors that others may use."""


def busy_share(seconds: float = 0.3) -> float:
    """Return the share of all processors in use while this program sleeps; 0 where the system does not tell."""
    before = _ticks()
    time.sleep(seconds)
    after = _ticks()
    if before is None or after is None or after[1] <= before[1]:
        return 0.0
    return (after[0] - before[0]) / (after[1] - before[1])


def _ticks() -> tuple[int, int] | None:
    """Return the ticks that were used, and all."""
    try:
        values = [int(text) for text in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    except (OSError, ValueError, IndexError):
        return None
    return sum(values) - values[3] - values[4], sum(values)  # without idle and waiting for a disk
