"""Address space that is handed out in pieces, always the lowest one that is free.

The system gives memory to addresses when they are first touched, page by page. So a large range of addresses costs
nothing by itself; what counts is how far up it was ever touched. A piece goes to the lowest gap that is large enough,
and a piece that is given back joins the gaps beside it. Unlike a store of free arrays sorted by size, this never keeps
memory that only an array of another size could use: the networks of the benchmarks touch 1 to 10 % more than they have
in use at their peak, and had 19 to 46 % more with such a store.

Ctrl-C can come between any two lines here, and what it interrupts never goes on. So each change is made by one
statement, before which nothing has changed.
"""

from __future__ import annotations

import mmap
import os
import sys
import weakref
from bisect import bisect_left
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from ...private_memory import addresses_left, private_memory
from ...types import Array

PAGE = mmap.PAGESIZE
SMALLEST_RANGE = 1 << 28
"""Bytes of a range of addresses where the system counts what is reserved as used."""

SHARE = 8
"""Under a limit of addresses (`ulimit -v`) a range is at most this part of what is left, unless one piece needs more:
threads, the compiler and NumPy need some too."""

RESERVE = 1 << 25
"""Bytes of addresses that are left under a limit even then.

The compiler ends the process when it gets none, where a MemoryError can be caught.
"""


class Piece(weakref.ref[Any]):
    """Who has a piece of a range: a reference to what dies when the piece is free again.

    It lies in the range before anybody else knows of it, so that none gets lost.
    """

    place: tuple[Range, int] | None = None
    """The range, and where in it the piece begins."""

    size = 0


class Range:
    """A range of addresses and its gaps.

    Attributes:
        address: Of its first byte.
        size: Bytes.
        gaps: (start, end) of each gap, in order; no two of them touch.
        owners: Who has the piece that begins here; None for one that was given back.
        used, peak: Bytes in use, and at most in use.
        touched: Bytes from the start that may hold memory.
        high: Bytes from the start that were in use since `settle`.
    """

    def __init__(self, size: int) -> None:
        """Reserve this many bytes, a multiple of `PAGE`; raises MemoryError when the system refuses."""
        self.size = size
        try:
            self._memory = _reserve(size)
        except (OSError, ValueError, OverflowError) as error:
            raise MemoryError(f"expected {size:,} bytes of memory, the system refused: {error}") from error
        numbers: Array = np.frombuffer(self._memory, np.uint8)
        self.address = int(numbers.ctypes.data)
        self.gaps = [(0, size)]
        self.owners: dict[int, Piece | None] = {}
        self.used = self.peak = self.high = self._before = self._touched = 0

    @property
    def touched(self) -> int:
        return max(self._touched, self.high)

    def take(self, size: int, owner: Piece | None = None) -> int | None:
        """Return where the lowest free piece of this many bytes begins, a multiple of `PAGE`, or None."""
        for k, (start, end) in enumerate(self.gaps):
            if end - start >= size:
                if owner is not None:
                    owner.place, owner.size = (self, start), size
                self.high = max(self.high, start + size)
                rest, used = [(start + size, end)] if end - start > size else [], self.used + size
                self.gaps[k : k + 1], self.owners[start], self.used = rest, owner, used
                self.peak = max(self.peak, used)
                return start
        return None

    def give(self, start: int, size: int, owner: Piece | None = None) -> None:
        """Take a piece back; once: nothing happens when it is not its owner's any more."""
        if self.owners.get(start) is not owner:
            return
        end, gaps = start + size, self.gaps
        k = bisect_left(gaps, (start, end))
        first = k - 1 if k > 0 and gaps[k - 1][1] == start else k
        last = k + 1 if k < len(gaps) and gaps[k][0] == end else k
        joined = [(gaps[first][0] if first < k else start, gaps[k][1] if last > k else end)]
        gaps[first:last], self.owners[start], self.used = joined, None, self.used - size

    def settle(self) -> None:
        """Give back the memory above what was in use since the last time but one."""
        low = max(self._before, self.high)
        now = self.gaps[-1][0] if self.gaps and self.gaps[-1][1] == self.size else self.size
        self._touched, self._before, self.high = self._empty(low), self.high, now

    def release(self) -> None:
        """Give the memory of all gaps back to the system, where it takes it; their addresses stay reserved."""
        self._touched = self._before = self.high = self._empty(0)
        self.peak = self.used
        self.owners = {start: owner for start, owner in self.owners.items() if owner is not None}

    def _empty(self, low: int) -> int:
        """Give the memory of the gaps from some byte on back to the system; returns up to where there still is some."""
        touched = self.touched
        for start, end in self.gaps:
            start, end = max(start, low), min(end, touched)
            if start < end and hasattr(mmap, "MADV_DONTNEED"):
                with suppress(OSError):
                    self._memory.madvise(mmap.MADV_DONTNEED, start, end - start)
        return max(min(low, touched), self.gaps[-1][0] if self.gaps and self.gaps[-1][1] == self.size else self.size)


def _reserve(size: int) -> mmap.mmap:
    memory = private_memory(size)
    if sys.platform == "linux":
        with suppress(OSError):
            memory.madvise(mmap.MADV_HUGEPAGE)  # fewer pages to find for each access, and to be given one by one
    return memory


def _first_range() -> int:
    """Return how many bytes of addresses to begin with: as many as there is memory, where that costs nothing."""
    if sys.platform == "linux":
        with suppress(OSError, ValueError):
            strict = Path("/proc/sys/vm/overcommit_memory").read_text().strip() == "2"
            if not strict:
                return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // PAGE * PAGE
    return SMALLEST_RANGE


class Arena:
    """Ranges of addresses: one, unless it is full or the system gives only smaller ones."""

    def __init__(self) -> None:
        """Begin without any."""
        self.ranges: list[Range] = []

    def take(self, size: int, owner: Piece | None = None) -> tuple[Range, int]:
        """Return a range, and where in it a free piece of this many bytes begins; `size` is a multiple of `PAGE`."""
        for found in self.ranges:
            start = found.take(size, owner)
            if start is not None:
                return found, start
        self.ranges.append(self._another(size))
        return self.take(size, owner)

    def _another(self, size: int) -> Range:
        """Reserve a range in which a piece of this size fits, and if possible many more."""
        wanted = max(_first_range() if not self.ranges else SMALLEST_RANGE, sum(r.size for r in self.ranges))
        left = addresses_left()
        if left is not None:
            wanted = min(wanted, left // SHARE // PAGE * PAGE)
            if left < size + RESERVE:
                left = self._after_dropping(size)
        wanted = max(size, wanted)
        while wanted > size:
            with suppress(MemoryError):
                return Range(wanted)
            wanted = max(size, wanted // 2 // PAGE * PAGE)
        return Range(size)

    def _after_dropping(self, size: int) -> int | None:
        """Let go of ranges that nobody uses.

        Returns how many bytes of addresses are left then, or raises MemoryError when they are too few.
        """
        self._drop()
        left = addresses_left()
        if left is not None and left < size + RESERVE:
            raise MemoryError(
                f"expected {size:,} bytes of memory; the limit of addresses of this process (ulimit -v, ulimit -d) leaves {left:,} bytes, of which "
                f"{RESERVE:,} stay free for threads and the compiler. Give it more, or train with smaller batches"
            )
        return left

    def _drop(self) -> None:
        self.ranges = [found for found in self.ranges if found.gaps != [(0, found.size)]]

    def settle(self) -> None:
        """Give back the memory that has not been in use lately."""
        for found in self.ranges:
            found.settle()

    def release(self) -> None:
        """Give the memory of all gaps back to the system."""
        self._drop()
        for found in self.ranges:
            found.release()
