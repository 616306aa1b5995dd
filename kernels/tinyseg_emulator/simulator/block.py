"""Runs the blocks of a launch: threads as plain calls, or as greenlets that switch at barriers."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Sequence
from contextvars import copy_context
from types import FrameType
from typing import Any, NoReturn

from ..checks.kernel_error import Index3, KernelError
from ..checks.options import current_options
from ..checks.records import Endless, Stand
from ..checks.report import finding_text
from .barriers import BLOCK, GRID, POLL, WARP, Barriers, Lane
from .grid import BlockRun, Grid
from .kernel_cuda import Dim3, KernelCuda
from .limits import OutOfTime, TimeLimit, stands_of
from .recorder import Recorder
from .spins import Spins
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
        self.lanes: Sequence[Lane] = []
        self.order = _Order(thread_order)
        self._grid: Grid | None = None
        self._stands: tuple[Stand, ...] = ()
        self.cuda = KernelCuda(self, grid, block, shared_mem, recorder)

    def run(self, function: Callable[..., Any], args: tuple[Any, ...], needs_switches: bool) -> None:
        """Run every block, x fastest.

        Args:
            function: The kernel, bound to this launch's `cuda`.
            args: Its arguments.
            needs_switches: Whether a thread may have to wait for others.
        """
        with TimeLimit(current_options().seconds):
            try:
                if needs_switches:
                    self._run_switching(function, args)
                else:
                    for number, index in enumerate(self._indices()):
                        self._enter(index, number)
                        self._run_plainly(function, args)
            except (KernelError, OutOfTime, KeyboardInterrupt) as error:
                self._end(error)

    def _indices(self) -> Iterator[Dim3]:
        x, y, z = self.grid
        return (Dim3(i, j, k) for k in range(z) for j in range(y) for i in range(x))

    def _enter(self, index: Dim3, number: int) -> None:
        self.block_index = index
        self.cuda.enter_block(index)
        if self.recorder is not None:
            self.recorder.enter_block(number)

    def _end(self, error: BaseException) -> NoReturn:
        """Raise the error of a launch; at a limit or by Ctrl-C with where each thread stood."""
        if isinstance(error, KernelError):
            raise error
        interrupted = isinstance(error, KeyboardInterrupt)
        stands = self._stands or self._where(error)
        seconds = current_options().seconds
        what = "interrupted" if interrupted else f"no end after {seconds:g} seconds of processor time"
        waiting = 0 if self._grid is None else self._grid.blocks - self._grid.begun
        finding = Endless(self.name, what, stands, waiting)
        if self.recorder is not None:
            self.recorder.findings.add(finding)
        text = finding_text(finding).removeprefix(f"kernel {self.name!r}: ")
        if interrupted:
            raise KeyboardInterrupt(f"kernel {self.name!r}: {text}") from error
        failure = KernelError(self.name, text)
        failure.place = next((stand.place for stand in stands if stand.place), None)
        raise failure from error

    def _where(self, error: BaseException) -> tuple[Stand, ...]:
        """Return where the threads stand when an exception ends the launch."""
        lanes = [] if self._grid is None else [(block, lane) for block in self._grid.alive for lane in block.lanes]
        return stands_of(lanes, self.lane, self._place(error), self.block_index, self.cuda.threadIdx)

    def _run_plainly(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        cuda, threads, recorder = self.cuda, self.threads, self.recorder
        for number in self.order.arranged(range(len(threads))):
            cuda.threadIdx = threads[number]
            if recorder is not None:
                recorder.thread = number
            try:
                function(*args)
            except OutOfTime:
                raise
            except Exception as error:
                raise self._failure(error, threads[number]) from error

    def _run_switching(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        blocks = self.grid[0] * self.grid[1] * self.grid[2]
        self._grid = grid = Grid(self, self._indices(), blocks)

        def begin(index: Dim3, number: int) -> BlockRun:
            lanes = [Lane(function) for _ in self.threads]
            for k, lane in enumerate(lanes):
                lane.number, lane.thread = k, self.threads[k]
                lane.gr_context = copy_context()  # holds NumPy's error state, which a new greenlet would not have
            self.cuda.shared = self.cuda.new_shared()
            self._enter(index, number)
            full = current_options().full_barriers
            block = BlockRun(index, number, lanes, Barriers(self.name, self.recorder, full), self.cuda.shared)
            block.ready, block.arguments = self.order.arranged(lanes), args
            return block

        if self.recorder is not None:
            self.recorder.spins = Spins(self.let_others_run)
        try:
            grid.run(begin)
        except (OutOfTime, KeyboardInterrupt) as error:
            self._stands = self._where(error)  # while they still stand there
            raise
        except Exception as error:
            raise self._failure(error, self.cuda.threadIdx) from error
        finally:
            self.lane, self.lanes = None, []
            for block in grid.alive:
                for lane in block.lanes:
                    if not lane.dead:
                        lane.throw()

    def run_lanes(self, block: BlockRun) -> None:
        """Let the threads of a block that may go on run until each waits or has returned."""
        cuda, recorder, self.lanes = self.cuda, self.recorder, block.lanes
        for lane in block.ready:
            cuda.threadIdx, self.lane = self.threads[lane.number], lane
            if recorder is not None:
                recorder.thread = lane.number
            lane.switch(*block.arguments)
        block.arguments = ()
        self.lane = None

    def show(self, block: BlockRun) -> None:
        """Let the kernel see a block: its index and its shared memory."""
        self.block_index = block.index
        self.cuda.shared = self.cuda.new_shared()
        self.cuda.enter_block(block.index)
        self.cuda.shared = block.shared

    def wait_for_block(self, operation: str, value: Any, frame: FrameType) -> Any:
        """Let the thread that runs now wait for its block; return the result of the operation."""
        return self._wait(BLOCK, operation, value, frame)

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

    def wait_for_grid(self, frame: FrameType) -> None:
        """Let the thread that runs now wait for the whole grid."""
        self._wait(GRID, "a barrier of the grid", None, frame)

    def fence(self, whole_grid: bool) -> None:
        """Tell the checks of a fence."""
        if self.recorder is not None:
            self.recorder.ordering.fence(self.recorder.thread, whole_grid)

    def let_others_run(self, frame: FrameType) -> None:
        """Let the other threads run before this one goes on."""
        self._wait(POLL, "a loop that waits for a value", None, frame)

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
        place = self._place(error)
        text = str(error) if isinstance(error, IndexError) else f"{type(error).__name__}: {error}"
        return KernelError(self.name, text, place=place, block=self.block_index, thread=thread)

    def _place(self, error: BaseException) -> str | None:
        """Return the kernel's line from which an exception came."""
        place, trace = None, error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            if not code.co_filename.startswith(_HERE):
                place = f"{code.co_filename}:{trace.tb_lineno}"
            trace = trace.tb_next
        return place


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
