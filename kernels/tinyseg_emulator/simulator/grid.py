"""Runs a grid whose threads wait for each other across blocks: all blocks are alive at once."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from ..checks.kernel_error import KernelError
from .barriers import Lane
from .kernel_cuda import Dim3

if TYPE_CHECKING:
    from .block import Launch

GRID = "grid"
"""What a thread waits for that has called `sync` of its grid."""

MOST_THREADS = 132 * 2048
"""How many threads a GPU of compute capability 9.0 keeps alive at once."""


class _Block:
    """A block that is alive: its index, its threads, and its shared memory."""

    def __init__(self, number: int, index: Dim3, lanes: list[Lane], shared: Any) -> None:
        self.number, self.index, self.lanes, self.shared = number, index, lanes, shared

    def alive(self) -> list[Lane]:
        return [lane for lane in self.lanes if not lane.dead]


class Grid:
    """The blocks of a cooperative launch.

    Between two barriers of the grid each block runs until all of its threads wait for the grid or have ended.

    Args:
        launch: The launch.

    Raises:
        KernelError: More threads than a GPU keeps alive at once.
    """

    def __init__(self, launch: Launch) -> None:
        self.launch = launch
        x, y, z = launch.grid
        if x * y * z * len(launch.threads) > MOST_THREADS:
            raise KernelError(
                launch.name,
                f"a grid that waits for all of its threads must be alive at once: expected at most {MOST_THREADS} "
                f"threads, got {x * y * z} blocks of {len(launch.threads)}",
            )

    def run(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        """Run the grid."""
        launch = self.launch
        blocks = []
        x, y, z = launch.grid
        for number in range(x * y * z):
            lanes = [Lane(function) for _ in launch.threads]
            for place, lane in enumerate(lanes):
                lane.number, lane.thread = place, launch.threads[place]
                lane.gr_context = copy_context()  # holds NumPy's error state, which a new greenlet would not have
            index = Dim3(number % x, number // x % y, number // (x * y))
            blocks.append(_Block(number, index, lanes, launch.cuda.new_shared_memory()))
        arguments = args
        try:
            while True:
                for block in blocks:
                    self._run_block(block, arguments)
                living = [block for block in blocks if block.alive()]
                if not living:
                    return
                if len(living) < len(blocks) or any(len(b.alive()) < len(b.lanes) for b in living):
                    self._tell_who_ended(blocks)
                if launch.recorder is not None:
                    launch.recorder.pass_grid_barrier()
                arguments = ()
        except Exception as error:
            raise launch._failure(error, launch.cuda.threadIdx) from error
        finally:
            launch.lane, launch.lanes = None, []
            for block in blocks:
                for lane in block.alive():
                    lane.throw()

    def _run_block(self, block: _Block, arguments: tuple[Any, ...]) -> None:
        launch, cuda = self.launch, self.launch.cuda
        launch.block_index, launch.lanes = block.index, block.lanes
        cuda.shared = block.shared
        cuda.enter_grid_block(block.index)
        if launch.recorder is not None:
            launch.recorder.enter_block(block.number)
        ready: Any = launch.order.arranged(block.alive()) if block.alive() else []
        while ready:
            for lane in ready:
                cuda.threadIdx, launch.lane = lane.thread, lane
                if launch.recorder is not None:
                    launch.recorder.thread = lane.number
                lane.switch(*arguments)
            arguments = ()
            waiting = [lane for lane in block.alive() if lane.waits_for is not GRID]
            if not waiting:
                return
            if len(waiting) < len(block.alive()) and all(lane.waits_for == "block" for lane in waiting):
                launch.barriers._give_up(
                    "some threads of the block wait for the grid, others for the block",
                    block.alive(), block.lanes, block.index,
                )  # fmt: skip
            released = launch.barriers.release(waiting, block.lanes, block.index)
            ready = launch.order.arranged(released)

    def _tell_who_ended(self, blocks: list[_Block]) -> None:
        """Refuse a barrier of the grid that some threads have ended without, under `full_barriers`: it never opens."""
        launch = self.launch
        if launch.barriers.full_barriers:
            block = next(block for block in blocks if block.alive())
            launch.barriers._give_up(
                "some threads of the grid have ended without coming here", block.alive(), block.lanes, block.index
            )
