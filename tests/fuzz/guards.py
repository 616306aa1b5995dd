"""Memory between pages that nobody may touch.

Who reads or writes beyond an array's end, or before its beginning, is ended by the system at once.

`watch()` puts every array of the process there: NumPy's own (its allocator is replaced, NEP 49), and the large results
of the compiled kernels (`cpu.memory.buffers.empty`). An array ends exactly where a guard page begins, or begins where
one ends; the bytes that are left of its pages hold a pattern, which is looked at when the array is freed. New memory
holds NaN.
"""

from __future__ import annotations

import ctypes
import math
import mmap
import random
import sys
import threading
from typing import Any

import numpy as np

PAGE = mmap.PAGESIZE
PATTERN = 0xFF
"""Of bytes that are nobody's, and of new arrays: NaN."""

_PATTERN = bytes([PATTERN]) * PAGE

KEPT_AREAS = 64
"""Of each size."""

CAN_PROTECT = sys.platform in ("linux", "darwin")

_Address, _Size = ctypes.c_void_p, ctypes.c_size_t


class Guards:
    """Hands out guarded memory.

    Attributes:
        damaged: What was found written beside an array.
        at_end: Where the next arrays lie: True at the end of their pages, False at the beginning, None as it comes.
    """

    def __init__(self) -> None:
        self.damaged: list[str] = []
        self.at_end: bool | None = None
        self._live: dict[int, tuple[int, int, int]] = {}
        self._free: dict[int, list[int]] = {}
        self._lock = threading.RLock()
        self._random = random.Random(0)
        self._c = ctypes.CDLL(None, use_errno=True)
        self._c.mmap.restype = self._c.memset.restype = _Address
        self._c.mmap.argtypes = [_Address, _Size, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
        self._c.munmap.argtypes = [_Address, _Size]
        self._c.mprotect.argtypes = [_Address, _Size, ctypes.c_int]

    def take(self, nbytes: int, alignment: int = 1) -> int:
        """Return the address of this many bytes."""
        pages = max(1, -(-nbytes // PAGE))
        with self._lock:
            kept = self._free.get(pages)
            base = kept.pop() if kept else self._new(pages)
            ctypes.memset(base, PATTERN, pages * PAGE)
            at_end = self._random.random() < 0.5 if self.at_end is None else self.at_end
            offset = (pages * PAGE - nbytes) // alignment * alignment if at_end else 0
            self._live[base + offset] = (base, pages, nbytes)
        return base + offset

    def give(self, address: int) -> None:
        """Take memory back, and look at what lies beside it."""
        with self._lock:
            base, pages, nbytes = self._live.pop(address)
            before, after = address - base, base + pages * PAGE - address - nbytes
            for start, count, side in ((base, before, "before"), (address + nbytes, after, "behind")):
                if ctypes.string_at(start, count) != _PATTERN[:count]:
                    self.damaged.append(f"{side} an array of {nbytes} bytes")
            kept = self._free.setdefault(pages, [])
            if len(kept) < KEPT_AREAS and pages < 1024:
                kept.append(base)
            else:
                self._c.munmap(base - PAGE, (pages + 2) * PAGE)

    def size_of(self, address: int) -> int:
        """Return how many bytes were taken there."""
        return self._live[address][2]

    def protect(self, address: int, read_only: bool) -> None:
        """Let the pages of what lies there be read only, or written again."""
        base, pages, _ = self._live[address]
        self._c.mprotect(base, pages * PAGE, mmap.PROT_READ | (0 if read_only else mmap.PROT_WRITE))

    def _new(self, pages: int) -> int:
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
        start = self._c.mmap(None, (pages + 2) * PAGE, mmap.PROT_READ | mmap.PROT_WRITE, flags, -1, 0)
        if start in (None, _Address(-1).value):
            raise MemoryError(f"no {pages} pages")
        for offset in (0, (pages + 1) * PAGE):
            self._c.mprotect(start + offset, PAGE, 0)
        return int(start) + PAGE


GUARDS = Guards() if CAN_PROTECT else None


class Area:
    """Guarded memory that NumPy makes an array of, whose base it then is."""

    def __init__(self, nbytes: int, alignment: int = 1) -> None:
        assert GUARDS is not None
        self.address = GUARDS.take(nbytes, alignment)
        self.__array_interface__ = {"shape": (nbytes,), "typestr": "|u1", "data": (self.address, False), "version": 3}

    def __del__(self) -> None:
        if GUARDS is not None:
            GUARDS.protect(self.address, False)
            GUARDS.give(self.address)


def guarded_bytes(nbytes: int, alignment: int = 1) -> np.ndarray:
    """Return this many bytes between guards."""
    return np.asarray(Area(nbytes, alignment))


def _guarded_empty(shape: Any, dtype: Any) -> np.ndarray:
    """Do what `cpu.memory.buffers.empty` does: large arrays begin at a cache line."""
    from tinyseg_kernels.cpu.memory import buffers

    kind = np.dtype(dtype)
    nbytes = math.prod(shape) * kind.itemsize
    if nbytes < buffers.SMALLEST:
        return np.empty(shape, kind)
    return guarded_bytes(nbytes, buffers.ALIGNMENT).view(kind).reshape(shape)


def watch() -> None:
    """Guard all arrays from now on, in this thread; to be called when all modules of kernels are loaded."""
    from tinyseg_kernels.cpu.memory import buffers

    plain = buffers.empty
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("tinyseg_kernels") and vars(module).get("empty") is plain:
            module.empty = _guarded_empty  # type: ignore[attr-defined]
    _HANDLER.use()


class _Handler:
    """NumPy's allocator, in the form that its C interface takes: PyDataMem_Handler."""

    def __init__(self) -> None:
        malloc = ctypes.PYFUNCTYPE(_Address, _Address, _Size)
        calloc = ctypes.PYFUNCTYPE(_Address, _Address, _Size, _Size)
        realloc = ctypes.PYFUNCTYPE(_Address, _Address, _Address, _Size)
        free = ctypes.PYFUNCTYPE(None, _Address, _Address, _Size)

        class Handler(ctypes.Structure):
            _fields_ = [
                ("name", ctypes.c_char * 127), ("version", ctypes.c_uint8), ("context", _Address),
                ("malloc", malloc), ("calloc", calloc), ("realloc", realloc), ("free", free),
            ]  # fmt: skip

        self._kept = Handler(
            b"guards", 1, None, malloc(self._malloc), calloc(self._calloc), realloc(self._realloc), free(self._free)
        )

    @staticmethod
    def _malloc(_: Any, size: int) -> int:
        assert GUARDS is not None
        return GUARDS.take(size)

    @staticmethod
    def _calloc(_: Any, count: int, size: int) -> int:
        assert GUARDS is not None
        address = GUARDS.take(count * size)
        ctypes.memset(address, 0, count * size)
        return address

    @staticmethod
    def _realloc(_: Any, old: int | None, size: int) -> int:
        assert GUARDS is not None
        new = GUARDS.take(size)
        if old is not None:
            ctypes.memmove(new, old, min(size, GUARDS.size_of(old)))
            GUARDS.give(old)
        return new

    @staticmethod
    def _free(_: Any, address: int | None, size: int) -> None:
        if address is not None and GUARDS is not None:
            GUARDS.give(address)

    def use(self) -> None:
        """Let NumPy allocate here."""
        python = ctypes.pythonapi
        python.PyCapsule_GetPointer.restype = _Address
        python.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
        python.PyCapsule_New.restype = ctypes.py_object
        python.PyCapsule_New.argtypes = [_Address, ctypes.c_char_p, _Address]
        core = np._core if hasattr(np, "_core") else np.core
        table = python.PyCapsule_GetPointer(core._multiarray_umath._ARRAY_API, None)
        set_handler = ctypes.cast(table, ctypes.POINTER(_Address))[304]  # PyDataMem_SetHandler
        capsule = python.PyCapsule_New(ctypes.addressof(self._kept), b"mem_handler", None)
        ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object)(set_handler)(capsule)


_HANDLER = _Handler()
