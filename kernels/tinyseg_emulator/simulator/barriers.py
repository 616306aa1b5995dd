"""Decides which waiting threads of a block may go on, and says what is wrong when none may."""

from __future__ import annotations

from collections.abc import Sequence
from types import CodeType
from typing import Any, NoReturn

from greenlet import greenlet

from ..checks.kernel_error import Index3, KernelError
from ..checks.records import DivergentBarrier, Failure
from .recorder import Recorder
from .warp import WARP_SIZE, ended_sources, warp_results

POLLS_BEFORE_GIVING_UP = 10_000
"""How often in a row a block's threads may try an atomic in vain before they count as waiting for ever."""

BLOCK, WARP, POLL, GRID = "block", "warp", "poll", "grid"
"""What a thread waits for: its block, lanes of its warp, nothing (it lets others go first), or the whole grid."""


class Lane(greenlet):  # type: ignore[misc]  # greenlet has no type hints
    """One thread of a block, and what it waits for."""

    number: int
    thread: Index3
    waits_for: str = BLOCK
    operation: str
    code: CodeType
    line: int
    value: Any
    mask: int
    operand: int
    result: Any = None

    @property
    def place(self) -> str:
        """The line at which it waits."""
        return f"{self.code.co_filename}:{self.line}"


class Barriers:
    """The barriers of one launch.

    A barrier of the block waits for the threads that have not returned (as on GPUs since Volta), or wants all of them
    when `full_barriers` is asked for; all must wait at one line. One of a warp waits for the lanes in its mask that
    have not returned; these must ask for one operation with one mask.
    """

    def __init__(self, kernel: str, recorder: Recorder | None, full_barriers: bool = False) -> None:
        self.kernel, self.recorder, self.full_barriers = kernel, recorder, full_barriers
        self._polls = 0
        self.at_grid = False

    @property
    def only_polls(self) -> bool:
        """Whether the last release let nobody go but threads that try again."""
        return self._polls > 0

    def release(self, alive: Sequence[Lane], all_lanes: Sequence[Lane], block: Index3) -> Sequence[Lane]:
        """Return those of the waiting threads that may go on, with their results; raise `KernelError` when none may.

        Args:
            alive: The threads that have not returned; each of them waits.
            all_lanes: All threads of the block, for the error's text.
            block: The block's index.

        When all of them wait for the whole grid, nobody may go on, and `at_grid` is true.
        """
        for lane in alive:
            if lane.waits_for is not BLOCK:
                break
        else:
            self._release_block(alive, all_lanes, block)
            self._polls = 0
            return alive
        self.at_grid = all(lane.waits_for is GRID for lane in alive)
        if self.at_grid:
            return ()
        released = [lane for lane in alive if lane.waits_for is POLL]
        only_polls = bool(released)
        warps: dict[int, list[Lane]] = {}
        for lane in alive:
            warps.setdefault(lane.number // WARP_SIZE, []).append(lane)
        for warp, lanes in warps.items():
            existing = (1 << min(len(all_lanes) - warp * WARP_SIZE, WARP_SIZE)) - 1
            complete = self._release_warp(warp, lanes, block, existing)
            only_polls = only_polls and not complete
            released += complete
        if not released:
            self.give_up("deadlock, some threads wait where others never come", alive, all_lanes, block)
        self._polls = self._polls + 1 if only_polls else 0
        spins = None if self.recorder is None else self.recorder.spins
        if self._polls > POLLS_BEFORE_GIVING_UP or (only_polls and spins is not None and spins.for_ever):
            self.give_up("threads wait for ever for a value that nobody writes", alive, all_lanes, block)
        released.sort(key=lambda lane: lane.number)
        return released

    def _release_block(self, alive: Sequence[Lane], all_lanes: Sequence[Lane], block: Index3) -> None:
        first = alive[0]
        operation, code, line = first.operation, first.code, first.line
        for lane in alive:
            if lane.line != line or lane.code is not code or lane.operation != operation:
                self.give_up("threads of one block wait at different barriers", alive, all_lanes, block)
        if self.full_barriers and len(alive) < len(all_lanes):
            self.give_up("some threads of the block have ended without coming here", alive, all_lanes, block)
        if self.recorder is not None:
            if len(alive) < len(all_lanes):
                text = self._waiting("some threads of the block have ended without coming here", alive, all_lanes)
                self.recorder.skipped_barrier = DivergentBarrier(self.kernel, text, first.place, block)
            self.recorder.pass_block_barrier()
        if operation == "syncthreads":
            return
        values = [bool(lane.value) for lane in alive]
        result = (
            sum(values)
            if operation == "syncthreads_count"
            else int(all(values) if operation == "syncthreads_and" else any(values))
        )
        for lane in alive:
            lane.result = result

    def _release_warp(self, warp: int, alive: Sequence[Lane], block: Index3, existing: int) -> list[Lane]:
        """Return the lanes of one warp that may go on.

        `alive` are those that have not returned, `existing` has the bits of all that the block has.
        """
        base = warp * WARP_SIZE
        groups: dict[tuple[int, str], list[Lane]] = {}
        for lane in alive:
            if lane.waits_for is WARP:
                groups.setdefault((lane.mask, lane.operation), []).append(lane)
        released: list[Lane] = []
        for (mask, operation), lanes in groups.items():
            needed = sum(mask >> (lane.number - base) & 1 for lane in alive)
            if needed != len(lanes):
                continue
            values = {lane.number - base: lane.value for lane in lanes}
            operands = {lane.number - base: lane.operand for lane in lanes}
            results = warp_results(operation, values, operands)
            for lane in lanes:
                lane.result = results.get(lane.number - base)
            if ended := ended_sources(operation, operands, mask & existing):
                self._tell_of_ended(operation, [lane for lane in lanes if lane.number - base in ended], block)
            if self.recorder is not None:
                self.recorder.ordering.pass_warp_barrier(warp, values)
            released += lanes
        return released

    def _tell_of_ended(self, operation: str, lanes: Sequence[Lane], block: Index3) -> None:
        """Collect that lanes read others which have ended."""
        if self.recorder is not None and self.recorder.options.races:
            what = f"{operation}: reads a lane that is not in the mask, or has ended: the value is undefined"
            self.recorder.report(Failure(self.kernel, what, lanes[0].place, block, lanes[0].thread))

    def give_up(self, what: str, alive: Sequence[Lane], all_lanes: Sequence[Lane], block: Index3) -> NoReturn:
        """Raise the error that says what is wrong, and where each thread waits."""
        text = self._waiting(what, alive, all_lanes)
        if all(lane.waits_for is POLL for lane in alive):  # no barrier has a part in it
            raise KernelError(self.kernel, text, block=block)
        if self.recorder is not None:
            self.recorder.findings.add(DivergentBarrier(self.kernel, text, alive[0].place, block))
        raise KernelError(self.kernel, f"divergent barrier: {text}", block=block)

    @staticmethod
    def _waiting(what: str, alive: Sequence[Lane], all_lanes: Sequence[Lane]) -> str:
        """Say what is wrong, and where each thread waits."""
        places: dict[str, list[Lane]] = {}
        for lane in alive:
            places.setdefault(f"{lane.operation} at {lane.place}", []).append(lane)
        parts = [f"{_count(len(lanes))} from {lanes[0].thread} on: {where}" for where, lanes in places.items()]
        returned = len(all_lanes) - len(alive)
        if returned:
            parts.append(f"{_count(returned)} returned")
        return f"{what} ({'; '.join(parts)})"


def _count(threads: int) -> str:
    return f"{threads} thread{'s' if threads > 1 else ''}"
