"""Ratios of times that were measured in turn."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple


class Ratio(NamedTuple):
    """Peer's time over ours: above 1, this library is the faster one."""

    median: float
    low: float
    high: float


def ratio_of(ours: Sequence[float], peer: Sequence[float]) -> Ratio | None:
    """Return the median over rounds of the ratios within a round, and their range; None without a peer."""
    if not peer:
        return None
    values = [theirs / mine for mine, theirs in zip(ours, peer, strict=True)]
    return Ratio(median(values), min(values), max(values))
