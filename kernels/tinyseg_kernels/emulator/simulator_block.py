"""Runs the blocks of a launch: threads as plain calls, or as greenlets that switch at barriers."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextvars import copy_context
from types import FrameType
from typing import Any, NamedTuple

from greenlet import greenlet

from .kernel_error import Index3, KernelError
from .simulator_cuda import Dim3, KernelCuda
from .simulator_warp import FULL_MASK, WARP_SIZE, WarpRequest

POLLS_BEFORE_GIVING_UP = 10_000
"""How often in a row a block's threads may try an atomic in vain before they count as waiting for ever."""

_HERE = os.path.dirname(__file__)


class Wait(NamedTuple):
    """What a thread waits for: the whole block, some lanes of its warp, or nothing (it only lets others go first)."""

    kind: str  # "block", "warp" or "poll"
    operation: str
    place: str
    value: Any = None
    request: WarpRequest | None = None


class Lane(greenlet):  # type: ignore[misc]  # greenlet has no type hints
    """One thread of a block, as a greenlet."""

    number: int
    thread: Dim3
    wait: Wait | None
    result: Any


class Launch:
    """One launch of a kernel: its dimensions, the `cuda` that the kernel sees, and the thread that runs now."""

    def __init__(self, name: str, grid: Index3, block: Index3, shared_mem: int, thread_order: str) -> None:
        self.name, self.grid, self.block = name, grid, block
        self.threads = [Dim3(x, y, z) for z in range(block[2]) for y in range(block[1]) for x in range(block[0])]
        self.block_index = Dim3(0, 0, 0)
        self.lane: Lane | None = None
        self.lanes: list[Lane] = []
        self.order = _Order(len(self.threads), thread_order)
        self.cuda = KernelCuda(self, grid, block, shared_mem)

    def run(self, function: Callable[..., Any], args: tuple[Any, ...], needs_switches: bool) -> None:
        """Run every block, x fastest."""
        run_block = self._run_switching if needs_switches else self._run_plainly
        for z in range(self.grid[2]):
            for y in range(self.grid[1]):
                for x in range(self.grid[0]):
                    self.block_index = Dim3(x, y, z)
                    self.cuda.enter_block(self.block_index)
                    run_block(function, args)

    def _run_plainly(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        cuda, threads = self.cuda, self.threads
        for number in self.order.next():
            cuda.threadIdx = threads[number]
            try:
                function(*args)
            except Exception as error:
                raise self.failure(error, threads[number]) from error

    def _run_switching(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        context = copy_context()  # holds NumPy's error state, which a new greenlet would not have
        self.lanes = lanes = []
        for number, thread in enumerate(self.threads):
            lane = Lane(function)
            lane.gr_context = context.copy()
            lane.number, lane.thread, lane.wait, lane.result = number, thread, None, None
            lanes.append(lane)
        fresh, polls = set(lanes), 0
        ready = [lanes[number] for number in self.order.next()]
        try:
            while ready:
                for lane in ready:
                    self.cuda.threadIdx, self.lane, lane.wait = lane.thread, lane, None
                    if lane in fresh:
                        fresh.remove(lane)
                        lane.switch(*args)
                    else:
                        lane.switch()
                released = self._release()
                if all(lane.wait is not None and lane.wait.kind == "poll" for lane in released):
                    polls += 1
                    if released and polls > POLLS_BEFORE_GIVING_UP:
                        self._give_up("threads wait for ever for a value that no thread will write", released)
                else:
                    polls = 0
                chosen = {lane.number for lane in released}
                ready = [lanes[number] for number in self.order.next() if number in chosen] if released else []
        except KernelError:
            raise
        except Exception as error:
            assert self.lane is not None
            raise self.failure(error, self.lane.thread) from error
        finally:
            self.lane, self.lanes = None, []
            for lane in lanes:
                if not lane.dead:
                    lane.throw()

    def _release(self) -> list[Lane]:
        """Return the threads that may go on; raise when some wait and none may."""
        waiting = [lane for lane in self.lanes if lane.wait is not None and not lane.dead]
        if not waiting:
            return []
        if all(lane.wait is not None and lane.wait.kind == "block" for lane in waiting):
            self._release_block(waiting)
            return waiting
        released = [lane for lane in waiting if lane.wait is not None and lane.wait.kind == "poll"]
        by_warp: dict[int, list[Lane]] = {}
        for lane in waiting:
            by_warp.setdefault(lane.number // WARP_SIZE, []).append(lane)
        for warp, lanes in by_warp.items():
            released += self._release_warp(warp, lanes)
        if not released:
            self._give_up("deadlock: some threads wait where the others never come", waiting)
        return released

    def _release_block(self, waiting: list[Lane]) -> None:
        places = {(lane.wait.place, lane.wait.operation) for lane in waiting if lane.wait is not None}
        if len(places) > 1:
            self._give_up("divergent barrier: threads of one block wait at different barriers", waiting)
        waits = [lane.wait for lane in waiting if lane.wait is not None]
        values = [bool(wait.value) for wait in waits]
        operation = waits[0].operation
        result: Any = None
        if operation == "syncthreads_count":
            result = sum(values)
        elif operation == "syncthreads_and":
            result = int(all(values))
        elif operation == "syncthreads_or":
            result = int(any(values))
        for lane in waiting:
            lane.result = result

    def _release_warp(self, warp: int, waiting: list[Lane]) -> list[Lane]:
        """Release the groups of lanes that are complete: all living lanes named in a mask ask for the same."""
        first = warp * WARP_SIZE
        living = {lane.number - first for lane in self.lanes[first : first + WARP_SIZE] if not lane.dead}
        groups: dict[tuple[int, str], dict[int, Lane]] = {}
        for lane in waiting:
            wait = lane.wait
            if wait is not None and wait.request is not None:
                groups.setdefault((wait.request.mask, wait.operation), {})[lane.number - first] = lane
        released: list[Lane] = []
        for (mask, _), lanes in groups.items():
            if all(number in lanes for number in living if mask >> number & 1):
                values = {number: lane.wait.value for number, lane in lanes.items() if lane.wait is not None}
                for number, lane in lanes.items():
                    assert lane.wait is not None
                    assert lane.wait.request is not None
                    lane.result = lane.wait.request.result(number, values)
                    released.append(lane)
        return released

    def pause_block(self, operation: str, value: Any, frame: FrameType) -> Any:
        """Let the thread that runs now wait for its block; return the result of the operation."""
        return self._pause(Wait("block", operation, place_of(frame), value))

    def pause_warp(self, request: WarpRequest, value: Any, lane: int, frame: FrameType) -> Any:
        """Let the thread that runs now wait for lanes of its warp; return the result of the operation."""
        place = place_of(frame)
        if not request.mask >> lane & 1:
            what = f"{request.operation}: the mask {request.mask:#010x} does not name the lane {lane} that calls"
            raise KernelError(
                self.name, what, place=place, block=self.block_index, thread=self.cuda.threadIdx
            )
        return self._pause(Wait("warp", request.operation, place, value, request))

    def pause_poll(self, frame: FrameType) -> None:
        """Let the other threads run first."""
        self._pause(Wait("poll", "waiting for a value", place_of(frame)))

    def living_lanes(self) -> int:
        """Return the lanes of the running thread's warp that have not returned, as bits."""
        if self.lane is None:
            return FULL_MASK
        first = self.lane.number // WARP_SIZE * WARP_SIZE
        return sum(1 << (lane.number - first) for lane in self.lanes[first : first + WARP_SIZE] if not lane.dead)

    def _pause(self, wait: Wait) -> Any:
        lane = self.lane
        if lane is None:
            raise KernelError(
                self.name,
                f"{wait.operation}: write it as an attribute of cuda, where the simulator looks for it",
                place=wait.place,
            )
        lane.wait = wait
        lane.parent.switch()
        return lane.result

    def _give_up(self, what: str, waiting: list[Lane]) -> None:
        by_wait: dict[str, list[Lane]] = {}
        for lane in waiting:
            assert lane.wait is not None
            by_wait.setdefault(f"{lane.wait.operation} at {lane.wait.place}", []).append(lane)
        texts = [
            f"{len(lanes)} thread{'s' if len(lanes) > 1 else ''} (first {lanes[0].thread}) at {where}"
            for where, lanes in by_wait.items()
        ]
        gone = sum(lane.dead for lane in self.lanes)
        if gone:
            texts.append(f"{gone} thread{'s' if gone > 1 else ''} returned")
        raise KernelError(self.name, f"{what}: {'; '.join(texts)}", block=self.block_index)

    def failure(self, error: Exception, thread: Dim3) -> KernelError:
        """Turn what a thread raised into a `KernelError` that says where."""
        if isinstance(error, KernelError):
            return error
        place, trace = None, error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            if os.path.dirname(code.co_filename) != _HERE:
                place = f"{code.co_filename}:{trace.tb_lineno}"
            trace = trace.tb_next
        text = str(error) if isinstance(error, IndexError) else f"{type(error).__name__}: {error}"
        return KernelError(self.name, text, place=place, block=self.block_index, thread=thread)


def place_of(frame: FrameType) -> str:
    """Return the line that a frame is at as `file:line`."""
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


class _Order:
    """The order of a block's threads, anew after each barrier: 'up', 'down', or starting at a place that a seed decides."""

    def __init__(self, count: int, name: str) -> None:
        self.up = range(count)
        self.name = name
        self.random = random.Random(int(name.partition(":")[2])) if name.startswith("rotated:") else None

    def next(self) -> Iterator[int] | range:
        if self.random is not None:
            start = self.random.randrange(len(self.up))
            return iter((*self.up[start:], *self.up[:start]))
        return self.up if self.name == "up" else self.up[::-1]
