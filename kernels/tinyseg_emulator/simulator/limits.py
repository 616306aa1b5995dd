"""An end for simulated kernels that have none."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..checks.kernel_error import Index3
from ..checks.records import Stand
from .barriers import POLL, Lane

if TYPE_CHECKING:
    from .grid import BlockRun


class OutOfTime(Exception):
    """Raised in a kernel that has taken more time than it may."""


class TimeLimit:
    """Raises `OutOfTime` in the thread that entered it once that has taken so much processor time.

    It is raised between two instructions of whatever Python code runs then, as Ctrl-C is, so that a loop without any
    access ends too.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._thread, self._clock = threading.get_ident(), time.process_time()
        self._raised = self._over = False
        self._timer: threading.Timer | None = None

    def __enter__(self) -> None:
        self._start(self.seconds)

    def _start(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._look)
        self._timer.daemon = True
        try:
            self._timer.start()
        except RuntimeError:  # a process that may start no thread is one that somebody watches
            self._timer = None

    def _look(self) -> None:
        with self._lock:
            if self._over:
                return
            left = self.seconds - (time.process_time() - self._clock)
            if left > 0:
                self._start(left)
                return
            self._raised = True
            self._raise(ctypes.py_object(OutOfTime))

    def _raise(self, what: object) -> None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), what)

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._over = True
            if self._raised:
                self._raise(None)  # if it is still on its way
        if self._timer is not None:
            self._timer.cancel()


def stands_of(
    lanes: Iterable[tuple[BlockRun, Lane]],
    running: Lane | None,
    place: str | None,
    block: Index3,
    thread: Index3,
) -> tuple[Stand, ...]:
    """Return where the threads of a launch stand.

    Args:
        lanes: The threads of the blocks that have begun, when they run as greenlets.
        running: The one that ran last.
        place: Its line.
        block: Its block.
        thread: Its index in the block.
    """
    stands = {(place or "", ""): Stand(place or "", "", 1, tuple(block), tuple(thread))}  # type: ignore[arg-type]
    for of, lane in lanes:
        if lane.dead or lane is running or not hasattr(lane, "line"):
            continue
        waits_for = "" if lane.waits_for is POLL else lane.operation
        key = (lane.place, waits_for)
        known = stands.get(key)
        count = 1 if known is None else known.threads + 1
        first = (tuple(of.index), tuple(lane.thread)) if known is None else (known.block, known.thread)
        stands[key] = Stand(lane.place, waits_for, count, *first)  # type: ignore[arg-type]
    return tuple(stands.values())
