"""Counts what simulated threads do: operations by Numba's types, and the bytes that must move at least once.

The kernel that is rewritten for its types (`typed/`) hands each result of a floating-point operation to a function of
this file, which counts it. Without Numba's types nothing says what a number is on a GPU, and nothing is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..checks.kernel_error import Index3
from ..checks.records import LineTraffic
from ..checks.roofline.work import KINDS, SECTOR, Buffer, Buffers, Work
from .typed.counted import helper
from .typed.operations import PREFIX

NOT_COUNTED = "operations are counted with Numba's types only: pip install numba-cuda"


class Counting:
    """The operations and the footprint of one launch."""

    def __init__(self, kernel: str, grid: Index3, block: Index3) -> None:
        self._kernel, self._grid, self._block = kernel, grid, block
        self._counts = dict.fromkeys(KINDS, 0)
        self._marks: dict[str, tuple[set[int], set[int]]] = {}
        self.typed = False

    def names(self) -> dict[str, Callable[[object], object]]:
        """Return the functions that rewritten kernels call."""
        return {PREFIX + helper(kind): self._counter(kind) for kind in KINDS}

    def _counter(self, kind: str) -> Callable[[object], object]:
        counts = self._counts

        def count(value: object) -> object:
            counts[kind] += 1
            return value

        return count

    def access(self, array: str, offset: int, size: int, kind: str) -> None:
        """Note an access to global memory, so many bytes from where the array's memory starts."""
        first, written = self._marks.setdefault(array, (set(), set()))
        for byte in range(offset, offset + size):
            if kind != "write" and byte not in written:
                first.add(byte)
            if kind != "read":
                written.add(byte)

    def work(self, traffic: Iterable[LineTraffic]) -> Work:
        """Return what the launch did."""
        buffers = Buffers()
        buffers.add_traffic(traffic)
        for array, (first, written) in self._marks.items():
            read, wrote = (SECTOR * len({byte // SECTOR for byte in these}) for these in (first, written))
            buffers.add(Buffer(array, read=read, written=wrote))
        counts, why = (self._counts, "") if self.typed else (None, NOT_COUNTED)
        return Work(self._kernel, self._grid, self._block, counts, buffers.all(), why=why)
