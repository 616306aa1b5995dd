"""Ends kernels that run too long."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TooLong(Exception):
    """A kernel, or a script, has used up its time."""

    def __str__(self) -> str:
        return f"{self.args[0]:g} s are over and it has not ended; it may never end"


def end_after(seconds: float) -> None:
    """Raise `TooLong` in the main thread of this process after this time."""
    if not hasattr(signal, "setitimer"):
        return

    def end(number: int, frame: FrameType | None) -> None:
        raise TooLong(seconds)

    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise `TooLong` in what runs within the block when it has taken this much processor time.

    Only in a process's main thread, and not on Windows, which has no such clock.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        raise TooLong(seconds)

    before = signal.signal(signal.SIGVTALRM, end)
    left, _ = signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, left)
        signal.signal(signal.SIGVTALRM, before)
