"""The threads that work for all compiled kernels.

Between two kernels of a training step a thread waits in machine code (`spinning.py`); after some tenths of a millisecond it sleeps. What a thread is told passes through attributes
that are read and written with the interpreter's lock; the numbers beside them are for the waiting.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from queue import SimpleQueue

import numpy as np

Task = Callable[[], None]


class _Worker(threading.Thread):
    """A thread that does one task after the other. It may be woken once too often: without a task it waits on."""

    def __init__(self) -> None:
        from . import spinning  # it loads Numba, which `import tinyseg` should not

        super().__init__(name="tinyseg worker", daemon=True)
        self.spinning = spinning
        self.shared = np.zeros(2 * spinning.DONE // 8, np.int64)
        self.address = int(self.shared.ctypes.data)
        self.number = 0  # of the newest task, or wake
        self.task: Task | None = None
        self.error: BaseException | None = None
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
            if not self.spinning.wait_for_task(self.address, seen, self.looks, self.spinning.LATER):
                self.sleeps = True
                while self.number == seen:
                    self.begin.get()
                self.sleeps = False
            seen = self.number
            if self.task is None:
                continue
            try:
                self.task()
            except BaseException as error:  # handed to the caller, whatever it is
                self.error = error
            finally:
                self.task = None
                if self.is_awaited:
                    self.end.put(None)

    def give(self, task: Task, looks: int) -> None:
        """Let the worker do a task."""
        self.error, self.looks = None, looks
        self.task = task
        self.wake()

    def wake(self) -> None:
        """Let the worker look for a task."""
        self.number += 1
        self.shared[0] = self.number
        if self.sleeps:
            self.begin.put(None)

    def wait(self) -> None:
        """Wait until there is no task left."""
        if self.task is not None:
            self.spinning.wait_until_done(self.address, self.number, self.looks)
        while self.task is not None:
            self.is_awaited = True
            if self.task is not None:  # else it has ended before it saw that it is awaited
                self.end.get()
        self.is_awaited = False


_workers: list[_Worker] = []
_busy = threading.Lock()


def run_together(tasks: list[Task], spin: bool) -> None:
    """Do the first task here and the others in workers; raises what any of them raised.

    Ctrl-C can come at any line. The arrays that the workers write belong to the caller, so all of them are waited for even then. Who presses it once more does not want to wait; then
    these workers are given up, and new ones do what comes next.

    Args:
        tasks: At least one.
        spin: Whether those who wait may use a core for a while.
    """
    if len(tasks) == 1 or not _busy.acquire(blocking=False):
        for task in tasks:
            task()
        return
    try:
        while len(_workers) < len(tasks) - 1:
            _workers.append(_Worker())
        team = _workers[: len(tasks) - 1]
        error: BaseException | None = None
        try:
            for worker, task in zip(team, tasks[1:], strict=True):
                worker.give(task, worker.spinning.LOOKS if spin else 0)
            tasks[0]()
        except BaseException as raised:
            error = raised
        interrupted = error is not None and not isinstance(error, Exception)
        while True:
            try:
                for worker in team:
                    if error is not None:
                        worker.wake()  # it may have been given its task and not been woken
                    worker.wait()
                break
            except BaseException as raised:
                error = raised
                if interrupted:
                    _workers.clear()
                    raise
                interrupted = True
        for worker in team:
            error = error or worker.error
        if error is not None:
            raise error
    finally:
        _busy.release()


def _forget_workers() -> None:
    """A forked process has none of its parent's threads."""
    global _busy
    _workers.clear()
    _busy = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_workers)
