"""Memory for results, used again from step to step.

A fresh large array costs more than computing it: the operating system hands out its pages one by one when they are first touched, zeroed, and takes them back when
the array is freed. A training step asks for the same sizes again and again, so what is freed is kept here (`arena.py`) for the next one that asks.

An array made by `empty` has as its base a block that gives the memory back when the last view of it is gone, in whatever thread that happens.
"""

from __future__ import annotations

import math
import os
import threading
from collections import deque
from typing import Any

import numpy as np

from ..types import Array
from .arena import PAGE, Arena, Range

ALIGNMENT = 64
"""Bytes: a cache line, and the widest vector."""

SMALLEST = 1 << 15
"""Bytes; smaller arrays are NumPy's own affair: the C library keeps their memory anyway."""


class _Pool:
    """The memory of arrays that are in use, and counts."""

    def __init__(self) -> None:
        self.arena = Arena()
        self.used = self.peak = 0
        self.lock = threading.Lock()
        self.returned: deque[tuple[Range, int, int]] = deque()
        self.poison = False

    def take(self, size: int) -> tuple[Range, int]:
        with self.lock:
            self._take_back()
            piece = self.arena.take(size)
            self.used += size
            self.peak = max(self.peak, self.used)
            return piece

    def give(self, piece: tuple[Range, int], size: int) -> None:
        """Note what is not used any more. The garbage collector may call this anywhere, also while the lock is held, so it only notes it."""
        self.returned.append((*piece, size))

    def _take_back(self) -> None:
        while self.returned:
            found, start, size = self.returned.popleft()
            found.give(start, size)
            self.used -= size

    def usage(self) -> dict[str, int]:
        with self.lock:
            self._take_back()
            touched = sum(found.touched for found in self.arena.ranges)
            return {"used": self.used, "unused": touched - self.used, "peak": self.peak}

    def release(self) -> None:
        with self.lock:
            self._take_back()
            self.arena.release()
            self.peak = self.used


_POOL = _Pool()


def _unlock() -> None:
    """A process forked while another thread held the lock would wait for that thread, which it does not have."""
    _POOL.lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock)


class _Block:
    """Owns memory; NumPy makes an array of it by `__array_interface__`, whose base it then is."""

    __slots__ = ("__array_interface__", "piece", "size")

    def __init__(self, nbytes: int) -> None:
        self.size = -(-nbytes // PAGE) * PAGE
        self.piece = _POOL.take(self.size)
        found, start = self.piece
        self.__array_interface__ = {
            "shape": (nbytes,), "typestr": "|u1", "data": (found.address + start, False), "version": 3,
        }  # fmt: skip

    def __del__(self) -> None:
        if _POOL is not None and hasattr(
            self, "piece"
        ):  # at the interpreter's end the module may be gone before its arrays
            _POOL.give(self.piece, self.size)


def empty(shape: tuple[int, ...], dtype: Any) -> Array:
    """Return an array in C order with undefined numbers, aligned to a cache line."""
    kind = np.dtype(dtype)
    nbytes = math.prod(shape) * kind.itemsize
    if nbytes < SMALLEST:
        small: Array = np.empty(shape, kind)
        if _POOL.poison:
            small.view(np.uint8).fill(0xFF) if small.ndim and small.size else None
        return small
    array = np.asarray(_Block(nbytes)).view(kind).reshape(shape)
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
    """Return the bytes in use, lying ready (between them and up to the highest that was ever in use), and in use at the peak."""
    return _POOL.usage()


def release() -> None:
    """Give all memory that lies ready back to the system, and forget the peak."""
    _POOL.release()
