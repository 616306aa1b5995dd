"""A measured row, the requirements, and whether they are met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from ..common.statistics import Ratio


@dataclass(frozen=True)
class Row:
    """One line of the table; times in seconds; None: not measured."""

    name: str
    group: str
    precision: str = "float32"
    ours: float | None = None
    ours_low: float | None = None
    ours_high: float | None = None
    peer: float | None = None
    ratio: Ratio | None = None
    """PyTorch's time over ours."""
    share: float | None = None
    """Of what the chip can do (`roofline`)."""
    rate: float | None = None
    """Bytes or floating-point operations per second, whichever limits."""
    unit: str = ""
    error: float | None = None
    """Largest difference over the largest number, against the peer or NumPy."""
    note: str = ""
    """Why there is no number, or what was different."""

    def as_json(self) -> dict[str, Any]:
        """Return the row with its ratio by names."""
        return {**asdict(self), "ratio": None if self.ratio is None else self.ratio._asdict()}


@dataclass(frozen=True)
class Requirement:
    """What the rows of a group must reach, and what they aim at."""

    group: str
    text: str
    must: float
    aim: float
    must_share: float | None = None
    aim_share: float | None = None


REQUIREMENTS = (
    Requirement("memory-bound", "memory-bound operations", 1.0, 1.3, 0.70, 0.85),
    Requirement("conv2d 3x3", "conv2d 3x3, float32, forward and both gradients", 0.7, 1.2),
    Requirement("U-Net", "U-Net training step, float32", 0.7, 1.0),
    Requirement("U-Net against the CPU", "U-Net training step against this library's fastest CPU backend", 30, 100),
    Requirement("gemm against cuBLAS", "the ladder's best GEMM, float32, against cuBLAS", 0.7, 0.9),
)


@dataclass(frozen=True)
class Verdict:
    """How a group of rows stands against its requirement."""

    requirement: Requirement
    state: str
    """'pass' (every row), 'aim' (every row, even the aim), 'miss', or 'open' when something was not measured."""
    worst: float | None
    middle: float | None
    missing: tuple[str, ...]
    """Rows below the 'must'."""
    unmeasured: tuple[str, ...]


def passes(row: Row, requirement: Requirement, *, aim: bool = False) -> bool | None:
    """Return whether a row reaches the 'must' (or the aim) of ratio and share; None when that was not measured."""
    least, share = (requirement.aim, requirement.aim_share) if aim else (requirement.must, requirement.must_share)
    if row.ratio is not None and row.ratio.median < least:
        return False
    if share is not None and row.share is not None and row.share < share:
        return False
    if row.ratio is None or (share is not None and row.share is None):
        return None
    return True


def state_of(row: Row) -> str:
    """Return 'pass', 'aim', 'miss' or 'open' for a row with a requirement, '' for one without."""
    requirement = next((r for r in REQUIREMENTS if r.group == row.group), None)
    if requirement is None:
        return ""
    reached = passes(row, requirement)
    if reached is None:
        return "open"
    return ("aim" if passes(row, requirement, aim=True) else "pass") if reached else "miss"


def judge(rows: Sequence[Row]) -> list[Verdict]:
    """Return the verdict of each requirement."""
    verdicts = []
    for requirement in REQUIREMENTS:
        group = [row for row in rows if row.group == requirement.group]
        states = [state_of(row) for row in group]
        ratios = [row.ratio.median for row in group if row.ratio is not None]
        missing = tuple(row.name for row, state in zip(group, states, strict=True) if state == "miss")
        unmeasured = tuple(row.name for row, state in zip(group, states, strict=True) if state == "open")
        if missing:
            state = "miss"
        elif unmeasured or not group:
            state = "open"
        else:
            state = "aim" if all(state == "aim" for state in states) else "pass"
        verdicts.append(
            Verdict(
                requirement, state, min(ratios, default=None), median(ratios) if ratios else None, missing, unmeasured
            )
        )
    return verdicts
