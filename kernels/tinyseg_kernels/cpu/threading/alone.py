"""Processes that start together compile each kernel once: one compiles it, the others wait and read what it keeps.

The lock is the operating system's, on an open file: when its process ends, however it does, the lock is gone. It saves
time and is no more than that: who cannot have it compiles all the same.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress

PATIENCE = 60.0
"""Seconds to wait for another process; more than any kernel takes."""

PAUSE = 0.01

_open: set[int] = set()


def wait_for_lock(path: str) -> int | None:
    """Wait until no other process has this lock, and take it.

    Returns its number for `let_go`, or None: others have it for too long, or there are no locks here.
    """
    with suppress(OSError):
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        _open.add(file)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                _lock(file)
                return file
            except (BlockingIOError, PermissionError):  # somebody has it
                time.sleep(PAUSE)
            except OSError:  # a file system without locks
                break
        let_go(file)
    return None


def let_go(file: int) -> None:
    """Let the others have a lock."""
    if file in _open:
        _open.remove(file)
        os.close(file)  # which unlocks


def _lock(file: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _after_fork() -> None:
    """A forked process has its parent's files: it closes them, else it would keep the locks when the parent lets go."""
    while _open:
        with suppress(OSError):
            os.close(_open.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
