"""Counts how each source line uses memory: sectors of global memory and bank conflicts of shared memory.

A warp's request is the n-th execution of one instruction by each of its lanes since the last barrier, taken together.
Global memory moves in sectors of 32 bytes; shared memory has 32 banks of 4 bytes, and a request needs as many passes
(wavefronts) as the busiest bank has different words (NVIDIA, CUDA C++ Best Practices Guide, sections on coalesced
access and on shared memory).
"""

from __future__ import annotations

from typing import NamedTuple

from ..checks.findings import Findings
from ..checks.records import LineTraffic
from .counting import Counting
from .orders import Place
from .places import Spot
from .warp import WARP_SIZE

SECTOR = 32
BANKS = 32
WORD = 4


class Instruction(NamedTuple):
    """One access in the code of a kernel.

    Where, to which memory, of what kind, to which array, and how many bytes it moves.
    """

    place: Place
    memory: str
    kind: str
    array: str
    itemsize: int


class Traffic:
    """Collects the accesses of a launch and adds them up line by line."""

    def __init__(self, kernel: str, findings: Findings) -> None:
        self.kernel, self.findings = kernel, findings
        self._turns: dict[tuple[Spot, Instruction, int], int] = {}
        self._requests: dict[tuple[Spot, Instruction, int, int], list[int]] = {}
        self._lines: dict[tuple[Place, str, str, str], LineTraffic] = {}

    def access(self, at: Spot, instruction: Instruction, thread: int, offset: int) -> None:
        """Note that a thread touched the number at this byte of an array, by the instruction `at` this place."""
        turn = self._turns[at, instruction, thread] = self._turns.get((at, instruction, thread), 0) + 1
        self._requests.setdefault((at, instruction, thread // WARP_SIZE, turn), []).append(offset)

    def flush(self) -> None:
        """Add up the requests since the last barrier."""
        for (_, instruction, _, _), offsets in self._requests.items():
            self._add(instruction, offsets)
        self._requests.clear()
        self._turns.clear()

    def finish(self, counting: Counting | None = None) -> None:
        """Hand the lines over to the findings, and with them what was counted."""
        self.flush()
        for line in self._lines.values():
            self.findings.add_traffic(line)
        if counting is not None:
            self.findings.add_work(counting.work(self._lines.values()))
        self._lines.clear()

    def _add(self, instruction: Instruction, offsets: list[int]) -> None:
        place, memory, kind, array = instruction.place, instruction.memory, instruction.kind, instruction.array
        line = self._lines.get((place, memory, kind, array))
        if line is None:
            line = LineTraffic(self.kernel, f"{place[0]}:{place[1]}", memory, kind, array)
            self._lines[place, memory, kind, array] = line
        line.requests += 1
        if memory == "global":
            sectors, ideal = sectors_of(offsets, instruction.itemsize)
            line.sectors += sectors
            line.ideal_sectors += ideal
            line.useful_bytes += len(set(offsets)) * instruction.itemsize
        else:
            passes, ideal = wavefronts_of(offsets, instruction.itemsize)
            line.wavefronts += passes
            line.ideal_wavefronts += ideal
            line.worst_ways = max(line.worst_ways, passes / ideal)


def sectors_of(offsets: list[int], itemsize: int) -> tuple[int, int]:
    """Return how many sectors the numbers at these byte offsets touch, and how many they would fill side by side."""
    distinct = set(offsets)
    touched = {byte // SECTOR for offset in distinct for byte in (offset, offset + itemsize - 1)}
    return len(touched), -(-len(distinct) * itemsize // SECTOR)


def wavefronts_of(offsets: list[int], itemsize: int) -> tuple[int, int]:
    """Return how many passes through the banks these byte offsets need, and how many they need at least."""
    words = {word for offset in set(offsets) for word in range(offset // WORD, (offset + itemsize - 1) // WORD + 1)}
    busy = [0] * BANKS
    for word in words:
        busy[word % BANKS] += 1
    return max(busy), -(-len(words) // BANKS)
