"""What a launch does: the operations of its threads by type, and the bytes that its warps move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..kernel_error import Index3
from ..records import LineTraffic

SECTOR = 32
TYPES = ("fp32", "fp64", "fp16", "bf16")
OPERATIONS = ("add", "mul", "fma", "special")
TENSOR = ("tensor fp16", "tensor bf16", "tensor tf32", "tensor int8", "tensor fp64")
KINDS = (*(f"{kind} {operation}" for kind in TYPES for operation in OPERATIONS), *TENSOR)
"""What is counted, in the order of cuda/include/device/counting.h.

`special` are divisions, roots, exponentials and their kin, which a GPU begins in its special function unit; those of
tensor cores count floating-point (of int8: integer) operations, the others instructions.
"""


@dataclass(frozen=True)
class Buffer:
    """An array in global memory, in bytes.

    Args:
        name: As reports call it.
        moved: What requests of warps move, in whole sectors of 32 bytes, without any cache.
        useful: What the lanes of these requests ask for, each byte once in a request.
        read: Sectors that are read before the launch has written them: they must come once.
        written: Sectors that are written: they must go once.
    """

    name: str
    moved: int = 0
    useful: int = 0
    read: int = 0
    written: int = 0

    @property
    def least(self) -> int:
        """Bytes that must move, however good the caches are."""
        return self.read + self.written

    def __add__(self, other: Buffer) -> Buffer:
        return Buffer(
            self.name,
            self.moved + other.moved,
            self.useful + other.useful,
            self.read + other.read,
            self.written + other.written,
        )


@dataclass(frozen=True)
class Work:
    """What the launches of a kernel with one grid and block do together.

    Args:
        kernel: Its name.
        grid: Blocks along x, y and z.
        block: Threads of a block.
        counts: Kind of operation (`KINDS`) -> how often all threads together did it; None when nothing counted them.
        buffers: The arrays in global memory.
        launches: How many launches were counted; those with `counts` None are none.
        why: Why `counts` is None, or what else a reader must know.
    """

    kernel: str
    grid: Index3
    block: Index3
    counts: Mapping[str, int] | None
    buffers: tuple[Buffer, ...] = ()
    launches: int = 1
    why: str = ""

    def operations(self, kind: str) -> int:
        """Return the operations of a type of `TYPES` or `TENSOR`: a fused multiply-add is two, `special` none."""
        counts = self.counts or {}
        if kind in TENSOR:
            return counts.get(kind, 0)
        return counts.get(f"{kind} add", 0) + counts.get(f"{kind} mul", 0) + 2 * counts.get(f"{kind} fma", 0)

    @property
    def flops(self) -> int:
        """All operations of arithmetic units and tensor cores."""
        return sum(self.operations(kind) for kind in (*TYPES, *TENSOR))

    @property
    def special(self) -> int:
        """Divisions, roots and special functions."""
        return sum((self.counts or {}).get(f"{kind} special", 0) for kind in TYPES)

    @property
    def moved(self) -> int:
        """Bytes that requests of warps move, in whole sectors."""
        return sum(buffer.moved for buffer in self.buffers)

    @property
    def useful(self) -> int:
        """Bytes of these that lanes asked for."""
        return sum(buffer.useful for buffer in self.buffers)

    @property
    def least(self) -> int:
        """Bytes that must move at least once."""
        return sum(buffer.least for buffer in self.buffers)

    def plus(self, other: Work) -> Work:
        """Return the work of both."""
        named = {buffer.name: buffer for buffer in self.buffers}
        for buffer in other.buffers:
            named[buffer.name] = named[buffer.name] + buffer if buffer.name in named else buffer
        counts = self.counts if other.counts is None else other.counts
        if self.counts is not None and other.counts is not None:
            counts = {kind: self.counts.get(kind, 0) + other.counts.get(kind, 0) for kind in KINDS}
        launches = self.launches + other.launches
        why = self.why or other.why
        return Work(self.kernel, self.grid, self.block, counts, tuple(named.values()), launches, why)

    def to_json(self) -> dict[str, object]:
        """Return everything as dictionaries, with the sums."""
        return {
            "kernel": self.kernel,
            "grid": list(self.grid),
            "block": list(self.block),
            "launches": self.launches,
            "counts": None if self.counts is None else {kind: n for kind, n in self.counts.items() if n},
            "buffers": [vars(buffer) for buffer in self.buffers],
            "flops": self.flops,
            "special": self.special,
            "moved": self.moved,
            "useful": self.useful,
            "least": self.least,
            "why": self.why,
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Work:
        """Return what `to_json` made a dictionary of."""
        buffers = tuple(Buffer(**buffer) for buffer in record["buffers"])
        grid, block = tuple(record["grid"]), tuple(record["block"])
        return cls(record["kernel"], grid, block, record["counts"], buffers, record["launches"], record["why"])


def array_of(name: str) -> str:
    """Return the name of an array without that of a field of its elements."""
    return name.partition(".")[0]


@dataclass
class Buffers:
    """Collects the buffers of a launch by their names."""

    known: dict[str, Buffer] = field(default_factory=dict)

    def add(self, buffer: Buffer) -> None:
        """Add to what is known of one."""
        self.known[buffer.name] = self.known.get(buffer.name, Buffer(buffer.name)) + buffer

    def add_traffic(self, lines: Iterable[LineTraffic]) -> None:
        """Add what requests move."""
        for line in lines:
            if line.memory == "global":
                self.add(Buffer(array_of(line.array), line.sectors * SECTOR, line.useful_bytes))

    def all(self) -> tuple[Buffer, ...]:
        """Return them."""
        return tuple(self.known.values())
