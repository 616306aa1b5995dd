"""What some blocks of a launch did, access by access: what `tinyseg racecheck --trace` draws.

A `Trace` is given to `emulation(trace=...)`. Whoever executes a launch asks it `wants`, and hands over a
`LaunchTrace`; who that is, a launch comment, a whole program or a script, makes no difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .kernel_error import Index3
from .records import Finding

READ, WRITE, ATOMIC, BLOCK_WAIT, WARP_WAIT = range(5)
"""Kinds of events. A wait is a thread's arrival at a barrier of its block, or at an operation of its warp."""

LIMIT = 40_000
"""Events of one block that are written down; how many are left out beyond that is counted."""

MOST_BLOCKS, MOST_LAUNCHES = 4, 12
"""Of one launch, and of one trace."""


@dataclass(frozen=True)
class TracedArray:
    """An array that a traced block touched.

    Args:
        name: Its name.
        memory: 'shared' or 'global'.
        shape: Its lengths; () when they are not known.
        itemsize: Bytes of one of its numbers.
    """

    name: str
    memory: str
    shape: tuple[int, ...]
    itemsize: int


@dataclass
class BlockTrace:
    """The events of one block, in the order in which the emulator ran them: one list for each quantity.

    `site` is a number in the launch's `sites`; `array` one in its `arrays`, -1 for a wait. `offset` and `size` are in
    bytes. `before` is what was at the place, which is what a read gives, and `after` what a write or an atomic left;
    '' where it is not known.
    """

    index: Index3
    left_out: int = 0
    thread: list[int] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    site: list[int] = field(default_factory=list)
    array: list[int] = field(default_factory=list)
    offset: list[int] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.thread)

    def add(
        self, thread: int, kind: int, site: int, array: int = -1, offset: int = 0, size: int = 0,
        before: str = "", after: str = "",
    ) -> None:  # fmt: skip
        """Append an event."""
        self.thread.append(thread)
        self.kind.append(kind)
        self.site.append(site)
        self.array.append(array)
        self.offset.append(offset)
        self.size.append(size)
        self.before.append(before)
        self.after.append(after)


@dataclass
class LaunchTrace:
    """One launch.

    Args:
        kernel: Name of the kernel.
        grid: Its number of blocks.
        block: Its threads per block.
        sites: For each instruction that touches memory or waits: its source line as `file:line`, and what it is
            ('' for an access). Two instructions of one line are two sites.
        arrays: What it touched.
        blocks: The blocks that are kept.
    """

    kernel: str
    grid: Index3
    block: Index3
    sites: list[tuple[str, str]] = field(default_factory=list)
    arrays: list[TracedArray] = field(default_factory=list)
    blocks: list[BlockTrace] = field(default_factory=list)


class Trace:
    """Collects the launches within `emulation(trace=...)`.

    Args:
        block: The block to write down; by default the first one of each launch, and those that findings are about.
        limit: Most events of one block.
    """

    def __init__(self, block: Index3 | None = None, limit: int = LIMIT) -> None:
        self.block, self.limit = block, limit
        self.launches: list[LaunchTrace] = []
        self.left_out = 0
        self._order: str | None = None

    def wants(self, thread_order: str) -> bool:
        """Return whether a launch is to be written down.

        The same launch in another order of its threads is not, and neither are those beyond `MOST_LAUNCHES`.
        """
        if self._order is None:
            self._order = thread_order
        if thread_order != self._order:
            return False
        if len(self.launches) >= MOST_LAUNCHES:
            self.left_out += 1
            return False
        return True

    def add(self, launch: LaunchTrace, told: Sequence[Index3]) -> None:
        """Keep a launch; `told` are the blocks that its findings are about, the most important one first.

        Kept are these and the first one, at most `MOST_BLOCKS`.
        """
        found = [index for index in dict.fromkeys(told) if any(block.index == index for block in launch.blocks)]
        chosen = (found or [block.index for block in launch.blocks[:1]])[:MOST_BLOCKS]
        by_index = {block.index: block for block in launch.blocks}
        launch.blocks = [by_index[index] for index in chosen]
        self.launches.append(launch)


def blocks_of(findings: Iterable[Finding]) -> list[Index3]:
    """Return the blocks that findings are about, in their order."""
    told: list[Index3] = []
    for finding in findings:
        told += [access.block for access in finding.accesses]
        block = getattr(finding, "block", None)
        if block is not None:
            told.append(block)
    return list(dict.fromkeys(told))
