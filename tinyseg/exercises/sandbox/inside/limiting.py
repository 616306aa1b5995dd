"""Limits that a process sets for itself, before it runs a learner's code."""

from __future__ import annotations

import signal
import sys
from typing import Any

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

MARGIN = 60
"""Seconds that a process may live longer than its check."""
BASELINE = 1 << 30
"""Address space of Python and NumPy where it cannot be asked for."""


def limit(
    memory: int,
    seconds: float,
    descriptors: int,
    threads: bool = False,
    file_size: int = 0,
    resource: Any = resource,
    platform: str = sys.platform,
) -> list[str]:
    """Set what can be set; return what is in force: 'memory', 'processor', 'files', 'processes'.

    Args:
        memory: Bytes more than the process has by now.
        seconds: Of the processor: ends what runs on although its checker is gone.
        descriptors: How many it may have; it opens none any more.
        threads: Whether it may start threads, which count as processes.
        file_size: Bytes of the largest file that it may write; 0 for none.
        resource: The module, or None.
        platform: As `sys.platform`.
    """
    if resource is None:
        return []
    wanted = [
        ("processor", "RLIMIT_CPU", int(seconds) + 2),
        ("files", "RLIMIT_FSIZE", file_size),
        ("open files", "RLIMIT_NOFILE", descriptors),
        ("core", "RLIMIT_CORE", 0),
    ]
    if not threads:
        wanted.append(("processes", "RLIMIT_NPROC", 0))
    # macOS takes a limit of the address space and does not keep it.
    if platform != "darwin":
        wanted.append(("memory", "RLIMIT_AS", _address_space() + memory))
    return [name for name, which, value in wanted if _set(resource, which, value)]


def end_after(seconds: float) -> None:
    """Let the system end this process after some time, if nobody else does: its checker may be gone."""
    if hasattr(signal, "alarm"):
        signal.alarm(int(seconds) + MARGIN)


def _set(resource: Any, which: str, value: int) -> bool:
    number = getattr(resource, which, None)
    if number is None:
        return False
    try:
        hard = resource.getrlimit(number)[1]
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(number, (value, value))
    except (ValueError, OSError):
        return False
    return True


def _address_space() -> int:
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * int(resource.getpagesize())
    except (OSError, ValueError):
        return BASELINE
