"""One team of threads for all compiled kernels.

Libraries that each bring threads of their own (BLAS, OpenMP, Numba) fight for the cores: those that wait spin, and slow the working ones down, up to a hundred
times. Here a kernel is a compiled function over a range of independent pieces that releases the interpreter's lock; the range is cut into as many parts as there are
threads, always the same way, so the same number of threads gives the same bits. Waiting threads sleep.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from ..errors import InvalidInput

ENVIRONMENT_VARIABLE = "TINYSEG_NUM_THREADS"

_chosen: int | None = None


def set_num_threads(count: int) -> None:
    """Let compiled kernels use so many threads, from the next call on; raises `InvalidInput` for less than 1."""
    global _chosen
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise InvalidInput(f"set_num_threads: expected an integer of at least 1, got {count!r}")
    _chosen = count


def get_num_threads() -> int:
    """Return how many threads compiled kernels use: `set_num_threads`, else TINYSEG_NUM_THREADS, else the cores that this process may use."""
    global _chosen
    if _chosen is None:
        text = os.environ.get(ENVIRONMENT_VARIABLE, "").strip()
        if text and not (text.isdigit() and int(text) >= 1):
            raise InvalidInput(f"{ENVIRONMENT_VARIABLE}: expected an integer of at least 1, got {text!r}")
        _chosen = int(text) if text else usable_cores()
    return _chosen


def usable_cores(cgroup: Path = Path("/sys/fs/cgroup")) -> int:
    """Return how many cores this process may use: its CPU affinity, and in a container the quota, which is the smaller one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, _quota(cgroup) or cores))


def _quota(cgroup: Path) -> int | None:
    """Return the CPU quota of a container in whole cores (rounded up), by version 2 or 1 of control groups; None without one."""
    try:
        quota, period = (cgroup / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            quota = (cgroup / "cpu/cpu.cfs_quota_us").read_text().strip()
            period = (cgroup / "cpu/cpu.cfs_period_us").read_text().strip()
        except OSError:
            return None
    if not quota.isdigit() or not period.isdigit() or int(period) == 0:
        return None  # 'max' or -1: no limit
    return -(-int(quota) // int(period))


def parallel(kernel: Callable[..., None], count: int, *args: Any) -> None:
    """Call `kernel(start, stop, *args)` for parts of range(count), one in each thread, and wait for all of them.

    Part t of n is [t * count // n, (t + 1) * count // n). When another thread of the program is in here already, all is done in the calling thread: its
    results have the same bits, unless the kernel keeps sums per part (see `parallel_parts`).
    """
    parts = min(get_num_threads(), count)
    if parts <= 1:
        if count:
            kernel(0, count, *args)
        return
    bounds = [count * t // parts for t in range(parts + 1)]
    _run([lambda t=t: kernel(bounds[t], bounds[t + 1], *args) for t in range(parts)])  # type: ignore[misc]


def parallel_parts(kernel: Callable[..., None], count: int, parts: int, *args: Any) -> None:
    """Call `kernel(part, start, stop, *args)` for every part, for kernels that keep a sum of their own in each part."""
    bounds = [count * t // parts for t in range(parts + 1)]
    _run([lambda t=t: kernel(t, bounds[t], bounds[t + 1], *args) for t in range(parts)])  # type: ignore[misc]


class _Worker(threading.Thread):
    """Sleeps until there is a task; without one it goes back to sleep, so it may be woken once too often."""

    def __init__(self) -> None:
        super().__init__(name="tinyseg worker", daemon=True)
        self.task: Callable[[], None] | None = None
        self.error: BaseException | None = None
        self.begin: SimpleQueue[None] = SimpleQueue()
        self.end: SimpleQueue[None] = SimpleQueue()
        self.start()

    def run(self) -> None:
        while True:
            self.begin.get()
            if self.task is None:
                continue
            try:
                self.task()
            except BaseException as error:  # handed to the caller, whatever it is
                self.error = error
            finally:
                self.task = None
                self.end.put(None)


_workers: list[_Worker] = []
_busy = threading.Lock()


def _run(tasks: list[Callable[[], None]]) -> None:
    """Do the first task here and the others in workers; raises what any of them raised.

    Ctrl-C can come at any line. The arrays that the workers write belong to the caller, so all of them are waited for even then.
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
                worker.error = None
                worker.task = task
                worker.begin.put(None)
            tasks[0]()
        except BaseException as raised:
            error = raised
        while True:
            try:
                for worker in team:
                    if error is not None:
                        worker.begin.put(None)  # it may have been given its task and not been woken
                    while worker.task is not None:  # this says that it has ended; an end may have been seen, or not been taken, before
                        worker.end.get()
                break
            except BaseException as raised:
                error = raised
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
