"""What fences and atomics order, in simulated kernels.

A fence followed by an atomic is a release, an atomic followed by a fence an acquire; when the second atomic comes
behind the first one on the same number, what was done before the first fence comes before what is done behind the
second one (PTX ISA, "Memory consistency model"). Simplified towards silence: a barrier of the block or of the warp
counts as the second fence, and a fence of every thread that wrote, before a barrier, as that of the thread that does
the atomic behind it. `cuda/runtime/orders.cpp` does the same for CUDA C++.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Place = tuple[str, int]
"""File and line."""

Known = dict[tuple[int, int], tuple[int, int]]
"""(block, thread) -> (epoch, clock) up to which its accesses are behind; for thread -1: all of the block before an
epoch."""

_RECENT = 4


class _Atomic(NamedTuple):
    order: int
    address: int
    epoch: int
    clock: int
    thread: int
    place: Place


class Orders:
    """The fences and atomics of one launch."""

    def __init__(self) -> None:
        self._released: dict[tuple[int, int], Known] = {}  # (address, block that sees it or -1: every one)
        self._last: dict[tuple[int, int, int], _Atomic] = {}  # (address, block, thread): the last one of that thread
        self._count = 0
        self.begin_block(0)

    def begin_block(self, block: int) -> None:
        """Begin a block, which knows nothing of others yet."""
        self.block = block
        self._block_known: Known = {}
        self._known: dict[int, Known] = {}
        self._pending: dict[int, Known] = {}
        self._fences: dict[tuple[int, bool], Known] = {}  # (thread, whether for the whole grid)
        self._fenced_epoch = 0
        self._unfenced: set[int] = set()
        self._recent: dict[int, deque[_Atomic]] = {}

    def put_aside(self) -> dict[str, Any]:
        """Return the block's part, for when it goes on."""
        whole = ("_released", "_last", "_count")
        return {name: value for name, value in vars(self).items() if name not in whole}

    def go_on(self, state: dict[str, Any]) -> None:
        """Let a block go on that was put aside."""
        vars(self).update(state)

    def wrote(self, thread: int) -> None:
        """Note that a thread writes global memory."""
        self._unfenced.add(thread)

    def fence(self, thread: int, epoch: int, lanes: Mapping[int, int], whole_grid: bool) -> None:
        """Note a fence of a thread that knows of its warp's threads up to these clocks."""
        known = self._known.setdefault(thread, {})
        _join(known, self._pending.pop(thread, {}))
        behind = dict(self._block_known)
        _join(behind, known)
        _join(behind, {(self.block, -1): (epoch, 0)})
        _join(behind, {(self.block, lane): (epoch, clock) for lane, clock in lanes.items()})
        self._fences[thread, False] = behind
        if whole_grid:
            self._fences[thread, True] = behind
            self._unfenced.discard(thread)

    def pass_block_barrier(self, epoch: int) -> None:
        """Make what each thread knows known to its block, which begins this epoch."""
        for known in (*self._known.values(), *self._pending.values()):
            _join(self._block_known, known)
        self._known, self._pending = {}, {}
        if not self._unfenced:
            self._fenced_epoch = epoch

    def pass_warp_barrier(self, threads: Iterable[int]) -> None:
        """Make what each of these threads knows known to all of them."""
        if not self._known and not self._pending:
            return
        together: Known = {}
        for thread in threads:
            _join(together, self._known.get(thread, {}))
            _join(together, self._pending.get(thread, {}))
        for thread in threads:
            self._known[thread] = dict(together)

    def atomic(self, address: int, thread: int, epoch: int, clock: int, place: Place) -> None:
        """Note an atomic operation."""
        for by, whole_grid in ((-1, True), (self.block, False)):
            released = self._released.get((address, by))
            if released is not None:
                _join(self._pending.setdefault(thread, {}), released)
            behind = self._fences.get((thread, whole_grid))
            if behind is not None or self._fenced_epoch:
                mine = dict(behind or {})
                _join(mine, {(self.block, -1): (self._fenced_epoch, 0)})
                _join(self._released.setdefault((address, by), {}), mine)
        self._count += 1
        operation = _Atomic(self._count, address, epoch, clock, thread, place)
        self._last[address, self.block, thread] = self._last[address, self.block, -1] = operation
        for who in (thread, -1):
            self._recent.setdefault(who, deque(maxlen=_RECENT)).append(operation)

    def known(self, block: int, thread: int, epoch: int, clock: int, to: int) -> bool:
        """Return whether an access comes before what a thread of the current block does now."""
        return any(
            epoch < known.get((block, -1), (0, 0))[0] or (epoch, clock) <= known.get((block, thread), (0, 0))
            for known in (self._block_known, self._known.get(to, {}))
        )

    def seen(self, address: int, block: int, thread: int, by: int) -> bool:
        """Return whether an atomic of a thread of this block came behind another's on the same number."""
        theirs, mine = self._last.get((address, block, thread)), self._last.get((address, self.block, by))
        return theirs is not None and mine is not None and theirs.order < mine.order

    def missing_fence(
        self, block: int, thread: int, epoch: int, clock: int, to: int, now: int
    ) -> tuple[str, Place] | None:
        """Return where a fence would order two accesses.

        ('before', the line of the atomic behind the first one) or ('behind', that of the atomic before the second).

        Args:
            block: Of the first access.
            thread: Of the first access.
            epoch: Of the first access.
            clock: Of the first access.
            to: The thread of the current block that does the second one.
            now: Its epoch.
        """
        recent = [*self._recent.get(to, ()), *(seen for seen in self._recent.get(-1, ()) if seen.epoch < now)]
        for seen in recent:
            for who in (thread, -1):
                done = self._last.get((seen.address, block, who))
                if done is None or done.order >= seen.order:
                    continue
                if epoch < done.epoch or (epoch == done.epoch and done.thread == thread and clock <= done.clock):
                    pending = self._pending.get(to, {})
                    fenced = epoch < pending.get((block, -1), (0, 0))[0] or (epoch, clock) <= pending.get(
                        (block, thread), (0, 0)
                    )
                    return ("behind", seen.place) if fenced else ("before", done.place)
        return None


def _join(into: Known, other: Mapping[tuple[int, int], tuple[int, int]]) -> None:
    for key, value in other.items():
        if value > into.get(key, (0, 0)):
            into[key] = value
