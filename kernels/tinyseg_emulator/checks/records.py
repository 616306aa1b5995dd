"""What the checks of the emulator find in a kernel, the same for CUDA C++ and for Numba.

Plain records, which `report.py` turns into text.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from .kernel_error import Index3, KernelError


@dataclass(frozen=True)
class Access:
    """One thread's read or write.

    Args:
        kind: 'read', 'write' or 'atomic'.
        place: Source line as `file:line`.
        block: Index of the thread's block.
        thread: Index of the thread in its block.
        value: The number that was read or written, as text; '' when it is not known.
    """

    kind: str
    place: str
    block: Index3
    thread: Index3
    value: str = ""


@dataclass(frozen=True)
class Finding:
    """Something wrong with a kernel. `count` says how often it was seen; the other fields tell of the first time."""

    kernel: str
    count: int = field(default=1, kw_only=True)

    @property
    def key(self) -> tuple[Any, ...]:
        """What two findings have in common that are told as one.

        Everything but the threads, the index and the values.
        """
        places = sorted((a.kind, a.place) for a in self.accesses)  # in whichever order they ran
        return (type(self).__name__, self.kernel, *self._subject(), *places)

    @property
    def accesses(self) -> tuple[Access, ...]:
        """The accesses that it is about."""
        return tuple(value for value in (getattr(self, f.name) for f in fields(self)) if isinstance(value, Access))

    def _subject(self) -> tuple[Any, ...]:
        return ()


@dataclass(frozen=True)
class Race(Finding):
    """Two threads touch one address, no barrier orders them, one of them writes, and not both do so atomically.

    Args:
        memory: 'shared' or 'global'.
        array: Name of the array.
        index: Which of its numbers, as text such as '3, 5'.
        first: The access that the emulator ran first; a GPU may run them in either order.
        second: The other one.
        benign: Both write the same bytes. Whichever comes last, the result is the same; C++ still calls it undefined.
        advice: What would order them, where more is known than that nothing does: a missing fence, and its line.
    """

    memory: str
    array: str
    index: str
    first: Access
    second: Access
    benign: bool = False
    advice: str = ""

    def _subject(self) -> tuple[Any, ...]:
        return self.memory, self.array, self.benign


@dataclass(frozen=True)
class OutOfBounds(Finding):
    """An access outside an array.

    Args:
        memory: 'shared', 'local' or 'global'.
        array: Name of the array.
        index: The index, as text.
        shape: The array's shape, as text.
        access: The access.
    """

    memory: str
    array: str
    index: str
    shape: str
    access: Access

    def _subject(self) -> tuple[Any, ...]:
        return self.memory, self.array


@dataclass(frozen=True)
class UninitialisedRead(Finding):
    """A read of memory that no thread of the block has written.

    Args:
        memory: 'shared' or 'local'.
        array: Name of the array.
        index: Which of its numbers, as text.
        access: The read.
    """

    memory: str
    array: str
    index: str
    access: Access

    def _subject(self) -> tuple[Any, ...]:
        return self.memory, self.array


@dataclass(frozen=True)
class DivergentBarrier(Finding):
    """Threads of one block wait at different barriers, or for threads that never come.

    Args:
        what: Which threads wait where.
        place: A line at which some wait.
        block: Index of the block.
    """

    what: str
    place: str
    block: Index3

    def _subject(self) -> tuple[Any, ...]:
        return (self.place,)


@dataclass(frozen=True)
class Misaligned(Finding):
    """An access at an address that is no multiple of its size, which a GPU refuses.

    Args:
        memory: 'shared', 'local' or 'global'.
        array: Name of the array.
        offset: Bytes from the array's start.
        alignment: What the address must be a multiple of.
        access: The access.
    """

    memory: str
    array: str
    offset: int
    alignment: int
    access: Access

    def _subject(self) -> tuple[Any, ...]:
        return self.memory, self.array


@dataclass(frozen=True)
class Stand:
    """Threads that stood at one line when a launch was ended.

    Args:
        place: Source line as `file:line`, '' when it is not known.
        waits_for: What they waited at, such as '__syncthreads'; '' when they ran.
        threads: How many.
        block: Block of the first of them.
        thread: Its index in the block.
    """

    place: str
    waits_for: str
    threads: int
    block: Index3
    thread: Index3


@dataclass(frozen=True)
class Endless(Finding):
    """A launch that was ended before its kernel was: at a limit, by Ctrl-C, or since all that was left of it waits.

    Args:
        what: Why it was ended.
        stands: Where its threads stood.
        waiting_blocks: Blocks that had not begun.
    """

    what: str
    stands: tuple[Stand, ...]
    waiting_blocks: int = 0

    def _subject(self) -> tuple[Any, ...]:
        return (tuple(sorted((stand.place, stand.waits_for) for stand in self.stands)),)


@dataclass(frozen=True)
class Failure(Finding):
    """A launch that could not go on for any other reason.

    Such as an exception in a simulated kernel, a signal, or a limit of the GPU.

    Args:
        what: What happened.
        place: Source line, when it is known.
        block: Index of the block, when it is known.
        thread: Index of the thread in its block, when it is known.
    """

    what: str
    place: str | None = None
    block: Index3 | None = None
    thread: Index3 | None = None

    @classmethod
    def of(cls, error: KernelError) -> Failure:
        """Make a finding of an error."""
        return cls(error.kernel, error.what, error.place, error.block, error.thread)

    def _subject(self) -> tuple[Any, ...]:
        return self.what, self.place


@dataclass(frozen=True)
class ProgramFault(Finding):
    """Something wrong with a whole program outside of its kernels; `kernel` is the kernel that it is about, or ''.

    Args:
        what: What happened.
        place: Source line, when it is known.
        group: 'error' (a call that failed), 'leak', 'host access', 'host race', 'stream race', 'crash' or 'limit'.
        notes: More lines, for reports.
    """

    what: str
    place: str | None = None
    group: str = "error"
    notes: tuple[str, ...] = ()

    def _subject(self) -> tuple[Any, ...]:
        return self.group, self.what, self.place, self.notes


@dataclass
class LineTraffic:
    """How one source line uses memory. A request is one instruction executed by the lanes of a warp together.

    Args:
        kernel: Name of the kernel.
        place: Source line as `file:line`.
        memory: 'shared' or 'global'.
        kind: 'read', 'write' or 'atomic'.
        array: Name of the array.
        requests: Number of requests.
        sectors: Sectors of 32 bytes that they touch (global memory).
        ideal_sectors: Sectors that the same bytes would fill if they lay side by side.
        wavefronts: Passes through the 32 banks of 4 bytes (shared memory); 1 for a request without conflict.
        ideal_wavefronts: Passes that the same bytes need at least.
        worst_ways: Most passes that one request needed, over its ideal.
        useful_bytes: Bytes of global memory that lanes asked for, each once in a request.
    """

    kernel: str
    place: str
    memory: str
    kind: str
    array: str
    requests: int = 0
    sectors: int = 0
    ideal_sectors: int = 0
    wavefronts: int = 0
    ideal_wavefronts: int = 0
    worst_ways: float = 0.0
    useful_bytes: int = 0

    @property
    def bank_conflicts(self) -> int:
        """Passes that conflicts add."""
        return self.wavefronts - self.ideal_wavefronts
