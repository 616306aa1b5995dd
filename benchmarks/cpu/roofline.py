"""What the machine can do, measured: the fastest matrix product and copy of the libraries at hand.

With the same threads as everything else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from ..common.arrays import Work


@dataclass(frozen=True)
class Roofline:
    """Floating-point operations per second of a matrix product, and bytes per second that a copy reads and writes."""

    flops: float
    bandwidth: float

    def share(self, work: Work, seconds: float) -> float:
        """Return how much of the machine's best a time is.

        Above 1: fewer operations than the plain algorithm's, or arrays that stay in the cache.
        """
        return max(work.flops / self.flops, work.bytes / self.bandwidth) / seconds


def measure(product: Callable[[], Any], copy: Callable[[], Any], edge: int, copied_bytes: int) -> dict[str, float]:
    """Return the rates of a product of square matrices and of a copy."""
    return {"flops": 2 * edge**3 / _seconds(product), "bandwidth": 2 * copied_bytes / _seconds(copy)}


def best(rates: Iterable[dict[str, float]]) -> Roofline:
    """Return the best of what several libraries reached."""
    found = list(rates)
    return Roofline(max(rate["flops"] for rate in found), max(rate["bandwidth"] for rate in found))


def _seconds(function: Callable[[], Any], repeats: int = 7) -> float:
    times = []
    for _ in range(repeats + 2):
        started = time.perf_counter()
        function()
        times.append(time.perf_counter() - started)
    return median(times[2:])
