"""What a checked launch does in all: its operations and the bytes that must move."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..checks.records import LineTraffic
from ..checks.roofline.work import SECTOR, TENSOR, Buffer, Buffers, Work, array_of
from .library import Library
from .memory_map import MemoryMap
from .native import Launch, runtime

if TYPE_CHECKING:
    from .module import CudaKernel

CUT = "of a launch whose checks ended before it did, neither bytes nor operations are told"
FRAGMENTS = (
    "how wmma spreads a matrix over the lanes of a warp is not a GPU's way here: what its loads and stores move is "
    "more than on a GPU"
)


class WorkOfLaunch:
    """Counts from `begin` to `end`; the library must be compiled with counters."""

    def __init__(self, kernel: CudaKernel, library: Library, launch: Launch) -> None:
        self._name = kernel.name
        (gx, gy, gz), (bx, by, bz) = launch.grid, launch.block
        self._grid, self._block = (gx, gy, gz), (bx, by, bz)
        self._counters = library.counters

    def begin(self) -> None:
        """Begin at 0."""
        self._counters.reset()

    def end(self, memory: MemoryMap, traffic: Iterable[LineTraffic], cut: bool) -> Work:
        """Return what was done; `cut`: the launch went on without checks."""
        if cut:
            return Work(self._name, self._grid, self._block, None, (), 0, CUT)
        counts = self._counters.read()
        buffers = Buffers()
        buffers.add_traffic(traffic)
        prints = runtime().tinyseg_footprints()
        for k in range(runtime().tinyseg_footprint_count()):
            spot = memory.spot(prints[k].begin, 1)
            if spot.memory == "global":
                read, written = prints[k].read * SECTOR, prints[k].written * SECTOR
                buffers.add(Buffer(array_of(spot.array), read=read, written=written))
        why = FRAGMENTS if any(counts[kind] for kind in TENSOR) else ""
        return Work(self._name, self._grid, self._block, counts, buffers.all(), why=why)
