"""How much memory the emulated device has, what is in use of it, and what crosses between it and the host."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


class OutOfMemoryError(MemoryError):
    """An array that does not fit into the memory that `limited_memory` left; CuPy's error has the same name."""


@dataclass
class Transfers:
    """How often, and how many bytes, were copied between host and device."""

    to_device: int = 0
    to_device_bytes: int = 0
    to_host: int = 0
    to_host_bytes: int = 0

    def reset(self) -> None:
        """Start counting anew."""
        self.to_device = self.to_device_bytes = self.to_host = self.to_host_bytes = 0


TRANSFERS = Transfers()
"""Counts of this process."""


class _Memory:
    """Bytes in use, their peak, and how many there may be."""

    def __init__(self) -> None:
        self.used = self.peak = 0
        self.limit: int | None = None
        self.lock = threading.RLock()  # a finalizer may run while it is held

    def take(self, nbytes: int) -> None:
        with self.lock:
            if self.limit is not None and self.used + nbytes > self.limit:
                raise OutOfMemoryError(
                    f"Out of memory allocating {nbytes:,} bytes (allocated so far: {self.used:,} bytes, limit set "
                    f"to: {self.limit:,} bytes)."
                )
            self.used += nbytes
            self.peak = max(self.peak, self.used)

    def give(self, nbytes: int) -> None:
        with self.lock:
            self.used -= nbytes


MEMORY = _Memory()


@contextmanager
def limited_memory(nbytes: int) -> Iterator[None]:
    """Let the device have this many bytes within a `with` block; what does not fit raises `OutOfMemoryError`."""
    before, MEMORY.limit = MEMORY.limit, nbytes
    try:
        yield
    finally:
        MEMORY.limit = before
