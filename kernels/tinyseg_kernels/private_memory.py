"""Memory from the system that belongs to one process, and how much of it the process may still ask for."""

from __future__ import annotations

import ctypes
import mmap
import sys
from contextlib import suppress
from pathlib import Path

M_ARENA_MAX = -8
"""In the GNU C library's malloc.h."""


def private_memory(size: int) -> mmap.mmap:
    """Return this many bytes of zeros which a forked process has a copy of.

    Python's own default is memory that parent and child share, so that each would write into the other's arrays.
    Windows does not fork, and its `mmap` has no flags.
    """
    if hasattr(mmap, "MAP_PRIVATE"):
        return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANON)
    return mmap.mmap(-1, size)


def addresses_left(statm: Path = Path("/proc/self/statm")) -> int | None:
    """Return how many bytes of addresses this process may still reserve under its limits (`ulimit -v`, `ulimit -d`).

    None without a limit.
    """
    try:
        import resource  # not on Windows

        # ulimit -d counts what only this process has and may write: of programs and libraries next to nothing.
        limits = [(resource.getrlimit(kind)[0], field) for kind, field in ((resource.RLIMIT_AS, 0), (resource.RLIMIT_DATA, 5))]  # fmt: skip
    except (ImportError, AttributeError, OSError, ValueError):
        return None
    known = [(limit, field) for limit, field in limits if limit != resource.RLIM_INFINITY]
    if not known:
        return None
    in_use = [0] * 6
    with suppress(OSError, ValueError):
        in_use = [int(pages) * mmap.PAGESIZE for pages in statm.read_text().split()]
    return max(0, min(limit - in_use[field] for limit, field in known))


def save_addresses() -> None:
    """Under a limit of addresses let new threads share malloc's memory.

    The GNU C library would reserve 64 MB for each.
    """
    if sys.platform == "linux" and addresses_left() is not None:
        with suppress(OSError, AttributeError):  # other C libraries
            ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)
