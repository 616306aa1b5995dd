"""Ends scripts that run too long."""

from __future__ import annotations

import signal
from types import FrameType


class TooLong(Exception):
    """A script has used up its time."""

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
