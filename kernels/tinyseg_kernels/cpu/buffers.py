"""Memory for results, used again from step to step.

A fresh large array costs more than computing it: the operating system hands out its pages one by one when they are first touched, zeroed, and takes them back when
the array is freed. A training step asks for the same sizes again and again, so what is freed is kept here for the next one that asks.

An array made by `empty` has as its base a block that gives the memory back when the last view of it is gone, in whatever thread that happens.
"""

from __future__ import annotations

import os
import threading
from typing import Any

import numpy as np

from ..types import Array

ALIGNMENT = 64
"""Bytes: a cache line, and the widest vector."""

SMALLEST = 1 << 15
"""Bytes; smaller arrays are NumPy's own affair: the C library keeps their memory anyway."""

KEPT_UNUSED = 0.5
"""Memory that lies unused is given back to the system when there is more of it than this share of the largest amount that was in use at once."""


class _Pool:
    """Free memory by size class, and counts."""

    def __init__(self) -> None:
        self.free: dict[int, list[Array]] = {}
        self.used = self.unused = self.peak = 0
        self.lock = threading.RLock()  # a block may be given back while the lock is held, by the garbage collector
        self.poison = False

    def take(self, size: int) -> Array:
        with self.lock:
            found = self.free.get(size)
            self.used += size
            self.peak = max(self.peak, self.used)
            if found:
                self.unused -= size
                return found.pop()
        raw = np.empty(size + ALIGNMENT, np.uint8)
        shift = -raw.ctypes.data % ALIGNMENT
        return raw[shift : shift + size]

    def give(self, size: int, memory: Array) -> None:
        with self.lock:
            self.used -= size
            self.unused += size
            self.free.setdefault(size, []).append(memory)
            if self.unused > self.peak * (1 + KEPT_UNUSED) - self.used:
                self._trim()

    def _trim(self) -> None:
        """Drop what has not been asked for: all free memory of the largest classes, until little enough is left."""
        for size in sorted(self.free, reverse=True):
            while self.free[size] and self.unused > self.peak * (1 + KEPT_UNUSED) - self.used:
                self.free[size].pop()
                self.unused -= size


_POOL = _Pool()


def _unlock() -> None:
    """A process forked while another thread held the lock would wait for that thread, which it does not have."""
    _POOL.lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock)


class _Block:
    """Owns memory; NumPy makes an array of it by `__array_interface__`, whose base it then is."""

    __slots__ = ("__array_interface__", "memory", "size")

    def __init__(self, size: int, nbytes: int) -> None:
        self.size, self.memory = size, _POOL.take(size)
        self.__array_interface__ = {
            "shape": (nbytes,), "typestr": "|u1", "data": (self.memory.ctypes.data, False), "version": 3,
        }  # fmt: skip

    def __del__(self) -> None:
        if _POOL is not None:  # at the interpreter's end the module may be gone before its arrays
            _POOL.give(self.size, self.memory)


def empty(shape: tuple[int, ...], dtype: Any) -> Array:
    """Return an array in C order with undefined numbers, aligned to a cache line."""
    kind = np.dtype(dtype)
    nbytes = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
    if nbytes < SMALLEST:
        small: Array = np.empty(shape, kind)
        if _POOL.poison:
            small.view(np.uint8).fill(0xFF) if small.ndim and small.size else None
        return small
    array = np.asarray(_Block(_size_class(nbytes), nbytes)).view(kind).reshape(shape)
    if _POOL.poison:
        array.view(np.uint8).fill(0xFF)
    return array


def zeros(shape: tuple[int, ...], dtype: Any) -> Array:
    """Return an array of zeros."""
    array = empty(shape, dtype)
    array.fill(0)
    return array


def poison(on: bool) -> None:
    """Fill new arrays with NaN from now on: tests use it to find numbers that nobody has written."""
    _POOL.poison = on


def usage() -> dict[str, int]:
    """Return the bytes in use, lying ready, and in use at the peak."""
    return {"used": _POOL.used, "unused": _POOL.unused, "peak": _POOL.peak}


def release() -> None:
    """Give all memory that lies ready back to the system, and forget the peak."""
    with _POOL.lock:
        _POOL.free.clear()
        _POOL.unused, _POOL.peak = 0, _POOL.used


def _size_class(nbytes: int) -> int:
    """Round up to an eighth of the power of two below: at most 12 % are wasted, and sizes that differ little share their memory."""
    step = max(1 << (nbytes.bit_length() - 4), 4096)
    return -(-nbytes // step) * step
