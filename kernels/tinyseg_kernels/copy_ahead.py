"""Copies the arrays of the next batch to the device while the current one is computed.

Two slots take turns. A slot has, for each array of a batch, a buffer in pinned host memory (from which a GPU copies by
itself) and an array on the device. For batch k, in slot k mod 2:

    host:            wait until the slot's last copy is over (two batches ago), write the arrays into the pinned buffers
    copy stream:     wait until the computation on the slot's arrays is over (two batches ago), copy; event `copied`
    compute stream:  wait for `copied` before batch k is computed; after it, event `computed`

So a copy overlaps with the computation of the batch before, and no buffer is overwritten that is still read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, TypeVar

import numpy as np

from .device import COPIED_AHEAD, device_module, pinned_empty
from .types import Array

SLOTS = 2

Item = TypeVar("Item")


def copy_ahead(items: Iterable[Item], arrays_in: Callable[[Item], list[Array]]) -> Iterator[Item]:
    """Yield the items; while one is worked on, the next one's arrays are being copied, and `to_device` finds those of the current one.

    Args:
        items: Batches.
        arrays_in: Returns the NumPy arrays of one; they must not be changed before the batch after it is asked for.
    """
    uploader = _Uploader()
    waiting: tuple[Item, _Slot] | None = None
    try:
        for item in items:
            started = item, uploader.start(arrays_in(item))
            if waiting is not None:
                yield from _hand_over(uploader, *waiting)
            waiting = started
        if waiting is not None:
            yield from _hand_over(uploader, *waiting)
    finally:
        # Who stops early leaves a copy under way: memory that goes back to the pools meanwhile would be written to when
        # it is somebody else's.
        uploader.stream.synchronize()


def _hand_over(uploader: _Uploader, item: Item, slot: _Slot) -> Iterator[Item]:
    with uploader.finished(slot):
        yield item


class _Slot:
    """Buffers of one batch and the events that guard them."""

    def __init__(self, module: ModuleType) -> None:
        self.copied, self.computed = module.cuda.Event(), module.cuda.Event()
        self.pinned: list[Array] = []
        self.device: list[Any] = []
        self.sources: list[Array] = []


class _Uploader:
    def __init__(self) -> None:
        self.module = device_module()
        self.stream = self.module.cuda.Stream(non_blocking=True)
        self.slots = [_Slot(self.module) for _ in range(SLOTS)]
        self.count = 0

    def start(self, arrays: list[Array]) -> _Slot:
        """Begin to copy."""
        slot = self.slots[self.count % SLOTS]
        self.count += 1
        slot.copied.synchronize()
        slot.sources = arrays
        if [(a.shape, a.dtype) for a in slot.pinned] != [(a.shape, a.dtype) for a in arrays]:
            slot.pinned = [pinned_empty(a.shape, a.dtype) for a in arrays]
            slot.device = [self.module.empty(a.shape, a.dtype) for a in arrays]
            # The pool may hand out memory that kernels in flight still read; they are in the compute stream, before
            # this event.
            slot.computed.record(self.module.cuda.get_current_stream())
        self.stream.wait_event(slot.computed)
        for source, pinned, there in zip(arrays, slot.pinned, slot.device, strict=True):
            np.copyto(pinned, source)
            there.set(pinned, stream=self.stream)
        slot.copied.record(self.stream)
        return slot

    @contextmanager
    def finished(self, slot: _Slot) -> Iterator[None]:
        """Let the computation wait for a slot's copies, and the slot for the computation."""
        current = self.module.cuda.get_current_stream()
        current.wait_event(slot.copied)
        token = COPIED_AHEAD.set(tuple(zip(slot.sources, slot.device, strict=True)))
        try:
            yield
        finally:
            COPIED_AHEAD.reset(token)
            slot.computed.record(current)
