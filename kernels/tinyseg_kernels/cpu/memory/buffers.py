"""Memory for results, used again from step to step.

A fresh large array costs more than computing it: the operating system hands out its pages one by one when they are
first touched, zeroed, and takes them back when the array is freed. A training step asks for the same sizes again and
again, so what is freed is kept here (`arena.py`) for the next one that asks. What has not been needed for a while goes
back to the system.

An array made by `empty` has as its base a block that gives the memory back when the last view of it is gone, in
whatever thread that happens.

Whoever comes while another one changes the lists gets memory of NumPy's instead of waiting: it may be another thread,
but also a signal handler or a finalizer that has interrupted the change in this very thread and would wait for ever.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import numpy as np

from ...types import Array, DType, DTypeLike
from .arena import PAGE, Arena, Piece

ALIGNMENT = 64
"""Bytes: a cache line, and the widest vector. Large arrays begin at a multiple of it, but for those that NumPy gave."""

SMALLEST = 1 << 15
"""Bytes; smaller arrays are NumPy's own affair: the C library keeps their memory anyway."""

LATELY = 1 << 14
"""Arrays that are made before memory that none of them, and none of as many before, has needed goes back: some dozens
of training steps."""

PATIENCE = 1.0
"""Seconds that `usage` and `release` wait for others to have done with the lists."""


class _Block:
    """Owns memory; NumPy makes an array of it by `__array_interface__`, whose base it then is."""

    __slots__ = ("__array_interface__", "__weakref__")
    __array_interface__: dict[str, Any]


class _Pool:
    """The memory of arrays that are in use, and counts."""

    def __init__(self) -> None:
        self.arena = Arena()
        self.holder: dict[int, object] = {}  # under 0: who changes the lists
        self.returned: deque[Piece] = deque()
        self.until_settled = LATELY
        self.poison = self.wants_release = False

    def take(self, shape: tuple[int, ...], kind: DType, nbytes: int) -> _Block | None:
        """Return memory for an array; None while somebody else is in here.

        When a block is gone, Python itself calls `append`: a finalizer in Python could be interrupted, and lose memory.
        """
        block = _Block()
        piece = Piece(block, self.returned.append)
        try:
            if self.holder.setdefault(0, piece) is not piece:
                return None
            self._take_back()
            found, start = self.arena.take(-(-nbytes // PAGE) * PAGE, piece)
            block.__array_interface__ = {
                "version": 3,
                "typestr": kind.str,
                "shape": shape,
                "data": (found.address + start, False),
            }
            del self.holder[0]
            return block
        except BaseException:
            self._leave(piece)
            raise

    def _take_back(self) -> None:
        while self.returned:
            piece = self.returned[0]
            if piece.place is not None:
                piece.place[0].give(piece.place[1], piece.size, piece)
            self.returned.popleft()

    def settle(self, patience: float = 0.0) -> None:
        """Give memory back to the system: what has not been needed lately, or all that lies ready if that is wanted."""
        with self._alone(patience) as alone:
            if alone:
                self.until_settled = LATELY
                self._take_back()
                if self.wants_release:
                    self.arena.release()
                    self.wants_release = False
                else:
                    self.arena.settle()

    def _leave(self, who: object) -> None:
        if 0 in self.holder and self.holder[0] is who:
            del self.holder[0]

    @contextmanager
    def _alone(self, patience: float) -> Iterator[bool]:
        """Keep others out; gives False when somebody is in here all the time.

        It may be what the caller has interrupted.
        """
        me, end = object(), time.monotonic() + patience
        try:
            while self.holder.setdefault(0, me) is not me and time.monotonic() < end:
                time.sleep(1e-4)
            yield 0 in self.holder and self.holder[0] is me
        finally:
            self._leave(me)

    def usage(self) -> dict[str, int]:
        with self._alone(PATIENCE) as alone:
            if alone:
                self._take_back()
            ranges = self.arena.ranges
            used, peak = sum(found.used for found in ranges), sum(found.peak for found in ranges)
            return {"used": used, "unused": sum(found.touched for found in ranges) - used, "peak": peak}

    def release(self) -> None:
        self.wants_release, self.until_settled = True, 0  # by the next one who comes, if not here
        self.settle(PATIENCE)


_POOL = _Pool()


def _after_fork() -> None:
    """In a forked process nobody is in the lists but this thread.

    It may have forked in a signal handler or a finalizer that interrupted it there.
    """
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_code is _Pool.take.__code__:
            return
        frame = frame.f_back
    _POOL.holder.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def empty(shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """Return an array in C order with undefined numbers; a large one begins at a page."""
    kind = np.dtype(dtype)
    nbytes = math.prod(shape) * kind.itemsize
    _POOL.until_settled -= 1
    if _POOL.until_settled <= 0:
        _POOL.settle()
    block = _POOL.take(shape, kind, nbytes) if nbytes >= SMALLEST else None
    array: Array = np.empty(shape, kind) if block is None else np.asarray(block)
    if _POOL.poison:
        array.reshape(-1).view(np.uint8).fill(0xFF)
    return array


def zeros(shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """Return an array of zeros."""
    array = empty(shape, dtype)
    array.fill(0)
    return array


def poison(on: bool) -> None:
    """Fill new arrays with NaN from now on: tests use it to find numbers that nobody has written."""
    _POOL.poison = on


def usage() -> dict[str, int]:
    """Return the bytes in use, lying ready (between them and up to the highest that was in use lately), and in use at the peak."""
    return _POOL.usage()


def release() -> None:
    """Give all memory that lies ready back to the system, and forget the peak."""
    _POOL.release()
