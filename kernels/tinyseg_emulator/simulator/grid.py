"""The blocks of a launch whose threads wait for each other: several are alive at once.

A block runs until it has ended; when its threads only try again (an atomic in a loop) or wait for the whole grid,
others have their turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from .barriers import Barriers, Lane

if TYPE_CHECKING:
    from .block import Launch
    from .kernel_cuda import Dim3

ALIVE_THREADS = 16_384
"""Threads that may be alive at once, in as many blocks; a GPU's multiprocessors hold a part of a large grid too."""


class BlockRun:
    """A block that has begun and not ended."""

    def __init__(self, index: Dim3, number: int, lanes: Sequence[Lane], barriers: Barriers, shared: Any) -> None:
        self.index, self.number, self.lanes, self.barriers, self.shared = index, number, lanes, barriers, shared
        self.ready: Sequence[Lane] = lanes
        self.arguments: tuple[Any, ...] = ()
        self.aside: Any = None

    @property
    def alive(self) -> list[Lane]:
        """Its threads that have not returned."""
        return [lane for lane in self.lanes if not lane.dead]


class Grid:
    """Runs the blocks of one launch."""

    def __init__(self, launch: Launch, indices: Iterator[Dim3], blocks: int) -> None:
        self.launch, self.indices, self.blocks = launch, indices, blocks
        self.begun = 0
        self.alive: list[BlockRun] = []
        self.current: BlockRun | None = None

    def run(self, begin: Any) -> None:
        """Run all blocks.

        Args:
            begin: Makes a `BlockRun` of an index and a number, and makes it the current one.
        """
        room = max(1, ALIVE_THREADS // len(self.launch.threads))
        while self.alive or self.begun < self.blocks:
            at_grid = True
            for block in reversed(self.alive.copy()):  # the newest first: it may have what the older ones wait for
                self.enter(block)
                at_grid &= self._turn(block)
            while self.begun < self.blocks and len(self.alive) < room:
                self.put_aside()
                block = self.current = begin(next(self.indices), self.begun)
                self.begun += 1
                self.alive.append(block)
                at_grid &= self._turn(block)
            if at_grid and self.alive:
                self._release_grid()

    def put_aside(self) -> None:
        """Keep what the checks know of the current block."""
        recorder = self.launch.recorder
        if self.current is not None and recorder is not None:
            self.current.aside = recorder.put_aside()
        self.current = None

    def enter(self, block: BlockRun) -> None:
        """Make a block the current one."""
        if self.current is block:
            return
        self.put_aside()
        self.current = block
        self.launch.show(block)
        if self.launch.recorder is not None:
            self.launch.recorder.go_on(block.aside)

    def _turn(self, block: BlockRun) -> bool:
        """Run a block for as long as its threads do anything; return whether it has ended or waits for the grid."""
        launch = self.launch
        while True:
            launch.run_lanes(block)
            alive = block.alive
            if not alive:
                self.alive.remove(block)
                self.current = None
                return True
            released = block.barriers.release(alive, block.lanes, block.index)
            block.ready = launch.order.arranged(released) if released else ()
            if block.barriers.at_grid:
                return True
            if block.barriers.only_polls and self.blocks > 1:
                return False

    def _release_grid(self) -> None:
        first = self.alive[0]
        if len(self.alive) < self.blocks:
            missing = self.blocks - len(self.alive)
            what = f"{missing} blocks have ended without coming to the barrier of the whole grid"
            if self.begun < self.blocks:
                what = (
                    f"a barrier of the whole grid needs all blocks at once, and {self.blocks - self.begun} do not fit"
                )
            first.barriers.give_up(what, first.alive, first.lanes, first.index)
        recorder = self.launch.recorder
        if recorder is not None:
            recorder.ordering.pass_grid_barrier()
        for block in self.alive:
            self.enter(block)
            if recorder is not None:
                recorder.pass_block_barrier()
            block.barriers.at_grid = False
            block.ready = self.launch.order.arranged(block.alive)
