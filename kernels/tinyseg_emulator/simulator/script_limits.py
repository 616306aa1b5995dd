"""Ends scripts that run too long, or are interrupted."""

from __future__ import annotations

import signal
from types import FrameType


class TooLong(Exception):
    """A script has used up its time."""

    def __str__(self) -> str:
        return f"{self.args[0]:g} s are over and it has not ended; it may never end"


def interrupt_once() -> None:
    """Let the first SIGINT raise `KeyboardInterrupt`, and ignore later ones: Ctrl-C may come from two senders."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)


def end_after(seconds: float) -> None:
    """Raise `TooLong` in the main thread of this process after this time."""
    if not hasattr(signal, "setitimer"):
        return

    def end(number: int, frame: FrameType | None) -> None:
        raise TooLong(seconds)

    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
