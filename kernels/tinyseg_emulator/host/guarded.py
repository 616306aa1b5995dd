"""Memory that ends at a page nobody may touch.

A kernel that writes or reads beyond the end of an array faults instead of going on with what it found.
"""

from __future__ import annotations

import ctypes
import mmap
import sys
import weakref
from functools import cache
from typing import Any

import numpy as np
from tinyseg_kernels.private_memory import private_memory
from tinyseg_kernels.types import Array

PAGE = mmap.PAGESIZE
ALIGNMENT = 16
"""Bytes; a float4 must start at a multiple. So up to 15 bytes lie between an array's end and the guard page."""


_live: weakref.WeakKeyDictionary[mmap.mmap, tuple[int, int]] = weakref.WeakKeyDictionary()


def live_areas() -> list[tuple[int, int]]:
    """Return (address, bytes) of all areas that `guarded` gave and that are still in use.

    A kernel may reach them through a table of addresses.
    """
    return list(_live.values())


@cache
def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def guarded(nbytes: int) -> Array:
    """Return `nbytes` bytes (uint8, not initialised) between two guard pages.

    They end as close to the second one as the alignment allows.
    """
    if nbytes == 0 or sys.platform == "win32":
        return np.empty(nbytes, np.uint8)
    body = -(-nbytes // PAGE) * PAGE
    area = private_memory(body + 2 * PAGE)
    base = ctypes.addressof(ctypes.c_char.from_buffer(area))
    for offset in (0, PAGE + body):
        if _libc().mprotect(ctypes.c_void_p(base + offset), ctypes.c_size_t(PAGE), 0) != 0:
            raise OSError(ctypes.get_errno(), "mprotect of a guard page failed")
    start = PAGE + (body - nbytes) // ALIGNMENT * ALIGNMENT
    _live[area] = (base + start, nbytes)
    return np.frombuffer(area, np.uint8, nbytes, start)
