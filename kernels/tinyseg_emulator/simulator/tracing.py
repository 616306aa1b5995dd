"""The trace of a launch of a Numba kernel: what its recorder is told, written down for `checks/trace.py`."""

from __future__ import annotations

from types import FrameType
from typing import Any

import numpy as np

from ..checks.findings import Findings
from ..checks.kernel_error import Index3
from ..checks.trace import (
    ATOMIC,
    BLOCK_WAIT,
    MOST_BLOCKS,
    READ,
    WARP_WAIT,
    WRITE,
    BlockTrace,
    LaunchTrace,
    Trace,
    TracedArray,
    blocks_of,
)
from .places import spot

_KINDS = {"read": READ, "write": WRITE, "atomic": ATOMIC}


class Tracer:
    """Writes one launch down.

    Args:
        trace: Where it goes.
        kernel: Name of the kernel.
        grid: Its number of blocks.
        block: Its threads per block.
        findings: Those of the launch; the blocks that they are about are kept.
    """

    def __init__(self, trace: Trace, kernel: str, grid: Index3, block: Index3, findings: Findings) -> None:
        self.trace, self.findings = trace, findings
        self.launch = LaunchTrace(kernel, grid, block)
        self._known = {id(finding): finding.count for finding in findings}
        self._sites: dict[Any, int] = {}
        self._arrays: dict[TracedArray, int] = {}
        self._blocks: dict[Index3, BlockTrace] = {}
        self._first: Index3 | None = None
        self._stored = 0

    def access(
        self, block: Index3, thread: int, array: Any, offset: int, kind: str, value: Any, frame: FrameType
    ) -> None:
        """Note an access to an array that other threads see."""
        events = self._block(block)
        if events is None:
            return
        text = _text(value)
        number = _KINDS[kind]
        events.add(
            thread, number, self._site(frame, ""), self._array(array), offset, array.itemsize,
            text if number != WRITE else "", text if number == WRITE else "",
        )  # fmt: skip
        self._stored += 1

    def outside(self, block: Index3, thread: int, array: Any, index: Any, kind: str, frame: FrameType) -> None:
        """Note an access outside an array, of which there is no value."""
        places = index if isinstance(index, tuple) else (index,)
        if len(places) == array.ndim and all(isinstance(i, (int, np.integer)) for i in places):
            start = array.values.ctypes.data - array.storage.address
            offset = start + sum(int(i) * stride for i, stride in zip(places, array.strides, strict=True))
            self.access(block, thread, array, offset, kind, None, frame)

    def wait(self, block: Index3, thread: int, of_block: bool, operation: str, frame: FrameType) -> None:
        """Note that a thread waits."""
        events = self._block(block)
        if events is not None:
            events.add(thread, BLOCK_WAIT if of_block else WARP_WAIT, self._site(frame, operation))
            self._stored += 1

    def finish(self, failed_in: Index3 | None = None) -> None:
        """Hand the launch over."""
        told = self._told()
        told += [] if failed_in is None else [_plain(failed_in)]
        self.launch.blocks, self.launch.arrays = list(self._blocks.values()), list(self._arrays)
        self.trace.add(self.launch, told)

    def _told(self) -> list[Index3]:
        return blocks_of(found for found in self.findings if self._known.get(id(found)) != found.count)

    def _block(self, index: Index3) -> BlockTrace | None:
        index = _plain(index)
        if self.trace.block is not None and index != self.trace.block:
            return None
        events = self._blocks.get(index)
        if events is None:
            self._first = self._first or index
            if self._stored > self.trace.limit * MOST_BLOCKS:
                self._make_room()
            events = self._blocks[index] = BlockTrace(index)
        if len(events) >= self.trace.limit:
            events.left_out += 1
            return None
        return events

    def _make_room(self) -> None:
        """Forget the blocks that nothing was found in."""
        keep = {self._first, *self._told()[:MOST_BLOCKS]}
        self._blocks = {index: events for index, events in self._blocks.items() if index in keep}
        self._stored = sum(map(len, self._blocks.values()))

    def _site(self, frame: FrameType, what: str) -> int:
        key = (spot(frame), what)
        if key not in self._sites:
            self._sites[key] = len(self._sites)
            self.launch.sites.append((f"{frame.f_code.co_filename}:{frame.f_lineno}", what))
        return self._sites[key]

    def _array(self, array: Any) -> int:
        storage = array.storage
        shape = storage.root.shape
        if storage.root.itemsize != array.itemsize:  # a view that reads the bytes as other numbers
            shape = (storage.root.nbytes // array.itemsize,)
        traced = TracedArray(storage.name, storage.memory, tuple(int(n) for n in shape), int(array.itemsize))
        return self._arrays.setdefault(traced, len(self._arrays))


def _text(value: Any) -> str:
    if value is None:
        return ""
    kind = getattr(getattr(value, "dtype", None), "kind", "f" if isinstance(value, float) else "")
    return f"{value:.7g}" if kind == "f" else str(value)


def _plain(index: Index3) -> Index3:
    """Return an index as a plain tuple: that of a kernel prints, and compares, as Numba's."""
    x, y, z = index
    return x, y, z
