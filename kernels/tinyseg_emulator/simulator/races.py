"""Finds races: which accesses of a launch are ordered by a barrier, and which are not.

Two accesses to one address are ordered when they are of one thread; when they are of one block and `syncthreads` lies
between them; when they are of one warp and warp barriers (`syncwarp`, shuffles, votes) lead from one to the other; or
when fences and an atomic do (`orders.py`). The warp's are decided by vector clocks: each lane counts the warp barriers
it has passed, and at a barrier all lanes of the mask learn each other's counts (C. Fidge, Timestamps in message-passing
systems that preserve the partial ordering, 1988). So a race is found in whichever order the simulator runs the threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from .orders import Orders, Place
from .warp import WARP_SIZE

_HARMLESS = {("read", "read"), ("atomic", "atomic")}
"""Pairs of kinds that do not race."""


class Record(NamedTuple):
    """An access to one address.

    Of which thread (number in its block) and block, at which count of warp barriers, where, the number itself, and in
    which epoch: the interval between two barriers of a block.
    """

    thread: int
    block: int
    clock: int
    place: Place
    kind: str
    value: Any
    epoch: int = 0


class _Cell:
    """The accesses to one address: those of this block since its last barrier, and a few of other blocks."""

    __slots__ = ("atomic", "elsewhere", "epoch", "read", "write")

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.read: list[Record] = []
        self.write: list[Record] = []
        self.atomic: list[Record] = []
        self.elsewhere: dict[tuple[str, Place], list[Record]] = {}

    def start_epoch(self, epoch: int, keep: bool) -> None:
        """Forget what a barrier has ordered.

        `keep` one access of each line for two blocks, with which those of other blocks are compared.
        """
        for records in (self.read, self.write, self.atomic):
            if keep:
                for record in records:
                    known = self.elsewhere.setdefault((record.kind, record.place), [])
                    if len(known) < 2 and all(other.block != record.block for other in known):
                        known.append(record)
            records.clear()
        self.epoch = epoch


class Ordering:
    """Decides which accesses of a block's threads are ordered."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self.epoch = 0  # counts the block barriers of the launch; a new block starts a new one
        self.block = -1
        self.ordered_before = 0  # a barrier of the whole grid orders all earlier epochs
        self.orders = Orders()
        self._last_epoch = 0
        self._clocks: dict[
            int, list[int]
        ] = {}  # thread -> for each lane of its warp, the count up to which that lane's accesses came before

    def enter_block(self, block: int | None = None) -> None:
        """Begin the next block."""
        self.block = self.block + 1 if block is None else block
        self.orders.begin_block(self.block)
        self.pass_block_barrier()

    def put_aside(self) -> tuple[Any, ...]:
        """Return what is known of the block, for when it goes on."""
        return self.block, self.epoch, self._clocks, self.orders.put_aside()

    def go_on(self, state: tuple[Any, ...]) -> None:
        """Let a block go on that was put aside."""
        self.block, self.epoch, self._clocks, of_orders = state
        self.orders.go_on(of_orders)

    def pass_block_barrier(self) -> None:
        """Order everything that the block's threads did before what they do from now on."""
        self._last_epoch += 1
        self.epoch = self._last_epoch
        self._clocks = {}
        self.orders.pass_block_barrier(self.epoch)

    def pass_grid_barrier(self) -> None:
        """Order everything that was done before; each block gets a new epoch by `pass_block_barrier` then."""
        self.ordered_before = self._last_epoch + 1

    def fence(self, thread: int, whole_grid: bool) -> None:
        """Note that a thread executes a fence, for the whole grid or for its block."""
        lanes = {
            thread // WARP_SIZE * WARP_SIZE + lane: clock for lane, clock in enumerate(self._clock(thread)) if clock
        }
        self.orders.fence(thread, self.epoch, lanes, whole_grid)
        self.count(thread)

    def count(self, thread: int) -> None:
        """Tell what a thread does from now on apart from what it did before."""
        self._clock(thread)[thread % WARP_SIZE] += 1

    def pass_warp_barrier(self, warp: int, lanes: Iterable[int]) -> None:
        """Order what these lanes of a warp did before what each of them does from now on."""
        threads = [warp * WARP_SIZE + lane for lane in lanes]
        clocks = [self._clock(thread) for thread in threads]
        joined = [max(column) for column in zip(*clocks, strict=True)]
        for thread in threads:
            mine = joined.copy()
            mine[thread % WARP_SIZE] += 1
            self._clocks[thread] = mine
        self.orders.pass_warp_barrier(threads)

    def clock_of(self, thread: int) -> int:
        """Return how many warp barriers a thread has passed in this epoch."""
        clock = self._clocks.get(thread)
        return clock[thread % WARP_SIZE] if clock is not None else 1

    def ordered(self, earlier: Record, thread: int) -> bool:
        """Return whether an access comes before what a thread does now."""
        if earlier.epoch < self.ordered_before:
            return True
        if earlier.block == self.block:
            if earlier.epoch < self.epoch or earlier.thread == thread:
                return True
            same_warp = earlier.thread // WARP_SIZE == thread // WARP_SIZE
            if same_warp and self._clock(thread)[earlier.thread % WARP_SIZE] >= earlier.clock:
                return True
        return self.orders.known(earlier.block, earlier.thread, earlier.epoch, earlier.clock, thread)

    def _clock(self, thread: int) -> list[int]:
        clock = self._clocks.get(thread)
        if clock is None:
            clock = self._clocks[thread] = [0] * WARP_SIZE
            clock[thread % WARP_SIZE] = 1
        return clock


class RaceDetector:
    """Keeps the accesses to each address of one memory, and compares each new one with them.

    Args:
        ordering: The launch's.
        across_blocks: Whether other blocks see this memory (global memory).
        report: Called with two accesses that race, the earlier one first.
    """

    def __init__(self, ordering: Ordering, across_blocks: bool, report: Callable[[Any, Record, Record], None]) -> None:
        self.ordering, self.across_blocks, self.report = ordering, across_blocks, report
        self.cells: dict[int, _Cell] = {}
        self.address = 0  # of the access that is looked at
        self.guesses: set[Place] = set()
        """Plain reads of what the same thread compares and swaps behind: `old = a[0]`, `old = cas(a, 0, old, new)`.

        A guess that is out of date makes the swap fail, and the thread tries again: it races with no atomic.
        """

    def enter_block(self) -> None:
        """Begin the next block: its shared memory is new."""
        if not self.across_blocks:
            self.cells = {}

    def access(self, address: int, thread: int, kind: str, place: Place, value: Any, where: Any) -> None:
        """Compare an access with the earlier ones to its address; `where` is handed on to `report`."""
        ordering = self.ordering
        epoch = ordering.epoch
        self.address = address
        cell = self.cells.get(address)
        if cell is None:
            cell = self.cells[address] = _Cell(epoch)
        elif cell.epoch != epoch:
            cell.start_epoch(epoch, self.across_blocks)
        earlier: tuple[list[Record], ...]
        record = Record(thread, ordering.block, ordering.clock_of(thread), place, kind, value, epoch)
        if kind == "read":
            earlier, same_kind = (cell.write, cell.atomic), cell.read
        elif kind == "write":
            earlier, same_kind = (cell.write, cell.read, cell.atomic), cell.write
        else:
            earlier, same_kind = (cell.write, cell.read), cell.atomic
        for records in earlier:
            if records:
                self._compare(records, record, where)
        if cell.elsewhere:
            self._compare_blocks(cell, record, where)
        same_kind.append(record)

    def compares(self, address: int, thread: int) -> None:
        """Note that a thread compares and swaps a number: what it has read of it before was a guess."""
        cell = self.cells.get(address)
        if cell is not None and cell.epoch == self.ordering.epoch:
            self.guesses |= {record.place for record in cell.read if record.thread == thread}

    def _compare(self, records: list[Record], record: Record, where: Any) -> None:
        """Report the earlier accesses of this block that race with this one, one for each line."""
        told = set()
        for earlier in records:
            if (
                earlier.thread != record.thread
                and earlier.place not in told
                and not self.ordering.ordered(earlier, record.thread)
                and not self._seen(earlier, record, where)
            ):
                told.add(earlier.place)
                self.report(where, earlier, record)

    def _seen(self, earlier: Record, record: Record, where: Any) -> bool:
        """Return whether an atomic of this thread on the same number came behind an earlier atomic on it."""
        if earlier.kind != "atomic":
            return False
        return self.ordering.orders.seen(self.address, earlier.block, earlier.thread, record.thread)

    def _compare_blocks(self, cell: _Cell, record: Record, where: Any) -> None:
        """Report the earlier accesses of other blocks that race with this one, one for each line."""
        for (kind, _), records in cell.elsewhere.items():
            if (kind, record.kind) not in _HARMLESS:
                foreign = next(
                    (
                        earlier
                        for earlier in records
                        if not self.ordering.ordered(earlier, record.thread) and not self._seen(earlier, record, where)
                    ),
                    None,
                )
                if foreign is not None:
                    self.report(where, foreign, record)
