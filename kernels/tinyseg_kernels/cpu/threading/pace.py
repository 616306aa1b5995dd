"""Whether the other threads help or hinder.

A thread whose core another process has taken comes milliseconds late, where its part of a kernel takes some hundredths
of one: on a machine that others use as well, two threads can be ten times slower than one. So the time of each kernel
is held against what it would be without the others: as many times the caller's own part as there are parts. When the
others cost more than they saved lately, the caller does without them for a while, twice as long each time; they are
tried again until they are of use. And a part that takes less time than handing one over is not handed over. Who
computes a part makes no difference to the bits, so neither does this.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from time import perf_counter

from .cores import usable_cores

BRIEF = 1e-5
"""Seconds of a part that is not handed over.

Another thread costs 4 to 9 microseconds, more where both want the interpreter's lock, and has to fetch the numbers from
this one's cache.

U-Net 8, 8 images, two Zen 5 cores, a step with two threads over one before: 16 px 1.12 without this, 1.09 at 3, 1.0 at
10 and 20, 0.95 at 40; 32 px 1.12, -, 0.97, 1.1, 1.0."""

SLOWER = 1.02
"""By how much the shortest time of a part grows with each other one: the machine may have become slower."""

INTERRUPTED = 4
"""So many times its shortest time lately, and the caller's part has waited for a core itself: then the shortest time is
taken for it."""

KINDS = 1 << 12
"""So many kinds of work are remembered."""

MOST = 1e-3
"""Seconds of savings that are remembered: a thread that is late for longer than that is not waited for again, however
well it did before."""

FIRST, LONGEST = 1e-3, 0.25
"""Seconds without the others, after the first time and at most: within this time it is noticed that they have a core
again."""


class Pace:
    """What the other threads have saved lately, and until when they rest.

    Attributes:
        until: The time (of `perf_counter`) before which they rest.
        cores: How many this process had when that was last looked at; 0: not yet.
        times: Seconds of a part, by the kind of work: of the last one that was done without the others, else of the
            shortest one lately.
    """

    def __init__(self) -> None:
        self.cores = 0
        self.times: dict[Hashable, float] = {}
        self.reset()

    def reset(self) -> None:
        """Forget what was: the next kernel goes to all threads."""
        self.until, self.saved, self.rest = 0.0, MOST, FIRST
        self.times.clear()

    def is_alone(self, work: Hashable) -> bool:
        """Return whether the caller does all of this work."""
        return self.times.get(work, BRIEF) < BRIEF or perf_counter() < self.until

    def do_alone(self, work: Hashable, tasks: list[Callable[[], None]]) -> None:
        """Do all parts in the calling thread."""
        began = perf_counter()
        for task in tasks:
            task()
        self._remember(work, (perf_counter() - began) / len(tasks))

    def note(self, work: Hashable, parts: int, own: float, all_parts: float) -> None:
        """Note how many seconds the caller's own part and all parts took, and so what the others saved."""
        shortest = min(own, SLOWER * self.times.get(work, own))
        self._remember(work, shortest)
        if own > INTERRUPTED * shortest:
            own = shortest
        self.saved = min(MOST, self.saved + parts * own - all_parts)
        if self.saved <= 0:
            self._begin_rest()

    def _remember(self, work: Hashable, seconds: float) -> None:
        if len(self.times) >= KINDS:
            self.times.clear()
        self.times[work] = seconds

    def _begin_rest(self) -> None:
        now = perf_counter()
        did_well = now - self.until > 8 * self.rest
        self.rest = FIRST if did_well else min(LONGEST, 2 * self.rest)
        self.until, self.saved = now + self.rest, MOST / 4
        self.cores = usable_cores()  # it may be that which has changed
