"""Whether the other threads help or hinder.

A thread whose core another process has taken comes milliseconds late, where its part of a kernel takes some hundredths of one: on a machine that others use as well, two threads can be ten times
slower than one. So every now and then a kernel's time is held against what it would be without the others: as many times the processor's time for the caller's own part as there are parts. When the
others cost more than they saved lately, the caller does without them for a while, twice as long each time; they are tried again until they are of use. Who computes a part makes no
difference to the bits, so neither does this.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from time import perf_counter
from typing import Any

from .cores import usable_cores

EVERY = 13
"""One kernel in so many is looked at: reading the processor's time takes a microsecond. A prime number, so that each kernel of a training step has its turn."""

MOST = 1e-3
"""Seconds of savings that are remembered: a thread that is late for longer than that is not waited for again, however well it did before."""

FIRST, LONGEST = 1e-3, 0.25
"""Seconds without the others, after the first time and at most: within this time it is noticed that they have a core again."""

_fine = time.get_clock_info("thread_time").resolution < 1e-6 if hasattr(time, "thread_time") else False
processor_time = time.thread_time if _fine else perf_counter
"""Seconds of this thread's work; where the system counts them by hundredths, all seconds."""


class Pace:
    """What the other threads have saved lately, and until when they rest.

    Attributes:
        until: The time (of `perf_counter`) before which they rest.
        cores: How many this process had when that was last looked at; 0: not yet.
        calls: Kernels until one is looked at.
    """

    def __init__(self) -> None:
        self.cores, self.calls = 0, EVERY
        self.reset()

    def reset(self) -> None:
        """Forget what was: the next kernel goes to all threads."""
        self.until, self.saved, self.rest = 0.0, MOST, FIRST

    def watch(self, run: Callable[[list[Callable[[], None]]], None], tasks: list[Callable[[], None]]) -> None:
        """Do tasks together, and note what that saved."""
        times: list[Any] = []
        began = perf_counter()
        run([lambda: times.extend([processor_time(), tasks[0](), processor_time()]), *tasks[1:]])
        alone = len(tasks) * (times[2] - times[0])
        self.calls, self.saved = EVERY, min(MOST, self.saved + alone - (perf_counter() - began))
        if self.saved <= 0:
            self._begin_rest()

    def _begin_rest(self) -> None:
        now = perf_counter()
        did_well = now - self.until > 8 * self.rest
        self.rest = FIRST if did_well else min(LONGEST, 2 * self.rest)
        self.until, self.saved = now + self.rest, MOST / 4
        self.cores = usable_cores()  # it may be that which has changed
