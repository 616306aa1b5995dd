"""The time at the roof: no launch on a GPU can be faster than its busiest unit allows.

    time >= max(bytes / bandwidth, operations / peak of their unit)

Two bounds for the bytes: what must move at least once (perfect caches), and what the requests of warps move (no cache
at all). A GPU lies in between; where the answer differs, both are told.
"""

from __future__ import annotations

from dataclasses import dataclass

from .gpus import Gpu
from .work import TENSOR, TYPES, Work

MEMORY, SPECIAL = "memory", "special functions"


@dataclass(frozen=True)
class Roof:
    """A launch on a GPU; seconds for all the launches that the work counts.

    Args:
        gpu: The GPU.
        compute: Of the busiest unit.
        unit: Which that is: a type of operation, or 'special functions'; '' when nothing is computed.
        memory: To move every byte once.
        memory_uncached: To move what the requests of warps move.
        absent: Types that it has no unit for, which are left out.
    """

    gpu: Gpu
    compute: float
    unit: str
    memory: float
    memory_uncached: float
    absent: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """The time at the roof: perfect caches."""
        return max(self.compute, self.memory)

    @property
    def seconds_uncached(self) -> float:
        """The time at the roof when nothing is cached."""
        return max(self.compute, self.memory_uncached)

    @property
    def bound(self) -> str:
        """'memory', 'compute', or 'memory without caches' when it depends on them."""
        if self.compute < self.memory:
            return MEMORY
        return "compute" if self.compute >= self.memory_uncached else "memory without caches, else compute"


def roof(work: Work, gpu: Gpu) -> Roof:
    """Return the roof over a work."""
    times: dict[str, float] = {}
    absent = []
    for kind in (*TYPES, *TENSOR):
        count = work.operations(kind)
        if kind == "fp64":  # no unit begins their divisions and roots: they are made of fused multiply-adds
            count += (work.counts or {}).get("fp64 special", 0)
        if count and kind not in gpu.peaks:
            absent.append(kind)
        elif count:
            times[kind] = count / gpu.peaks[kind]
    special = work.special - (work.counts or {}).get("fp64 special", 0)
    if special:
        times[SPECIAL] = special / gpu.special
    unit = max(times, key=lambda kind: times[kind]) if times else ""
    return Roof(
        gpu,
        times.get(unit, 0.0),
        unit,
        work.least / gpu.bandwidth,
        max(work.moved, work.least) / gpu.bandwidth,
        tuple(absent),
    )
