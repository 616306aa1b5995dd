"""What a launch with checks writes down of each access, and turns into findings."""

from __future__ import annotations

import os
from types import FrameType
from typing import Any

import numpy as np

from ..checks.findings import Findings
from ..checks.kernel_error import Index3, KernelError
from ..checks.options import Options
from ..checks.records import Access, DivergentBarrier, Finding, OutOfBounds, Race, UninitialisedRead
from ..checks.report import finding_text
from .counting import Counting
from .orders import Place
from .places import spot
from .races import Ordering, RaceDetector, Record
from .spins import Spins
from .tracing import Tracer
from .traffic import Instruction, Traffic


class Recorder:
    """The checks of one launch.

    Args:
        kernel: Name of the kernel.
        grid: Its number of blocks.
        block: Its threads per block.
        options: Which checks.
        findings: Where what they find goes.
    """

    def __init__(self, kernel: str, grid: Index3, block: Index3, options: Options, findings: Findings) -> None:
        self.kernel, self.grid, self.block = kernel, grid, block
        self.options, self.findings = options, findings
        self.thread = 0
        self.ordering = Ordering(block[0] * block[1] * block[2])
        self.detectors = {
            "shared": RaceDetector(self.ordering, False, self._race),
            "global": RaceDetector(self.ordering, True, self._race),
        }
        self.traffic = Traffic(kernel, findings) if options.memory_report else None
        self.skipped_barrier: DivergentBarrier | None = None
        """A barrier to which some threads did not come, since they had ended.

        A GPU goes on without them, and much that is right relies on it; it is told when accesses behind it go wrong.
        """
        self.counting = Counting(kernel, grid, block) if options.roofline and options.memory_report else None
        self.comparing = False  # whether the atomic that runs now writes only where it finds what it expects
        self._unsure: list[tuple[Race, Place]] = []  # perhaps one side is a guess: races.py
        self.paused = False  # while somebody looks at arrays in the debugger
        self.spins: Spins | None = None
        self.trace = None
        if options.trace is not None and options.trace.wants(options.thread_order):
            self.trace = Tracer(options.trace, kernel, grid, block, findings)

    def enter_block(self, block: int | None = None) -> None:
        """Begin the next block."""
        self.ordering.enter_block(block)
        if self.spins is not None:
            self.spins.quiet = 0
        for detector in self.detectors.values():
            detector.enter_block()
        if self.traffic is not None:
            self.traffic.flush()

    def put_aside(self) -> tuple[Any, ...]:
        """Return what is known of the running block, for when it goes on."""
        if self.traffic is not None:
            self.traffic.flush()
        return self.ordering.put_aside(), self.detectors["shared"].cells

    def go_on(self, state: tuple[Any, ...]) -> None:
        """Let a block go on that was put aside."""
        of_ordering, self.detectors["shared"].cells = state
        self.ordering.go_on(of_ordering)

    def pass_block_barrier(self) -> None:
        """Note that all threads of the block have met."""
        self.ordering.pass_block_barrier()
        if self.traffic is not None:
            self.traffic.flush()

    def finish(self) -> None:
        """End the launch."""
        self._report_unsure()
        if self.trace is not None:
            self.trace.finish()
        if self.traffic is not None:
            self.traffic.finish(self.counting)

    def fail(self, error: KernelError) -> None:
        """End a launch that an error has ended."""
        if not self.options.raise_on_finding:
            self._report_unsure()
        if self.trace is not None:
            self.trace.finish(error.block or self.block_index())

    def access(self, array: Any, offset: int, index: tuple[int, ...], kind: str, value: Any, frame: FrameType) -> None:
        """Note that the running thread touches a number of an array, `offset` bytes from where its memory starts."""
        if self.paused:
            return
        if self.spins is not None:  # first: what other threads do meanwhile comes before this access
            self.spins.access((self.ordering.block, self.thread), kind, frame, value)
        place = (frame.f_code.co_filename, frame.f_lineno)
        storage = array.storage
        if storage.written is not None:
            if kind != "write" and offset not in storage.written and self.options.races:
                self.report(
                    UninitialisedRead(
                        self.kernel, storage.memory, storage.name, text_of(index), self.describe(kind, place, value)
                    )
                )
            storage.written.update(range(offset, offset + array.itemsize))  # so it is told once
        detector = self.detectors.get(storage.memory)
        if detector is None:
            return
        if self.trace is not None:
            self.trace.access(self.block_index(), self.thread, array, offset, kind, value, frame)
        if self.options.races:
            address, ordering = storage.address + offset, self.ordering
            if kind == "atomic":
                if self.comparing:
                    detector.compares(address, self.thread)
                ordering.orders.atomic(address, self.thread, ordering.epoch, ordering.clock_of(self.thread), place)
            elif kind == "write" and storage.memory == "global":
                ordering.orders.wrote(self.thread)
            detector.access(address, self.thread, kind, place, value, (storage, index))
            if kind == "atomic":
                ordering.count(self.thread)
        if self.counting is not None and storage.memory == "global":
            self.counting.access(storage.name, offset, array.itemsize, kind)
        if self.traffic is not None:
            instruction = Instruction(place, storage.memory, kind, storage.name, array.itemsize)
            self.traffic.access(spot(frame), instruction, self.thread, offset)

    def wait(self, of_block: bool, operation: str, frame: FrameType) -> None:
        """Note that the running thread waits at a barrier of its block, or for lanes of its warp."""
        if self.trace is not None:
            self.trace.wait(self.block_index(), self.thread, of_block, operation, frame)

    def out_of_bounds(self, array: Any, index: Any, kind: str, frame: FrameType) -> None:
        """Note an access outside an array."""
        if self.trace is not None and array.storage.memory != "local":
            self.trace.outside(self.block_index(), self.thread, array, index, kind, frame)
        access = self.describe(kind, (frame.f_code.co_filename, frame.f_lineno), None)
        storage = array.storage
        self.report(OutOfBounds(self.kernel, storage.memory, storage.name, text_of(index), str(array.shape), access))

    def report(self, finding: Finding) -> None:
        """Collect a finding, or raise it."""
        if self.options.raise_on_finding:
            head = finding_text(finding).removeprefix(f"kernel {self.kernel!r}: ")
            raise KernelError(self.kernel, head)
        self.findings.add(finding)
        if self.skipped_barrier is not None and isinstance(finding, Race | UninitialisedRead):
            self.findings.add(self.skipped_barrier)
            self.skipped_barrier = None

    def describe(self, kind: str, place: Place, value: Any) -> Access:
        """Describe an access of the thread that runs now."""
        return self._access(Record(self.thread, self.ordering.block, 0, place, kind, value))

    def _race(self, where: Any, earlier: Record, later: Record) -> None:
        storage, index = where
        benign = earlier.kind == later.kind == "write" and _same(earlier.value, later.value)
        first, second = self._access(earlier), self._access(later)
        advice = self._advice(earlier, later)
        race = Race(self.kernel, storage.memory, storage.name, text_of(index), first, second, benign, advice)
        kinds = {earlier.kind: earlier.place, later.kind: later.place}
        if kinds.keys() == {"read", "atomic"}:
            self._unsure.append((race, kinds["read"]))
        else:
            self.report(race)

    def _report_unsure(self) -> None:
        unsure, self._unsure = self._unsure, []
        for race, read in unsure:
            if read not in self.detectors[race.memory].guesses:
                self.report(race)

    def _advice(self, earlier: Record, later: Record) -> str:
        found = self.ordering.orders.missing_fence(
            earlier.block, earlier.thread, earlier.epoch, earlier.clock, later.thread, later.epoch
        )
        if found is None:
            return ""
        where, (file, line) = found
        atomic = f"{file.replace(os.sep, '/').rpartition('/')[2]}:{line}"
        fence = "cuda.threadfence_block()" if earlier.block == later.block else "cuda.threadfence()"
        if where == "before":
            return (
                f"A fence is missing: put {fence} between the first access and the atomic at {atomic}. Without it the "
                "other thread may see the latter and not yet the former."
            )
        return (
            f"A fence is missing: put {fence} between the atomic at {atomic} and the second access. Without it the "
            "latter may be done before the former."
        )

    def _access(self, record: Record) -> Access:
        (x, y, _), place = self.block, f"{record.place[0]}:{record.place[1]}"
        thread = (record.thread % x, record.thread // x % y, record.thread // (x * y))
        return Access(
            record.kind,
            place,
            self.block_index(record.block),
            thread,
            "" if record.value is None else str(record.value),
        )

    def block_index(self, number: int | None = None) -> Index3:
        """Return the index of a block of the grid, of the one that runs now unless a number is given."""
        x, y, _ = self.grid
        number = self.ordering.block if number is None else number
        return number % x, number // x % y, number // (x * y)


def text_of(index: Any) -> str:
    """Return an index as it is written between brackets."""
    text = ", ".join(str(i) for i in index) if isinstance(index, tuple) else str(index)
    wrapped = getattr(index, "element", None)
    return text if wrapped is None else f"{text}], which a GPU counts from the end: [{text_of(wrapped)}"


def _same(a: Any, b: Any) -> bool:
    return bool(np.asarray(a).tobytes() == np.asarray(b).tobytes())
