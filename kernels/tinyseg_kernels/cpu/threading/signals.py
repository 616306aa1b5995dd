"""Signals that wait.

Numba and LLVM end the process when a signal handler that interrupts a compilation needs another one. So handlers,
Ctrl-C's included, are called when a kernel is compiled or loaded.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_waits = False


@contextmanager
def signals_later() -> Iterator[None]:
    """Let signals that come within the block, in the main thread, call their handlers behind it."""
    global _waits
    if _waits or threading.current_thread() is not threading.main_thread():  # no handler is called in any other thread
        yield
        return
    came: dict[int, None] = {}
    handlers: dict[int, Any] = {}
    number: int
    for number in signal.valid_signals():
        handler = signal.getsignal(number)
        if callable(handler):
            handlers[number] = handler
    _waits = True
    try:
        for number in list(handlers):
            signal.signal(number, lambda number, frame: came.setdefault(number))
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        _waits = False
        for number in came:
            signal.raise_signal(number)
