"""Runs the blocks of a launch: threads as plain calls, or as greenlets that switch at barriers."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from contextvars import copy_context
from types import FrameType
from typing import Any

from ..checks.kernel_error import Index3, KernelError
from ..checks.options import current_options
from .barriers import BLOCK, POLL, WARP, Barriers, Lane
from .grid import GRID, Grid
from .kernel_cuda import Dim3, KernelCuda
from .recorder import Recorder
from .warp import FULL_MASK, WARP_SIZE

_HERE = os.path.dirname(__file__)


class Launch:
    """One launch of a kernel: its dimensions, the `cuda` that the kernel sees, and the thread that runs now.

    Args:
        name: Name of the kernel.
        grid: Number of blocks.
        block: Threads per block.
        shared_mem: Bytes of dynamic shared memory.
        thread_order: As in `Options`.
        recorder: What the accesses are told to, if the launch is checked.
    """

    def __init__(
        self, name: str, grid: Index3, block: Index3, shared_mem: int, thread_order: str, recorder: Recorder | None
    ) -> None:
        self.name, self.grid, self.recorder = name, grid, recorder
        self.threads = [Dim3(x, y, z) for z in range(block[2]) for y in range(block[1]) for x in range(block[0])]
        self.block_index = Dim3(0, 0, 0)
        self.lane: Lane | None = None
        self.lanes: list[Lane] = []
        self.order = _Order(thread_order)
        self.cooperative = False  # whether all blocks are alive at once, since their threads wait for each other
        self.barriers = Barriers(name, recorder, current_options().full_barriers)
        self.cuda = KernelCuda(self, grid, block, shared_mem, recorder)

    def run(self, function: Callable[..., Any], args: tuple[Any, ...], needs_switches: bool) -> None:
        """Run every block, x fastest.

        Args:
            function: The kernel, bound to this launch's `cuda`.
            args: Its arguments.
            needs_switches: Whether a thread may have to wait for others.
        """
        if self.cooperative:
            Grid(self).run(function, args)
            return
        run_block = self._run_switching if needs_switches else self._run_plainly
        for z in range(self.grid[2]):
            for y in range(self.grid[1]):
                for x in range(self.grid[0]):
                    self.block_index = Dim3(x, y, z)
                    self.cuda.enter_block(self.block_index)
                    if self.recorder is not None:
                        self.recorder.enter_block()
                    run_block(function, args)

    def _run_plainly(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        cuda, threads, recorder = self.cuda, self.threads, self.recorder
        for number in self.order.arranged(range(len(threads))):
            cuda.threadIdx = threads[number]
            if recorder is not None:
                recorder.thread = number
            try:
                function(*args)
            except Exception as error:
                raise self._failure(error, threads[number]) from error

    def _run_switching(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.lanes = lanes = [Lane(function) for _ in self.threads]
        for number, lane in enumerate(lanes):
            lane.number, lane.thread = number, self.threads[number]
            lane.gr_context = copy_context()  # holds NumPy's error state, which a new greenlet would not have
        cuda, recorder, barriers = self.cuda, self.recorder, self.barriers
        ready, arguments = self.order.arranged(lanes), args
        try:
            while True:
                for lane in ready:
                    cuda.threadIdx, self.lane = lane.thread, lane
                    if recorder is not None:
                        recorder.thread = lane.number
                    lane.switch(*arguments)
                alive = [lane for lane in lanes if not lane.dead]
                if not alive:
                    return
                ready, arguments = self.order.arranged(barriers.release(alive, lanes, self.block_index)), ()
        except Exception as error:
            raise self._failure(error, cuda.threadIdx) from error
        finally:
            self.lane, self.lanes = None, []
            for lane in lanes:
                if not lane.dead:
                    lane.throw()

    def wait_for_block(self, operation: str, value: Any, frame: FrameType) -> Any:
        """Let the thread that runs now wait for its block; return the result of the operation."""
        return self._wait(BLOCK, operation, value, frame)

    def wait_for_grid(self, frame: FrameType) -> None:
        """Let the thread that runs now wait for all threads of the grid."""
        self._wait(GRID, "grid.sync", None, frame)

    def wait_for_warp(self, operation: str, mask: int, value: Any, operand: int, frame: FrameType) -> Any:
        """Let the thread that runs now wait for the lanes in the mask; return the result of the operation."""
        lane = self.lane
        if lane is not None:
            if not mask >> (lane.number % WARP_SIZE) & 1:
                what = f"{operation}: the mask {mask:#010x} does not name the lane {lane.number % WARP_SIZE} that calls"
                place = f"{frame.f_code.co_filename}:{frame.f_lineno}"
                raise KernelError(self.name, what, place=place, block=self.block_index, thread=lane.thread)
            lane.mask, lane.operand = mask, operand
        return self._wait(WARP, operation, value, frame)

    def let_others_run(self, frame: FrameType) -> None:
        """Let the other threads run before this one goes on."""
        self._wait(POLL, "an atomic in a loop", None, frame)

    def living_lanes(self) -> int:
        """Return the lanes of the running thread's warp that have not returned, as bits."""
        if self.lane is None:
            return FULL_MASK
        first = self.lane.number // WARP_SIZE * WARP_SIZE
        return sum(1 << (lane.number - first) for lane in self.lanes[first : first + WARP_SIZE] if not lane.dead)

    def _wait(self, waits_for: str, operation: str, value: Any, frame: FrameType) -> Any:
        lane = self.lane
        if lane is None:  # the search for the names of barriers in the kernel's code missed this one
            raise KernelError(
                self.name,
                f"{operation}: call it as an attribute of cuda; by another name the simulator does not expect it",
            )
        lane.waits_for, lane.operation, lane.value = waits_for, operation, value
        lane.code, lane.line = frame.f_code, frame.f_lineno
        if self.recorder is not None and waits_for is not POLL:
            self.recorder.wait(waits_for is not WARP, operation, frame)
        lane.parent.switch()
        return lane.result

    def _failure(self, error: Exception, thread: Dim3) -> KernelError:
        """Turn what a thread raised into a `KernelError` that says where."""
        if isinstance(error, KernelError):
            return error
        place, trace = None, error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            if not code.co_filename.startswith(_HERE):
                place = f"{code.co_filename}:{trace.tb_lineno}"
            trace = trace.tb_next
        text = str(error) if isinstance(error, IndexError) else f"{type(error).__name__}: {error}"
        return KernelError(self.name, text, place=place, block=self.block_index, thread=thread)


class _Order:
    """The order in which threads run, anew after each barrier: 'up', 'down', or 'rotated:<seed>'.

    Rotated: from a place on that the seed decides.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.random = random.Random(int(name.partition(":")[2])) if name.startswith("rotated:") else None

    def arranged(self, threads: Sequence[Any]) -> Sequence[Any]:
        """Arrange threads that are given in ascending order."""
        if self.random is not None:
            start = self.random.randrange(len(threads))
            return (*threads[start:], *threads[:start])
        return threads if self.name == "up" else threads[::-1]
