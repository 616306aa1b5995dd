"""The trace of a launch of CUDA C++: what runtime/trace.cpp wrote down, with the names of arrays and lines."""

from __future__ import annotations

import ast
import ctypes
from collections.abc import Sequence

from ..checks.kernel_error import Index3
from ..checks.trace import BLOCK_WAIT, READ, BlockTrace, LaunchTrace, Trace, TracedArray
from .library import Library
from .memory_map import MemoryMap
from .native import Index, runtime

WAITS = ("__syncthreads", "__syncwarp", "shuffle", "vote", "tensor-core operation", "__activemask")
"""What a thread waits for, from `BLOCK_WAIT` on."""


class Event(ctypes.Structure):
    """TraceEvent of runtime/trace.h."""

    _fields_ = [
        ("thread", ctypes.c_uint),
        ("kind", ctypes.c_int),
        ("size", ctypes.c_int),
        ("line", ctypes.c_int),
        ("readable", ctypes.c_int),
        ("file", ctypes.c_char_p),
        ("code", ctypes.c_void_p),
        ("address", ctypes.c_void_p),
        ("before", ctypes.c_ubyte * 16),
        ("after", ctypes.c_ubyte * 16),
    ]


class Block(ctypes.Structure):
    """TracedBlock of runtime/trace.h."""

    _fields_ = [
        ("index", Index),
        ("kept", ctypes.c_int),
        ("left_out", ctypes.c_uint64),
        ("count", ctypes.c_uint64),
        ("events", ctypes.POINTER(Event)),
    ]


def begin_trace(trace: Trace) -> None:
    """Let the runtime write down what the next launch does."""
    x, y, z = trace.block or (0, 0, 0)
    runtime().tinyseg_begin_trace(int(trace.block is not None), x, y, z, ctypes.c_uint64(trace.limit))


class Collected:
    """The trace of a launch that has ended, copied out of the runtime."""

    def __init__(self, kernel: str, grid: Index3, block: Index3, library: Library, memory: MemoryMap) -> None:
        self.launch = LaunchTrace(kernel, grid, block)
        self._library, self._memory = library, memory
        self._sites: dict[tuple[int | None, bytes | None, int, int], int] = {}
        self._arrays: dict[TracedArray, int] = {}
        self._spots: dict[tuple[int, int], tuple[int, int]] = {}
        self._texts: dict[tuple[int, bytes], str] = {}

    def collect(self, completed: bool, told: Sequence[Index3]) -> None:
        """Copy the blocks that matter: the first, those of findings, and `told`."""
        count = runtime().tinyseg_end_trace(int(completed))
        raw = Block()
        for number in range(count):
            runtime().tinyseg_traced_block(number, ctypes.byref(raw))
            if raw.kept or raw.index.triple() in told:
                self.launch.blocks.append(self._block(raw))
        self.launch.arrays = list(self._arrays)

    def _block(self, raw: Block) -> BlockTrace:
        block = BlockTrace(raw.index.triple(), raw.left_out)
        for k in range(raw.count):
            event = raw.events[k]
            site = self._site(event)
            if event.kind >= BLOCK_WAIT:
                block.add(event.thread, event.kind, site)
                continue
            array, offset = self._spot(event.address, event.size)
            before = self._text(event, event.before) if event.readable else ""
            after = self._text(event, event.after) if event.readable and event.kind != READ else ""
            block.add(event.thread, event.kind, site, array, offset, event.size, before, after)
        return block

    def _site(self, event: Event) -> int:
        wait = event.kind >= BLOCK_WAIT
        key = (event.code, event.file, event.line, event.kind)
        what = "grid.sync" if wait and event.size else WAITS[event.kind - BLOCK_WAIT] if wait else ""
        if key not in self._sites:
            self._sites[key] = len(self._sites)
            place = f"{event.file.decode(errors='replace')}:{event.line}" if wait else self._library.place(event.code)
            self.launch.sites.append((place or "?", what))
        return self._sites[key]

    def _spot(self, address: int, size: int) -> tuple[int, int]:
        known = self._spots.get((address, size))
        if known is None:
            spot = self._memory.spot(address, size)
            shape = ast.literal_eval(spot.shape) if spot.shape.startswith("(") else ()
            array = TracedArray(spot.array, spot.memory, shape, spot.dtype.itemsize if spot.dtype is not None else size)
            known = self._spots[address, size] = (self._arrays.setdefault(array, len(self._arrays)), spot.offset)
        return known

    def _text(self, event: Event, data: ctypes.Array[ctypes.c_ubyte]) -> str:
        number = bytes(data)[: event.size]
        key = (event.address, number)
        known = self._texts.get(key)
        if known is None:
            known = self._texts[key] = self._memory.spot(event.address, event.size).number(number)
        return known
