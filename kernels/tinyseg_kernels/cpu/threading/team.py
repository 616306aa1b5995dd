"""The threads that work for all compiled kernels.

Between two kernels of a training step a thread waits in machine code (`spinning.py`); after some tenths of a
millisecond it sleeps. What a thread is told passes through attributes that are read and written with the interpreter's
lock; the numbers beside them are for the waiting. A part that its thread has not begun when the caller has done its
own, the caller does as well: the thread may sleep, or its core may be another process's.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Hashable
from contextlib import suppress
from queue import SimpleQueue
from time import perf_counter
from typing import Any

import numpy as np

from ...private_memory import addresses_left, save_addresses
from .cores import usable_cores
from .pace import Pace

Task = Callable[[], None]

FOR_A_THREAD = 1 << 27
"""Bytes of addresses that must be left under a limit (`ulimit -v`) for one more thread: it takes some for its stack,
and the compiler needs the others."""

LOOKS = 6000
"""How often who waits looks before it sleeps: for 0.15 to 0.3 ms, longer than most of what a training step does between
two kernels."""

PATIENCE = 400
"""Looks, some ten microseconds, before the caller does a part that its worker has not begun.

The worker mostly waits for the interpreter's lock, which this thread lets go of meanwhile: without it
half of the parts of a small network were done by the caller, while the worker came for nothing."""


CALLER = object()
"""Among the takers of a job, who gave it."""


class _Job:
    """A task that was given to a worker.

    The first in `takers` does it: `setdefault` is one operation of the interpreter, which nothing can interrupt.
    """

    __slots__ = ("error", "is_done", "takers", "task")

    def __init__(self, task: Task) -> None:
        self.task, self.is_done = task, False
        self.takers: dict[int, Any] = {}
        self.error: BaseException | None = None


class _Worker(threading.Thread):
    """A thread that does one task after the other. It may be woken once too often: without a task it waits on."""

    def __init__(self) -> None:
        from . import spinning  # it loads Numba, which `import tinyseg` should not

        super().__init__(name="tinyseg worker", daemon=True)
        self.wait_for_task, self.wait_until_done = spinning.wait_for_task, spinning.wait_until_done
        self.later = spinning.LATER
        self.shared = np.zeros(2 * spinning.DONE // 8, np.int64)
        self.address = int(self.shared.ctypes.data)
        self.number = 0  # of the newest task, or wake
        self.job: _Job | None = None
        self.looks = 0
        self.sleeps, self.is_awaited = False, False
        self.begin: SimpleQueue[None] = SimpleQueue()
        self.end: SimpleQueue[None] = SimpleQueue()
        # Compiled here, once: not in several threads at a time, and not while this one waits for others.
        spinning.wait_until_done(self.address, 0, 0)
        spinning.wait_for_task(self.address, 0, 0, 0)
        self.start()

    def run(self) -> None:
        seen = 0
        while True:
            if not self.wait_for_task(self.address, seen, self.looks, self.later):
                self.sleeps = True
                while self.number == seen:
                    self.begin.get()
                self.sleeps = False
            seen, job = self.number, self.job
            if (
                job is None or job.takers.setdefault(0, self) is not self or job.is_done
            ):  # the caller does it, or it was done before a wake
                continue
            try:
                job.task()
            except BaseException as error:  # handed to the caller, whatever it is
                job.error = error
            finally:
                job.is_done = True
                if self.is_awaited:
                    self.end.put(None)

    def give(self, job: _Job, looks: int) -> None:
        """Let the worker do a task."""
        self.looks, self.job = looks, job
        self.wake()

    def wake(self) -> None:
        """Let the worker look for a task."""
        self.number += 1
        self.shared[0] = self.number
        if self.sleeps:
            self.begin.put(None)

    def wait(self, job: _Job) -> None:
        """Wait until a task that the worker has begun is done; raises what it raised."""
        if not job.is_done:
            self.wait_until_done(self.address, self.number, self.looks)
        while not job.is_done:
            self.is_awaited = True
            if not job.is_done:  # else it has ended before it saw that it is awaited
                self.end.get()
        self.is_awaited = False
        if job.error is not None:
            raise job.error


PACE = Pace()
_workers: list[_Worker] = []


def _done() -> None:
    """The task of a job that is done."""


_holder: dict[int, Any] = {}
"""Under 0: the call that has the team.

It gets there, or finds another one there, by one operation of the interpreter: Ctrl-C could come between taking a lock
and noting that it is taken.
"""


def run_together(tasks: list[Task], work: Hashable = None) -> None:
    """Do the first of one or more tasks here and the others in workers; raises what any of them raised.

    All are done here when the team is at work for another call (of another thread, or one that a signal handler has
    interrupted), while it rests, and when they are brief; `work` is the same for tasks that take as long.
    """
    if len(tasks) == 1 or PACE.is_alone(work):
        PACE.do_alone(work, tasks)
        return
    try:
        if _holder.setdefault(0, tasks) is tasks:
            _share(tasks, work)
        else:
            PACE.do_alone(work, tasks)
    finally:
        if 0 in _holder and _holder[0] is tasks:
            del _holder[0]


def _share(tasks: list[Task], work: Hashable) -> None:
    others = tasks[1:]
    if len(_workers) < len(others):
        _hire(len(others))
    team, jobs = _workers[: len(others)], [_Job(task) for task in others]
    looks, patience = (LOOKS, PATIENCE) if len(tasks) <= PACE.cores else (0, 0)
    given = perf_counter()
    try:
        for worker, job in zip(team, jobs, strict=False):
            worker.give(job, looks)
        began = perf_counter()
        tasks[0]()
        ended = perf_counter()
        # Right away: a worker that has to wait for the interpreter's lock falls asleep.
        for worker, job in zip(team, jobs, strict=False):
            worker.wait_until_done(worker.address, worker.number, looks if job.takers else patience)
        for job in jobs:
            if job.takers.setdefault(0, CALLER) is CALLER:
                job.task()
            elif not job.is_done or job.error is not None:
                job.takers[0].wait(job)
            job.task = _done  # its arrays may go
    except BaseException as error:
        _wait_for_all(team, jobs, error)
        raise
    PACE.note(work, len(tasks), ended - began, perf_counter() - given)


def _wait_for_all(team: list[_Worker], jobs: list[_Job], error: BaseException) -> None:
    """Wait for what the workers were given, after an error.

    Ctrl-C can come at any line. The arrays that the workers write belong to the caller, so all of them are waited for
    even then. Who presses it once more does not want to wait; then these workers are given up, and new ones do what
    comes next.
    """
    interrupted = not isinstance(error, Exception)
    while True:
        try:
            for worker, job in zip(team, jobs, strict=False):
                if worker.job is job and job.takers.get(0) is not CALLER:
                    worker.wake()  # it may have been given its task and not been woken
                    with suppress(Exception):  # one error is raised already
                        worker.wait(job)
            return
        except BaseException:
            if interrupted:
                _workers.clear()
                raise
            interrupted = True


def _hire(count: int) -> None:
    """See to it that there are this many workers, or as many as the system has room for.

    What nobody else begins the caller does.
    """
    PACE.cores = usable_cores()
    save_addresses()
    with suppress(RuntimeError, MemoryError):
        while len(_workers) < count and (addresses_left() or FOR_A_THREAD) >= FOR_A_THREAD:
            _workers.append(_Worker())


def _after_fork() -> None:
    """A forked process has none of its parent's threads. What they had begun is not done in it."""
    for worker in _workers:
        job = worker.job
        if job is not None and not job.is_done and job.takers.get(0) is worker:
            job.error, job.is_done = RuntimeError("the process was forked while its threads were computing"), True
    _workers.clear()
    _holder.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
