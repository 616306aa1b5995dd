"""The checks of one launch of a CUDA C++ kernel.

It tells the runtime what memory there is, and turns what it found into `Findings`.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..checks.findings import Findings
from ..checks.kernel_error import KernelError
from ..checks.options import Options, current_findings
from ..checks.records import (
    Access,
    DivergentBarrier,
    Finding,
    LineTraffic,
    Misaligned,
    OutOfBounds,
    Race,
    UninitialisedRead,
)
from ..checks.report import finding_text
from ..checks.roofline.work import Work
from ..checks.trace import blocks_of
from ..checks.undefined import UndefinedOperation
from . import native
from .endings import endless
from .library import Library
from .memory_map import MemoryMap
from .native import ACCESSES, Failure, Launch, Region, runtime
from .tracing import Collected, begin_trace
from .work import WorkOfLaunch

if TYPE_CHECKING:
    from .module import CudaKernel


class Checks:
    """Set up before the launch.

    `collect` copies what was found, and `report` hands it to the innermost `emulation(...)`.
    """

    memory_map: type[MemoryMap] = MemoryMap

    def __init__(
        self, kernel: CudaKernel, library: Library, args: Sequence[Any], launch: Launch, options: Options
    ) -> None:
        self.kernel, self.library, self.options = kernel, library, options
        self.memory = self.memory_map(kernel, library, args, launch)
        self._findings: list[Finding] = []
        self._traffic: list[LineTraffic] = []
        self._work: Work | None = None
        self._trace = options.trace if options.trace is not None and options.trace.wants(options.thread_order) else None
        self._collected = Collected(kernel.name, tuple(launch.grid), tuple(launch.block), library, self.memory)
        active = native.BOUNDS
        active |= native.RACES | native.UNINITIALISED if options.races else 0
        active |= native.MEMORY_USE if options.memory_report else 0
        self._counted = WorkOfLaunch(kernel, library, launch) if options.roofline and options.memory_report else None
        active |= native.FOOTPRINT if self._counted is not None else 0
        regions, variables = self.memory.regions(), self.memory.shared_variables()
        runtime().tinyseg_forget_undefined()
        runtime().tinyseg_begin_checks(
            ctypes.byref(launch),
            active,
            (Region * len(regions))(*regions),
            len(regions),
            (Region * len(variables))(*variables),
            len(variables),
        )
        if self._trace is not None:
            begin_trace(self._trace)
        if self._counted is not None:
            self._counted.begin()

    def collect(self, failure: Failure) -> None:
        """Copy what was found out of the runtime; a failure at an address gets its text here."""
        cut = bool(runtime().tinyseg_checks_were_suspended())
        count = runtime().tinyseg_end_checks(int(not failure.failed))
        found = runtime().tinyseg_findings()
        every = (self._finding(found[k]) for k in range(count) if not _says_the_same(found[k]))
        self._findings = [finding for finding in every if not _is_guard(getattr(finding, "array", ""))]
        undefined = runtime().tinyseg_undefined_operations()
        self._findings += [self._undefined(undefined[k]) for k in range(runtime().tinyseg_undefined_count())]
        uses = runtime().tinyseg_uses()
        lines = (self._line(uses[k]) for k in range(runtime().tinyseg_use_count()))
        self._traffic = [line for line in lines if not _is_guard(line.array)]
        self._work = (
            self._counted.end(self.memory, self._traffic, cut) if self._counted and not failure.failed else None
        )
        if failure.failed:
            refused = self._refused(failure) if failure.address else self._stopped(failure)
            self._findings += [refused] if refused else []
        if self._trace is not None:
            told = blocks_of(self._findings)
            told += [failure.block.triple()] if failure.failed else []
            self._collected.collect(not failure.failed, told)
            self._trace.add(self._collected.launch, told)

    def report(self, failure: Failure) -> None:
        """Add the findings to those of the innermost `emulation(...)`.

        Raises `KernelError` at the first when that is asked for.
        """
        into = current_findings()
        findings = Findings() if into is None else into
        for finding in self._findings:
            findings.add(finding)
        for line in self._traffic:
            findings.add_traffic(line)
        if self._work is not None:
            findings.add_work(self._work)
        if self.options.raise_on_finding and self._findings and not failure.failed:
            raise KernelError(self.kernel.name, finding_text(self._findings[0]))

    def _place(self, code: int | None) -> str:
        return self.library.place(code) or "?"

    def _access(self, touch: native.Touch, value: str) -> Access:
        return Access(
            ACCESSES[touch.access], self._place(touch.code), touch.block.triple(), touch.thread.triple(), value
        )

    def _undefined(self, found: native.Undefined) -> Finding:
        what, left, right, result = (
            bytes(text).decode("ascii", "replace") for text in (found.what, found.left, found.right, found.result)
        )
        place = f"{found.file.decode('utf-8', 'replace')}:{found.line}"
        block, thread = found.block.triple(), found.thread.triple()
        return UndefinedOperation(self.kernel.name, what, left, right, result, place, block, thread, count=found.count)

    def _finding(self, found: native.Finding) -> Finding:
        spot = self.memory.spot(found.address, found.size)
        before = spot.number(bytes(found.before)[: found.size])
        after = spot.number(bytes(found.after)[: found.size]) if found.value_known else ""
        second = self._access(found.second, before if found.second.access == 0 else after)
        if found.kind != native.RACE:
            return UninitialisedRead(self.kernel.name, spot.memory, spot.array, spot.index, second, count=found.count)
        both_write = ACCESSES[found.first.access] == ACCESSES[found.second.access] == "write"
        return Race(
            self.kernel.name,
            spot.memory,
            spot.array,
            spot.index,
            self._access(found.first, before),
            second,
            bool(both_write and found.all_same),
            self._advice(found),
            count=found.count,
        )

    def _advice(self, found: native.Finding) -> str:
        line = self._place(found.between).rpartition("/")[2] if found.between else ""
        one_block = found.first.block.triple() == found.second.block.triple()
        fence = "__threadfence_block()" if one_block else "__threadfence()"
        if found.advice == native.FENCE_BEFORE:
            return (
                f"A fence is missing: put {fence} between the first access and the atomic or volatile write at {line}. "
                "Without it the other thread may see the latter and not yet the former."
            )
        if found.advice == native.FENCE_AFTER:
            return (
                f"A fence is missing: put {fence} between the atomic or volatile read at {line} and the second access. "
                "Without it the latter may be done before the former."
            )
        if found.advice == native.PLAIN_FLAG:
            return (
                "A loop that waits for another thread must read a volatile variable or use an atomic: a compiler may "
                "read a plain one once."
            )
        if found.first_launch:
            return (
                "Nothing orders these two launches: put both into one stream, or let one wait for the other (an event, "
                "cudaDeviceSynchronize)."
            )
        return ""

    def _refused(self, failure: Failure) -> Finding:
        spot = self.memory.spot(failure.address, failure.size)
        place = self._place(failure.code)
        access = Access(ACCESSES[failure.access], place, failure.block.triple(), failure.thread.triple())
        verb = {"read": "reads", "write": "writes", "atomic": "updates"}[access.kind]
        if failure.text == b"misaligned":
            failure.text = (
                f"misaligned: {verb} {failure.size} bytes at byte {spot.offset} of {spot.memory} array "
                f"{spot.array!r}, no multiple of {failure.size}"
            ).encode()
            return Misaligned(self.kernel.name, spot.memory, spot.array, spot.offset, failure.size, access)
        failure.text = (
            f"out of bounds: {verb} {spot.memory} array {spot.array!r} of shape {spot.shape} at [{spot.index}]"
        ).encode()
        return OutOfBounds(self.kernel.name, spot.memory, spot.array, spot.index, spot.shape, access)

    def _stopped(self, failure: Failure) -> Finding | None:
        """Return the finding for a failure that the runtime put into words."""
        if failure.ending:
            return endless(self.kernel.name, failure, self.library, self.options)
        text, place = failure.text.decode(), f"{failure.file.decode()}:{failure.line}"
        block, thread = failure.block.triple(), failure.thread.triple()
        index = re.fullmatch(r"out of bounds: index (-?\d+) of '(.*?) ?((?:\[\d+\])+)'", text)
        if index:
            shape = f"({', '.join(re.findall(r'[0-9]+', index.group(3)))},)"
            access = Access("access", place, block, thread)
            return OutOfBounds(self.kernel.name, "declared", index.group(2), index.group(1), shape, access)
        if text.startswith(("divergent", "deadlock")):
            return DivergentBarrier(self.kernel.name, text, place, block)
        return None

    def _line(self, use: native.Use) -> LineTraffic:
        spot = self.memory.spot(use.address, use.size)
        shared = spot.memory == "shared"
        line = LineTraffic(
            self.kernel.name, self._place(use.code), spot.memory, ACCESSES[use.access], spot.array, use.requests
        )
        if shared:
            line.wavefronts, line.ideal_wavefronts = use.moved, use.ideal
        else:
            line.sectors, line.ideal_sectors, line.useful_bytes = use.moved, use.ideal, use.useful
        line.worst_ways = use.worst
        return line


def _is_guard(array: str) -> bool:
    """Return whether it is what C++ adds to a variable with a constructor, which CUDA does not run in shared memory."""
    return array.startswith("_ZGV")


def _says_the_same(found: native.Finding) -> bool:
    """Return whether both sides are volatile or atomic writes of one value, such as a flag that many threads set."""
    sides = (found.first.access, found.second.access)
    return found.kind == native.RACE and bool(found.all_same) and all(side in (2, 4) for side in sides) and 4 in sides
