"""Runs a compiled program in this process; what is found goes out as lines of JSON.

The process belongs to the program: it ends as the program ends, by the end of main(), exit() or a signal. The watcher
(`tinyseg.programs`) starts it and reads the lines.
"""

from __future__ import annotations

import bisect
import ctypes
import json
import linecache
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...checks.findings import Findings
from ...checks.kernel_error import KernelError
from ...checks.looking import options_of
from ...checks.options import current_options, emulation
from ...checks.records import Failure as FailureFound
from ...checks.records import Finding
from .. import native
from ..checked_launch import Checks
from ..library import Library
from ..printing import begin_printing
from .memory import LaunchedKernel, ProgramMemory
from .native import EndCallback, LaunchCallback, Request, host_runtime


class _ProgramChecks(Checks):
    """The checks of one launch of a program."""

    memory_map = ProgramMemory

    def _refused(self, failure: native.Failure) -> Finding:
        assert isinstance(self.memory, ProgramMemory)
        what = self.memory.host_pointer(failure.address) if failure.text != b"misaligned" else ""
        if not what:
            return super()._refused(failure)
        verb = {0: "reads", 1: "writes", 2: "updates"}[failure.access]
        hint = ": a kernel can use what cudaMalloc or cudaMallocManaged gave" if what == "host memory" else ""
        text = f"out of bounds: {verb} {what}{hint}"
        failure.text = text.encode()
        return FailureFound(
            self.kernel.name, text, self._place(failure.code), failure.block.triple(), failure.thread.triple()
        )


class _Runner:
    def __init__(self, library: Library, write: Callable[[dict[str, Any]], None], looking: dict[str, Any]) -> None:
        self.library, self.write, self.looking = library, write, looking
        self._told: set[tuple[str, str, int, int]] = set()

    def checked(self, request: Any, launch: Any, failure: Any) -> None:
        """Run a launch under all checks."""
        self._guarded(self._checked, request, launch, failure)

    def failed(self, request: Any, launch: Any, failure: Any) -> None:
        """Tell of a launch that ran without checks and did not come to its end."""
        self._guarded(self._failed, request, launch, failure)

    def _guarded(self, work: Callable[[Any, Any, Any], None], *arguments: Any) -> None:
        try:
            work(*(argument.contents for argument in arguments))
        except Exception as error:  # nothing may pass through the program's frames
            self.write({"record": "internal", "what": f"{type(error).__name__}: {error}"})

    def _checked(self, request: Request, launch: native.Launch, failure: native.Failure) -> None:
        kernel = LaunchedKernel(request, self.library.table)
        with emulation(races=True, memory_report=True, **self.looking) as findings:
            checks = _ProgramChecks(kernel, self.library, (), launch, current_options())  # type: ignore[arg-type]
            native.runtime().tinyseg_launch(ctypes.byref(launch), ctypes.byref(failure))
            checks.collect(failure)
            checks.report(failure)
            self._tell_of_launch(kernel, request, launch)
            if failure.failed:
                self._add_failure(kernel, failure, findings)
        self.tell(findings)

    def _tell_of_launch(self, kernel: LaunchedKernel, request: Request, launch: native.Launch) -> None:
        """Write what decides the occupancy of a launch, once for each kind."""
        x, y, z = launch.block
        function = request.function or self._touching(kernel)
        symbol = self.library.layout.functions.get(function - self.library.base, "") if function else ""
        key = (kernel.name, symbol, x * y * z, int(launch.dynamic_shared))
        if symbol and key not in self._told:
            self._told.add(key)
            names = ("kernel", "symbol", "threads", "dynamic_shared")
            self.write({"record": "launched", **dict(zip(names, key, strict=True))})

    def _touching(self, kernel: LaunchedKernel) -> int:
        """Return the function of a template's kernel that touched memory in the launch before; 0 for none."""
        word = f"{len(kernel.plain_name)}{kernel.plain_name}"
        starts = sorted(self.library.layout.functions)
        uses = native.runtime().tinyseg_uses()
        for k in range(native.runtime().tinyseg_use_count()):
            at = bisect.bisect_right(starts, uses[k].code - self.library.base) - 1
            if at >= 0 and word in self.library.layout.functions[starts[at]]:
                return starts[at] + self.library.base
        return 0

    def _failed(self, request: Request, launch: native.Launch, failure: native.Failure) -> None:
        findings = Findings()
        self._add_failure(LaunchedKernel(request, self.library.table), failure, findings)
        self.tell(findings)

    def _add_failure(self, kernel: LaunchedKernel, failure: native.Failure, findings: Findings) -> None:
        place = f"{failure.file.decode(errors='replace')}:{failure.line}" if failure.file else None
        place = place or self.library.place(failure.code, after_call=bool(failure.address))
        text = failure.text.decode(errors="replace")
        error = KernelError(
            kernel.name, text, place=place, block=failure.block.triple(), thread=failure.thread.triple()
        )
        if not any(place in _places(finding) for finding in findings):  # else a finding tells it
            findings.add(FailureFound.of(error))

    def tell(self, findings: Findings) -> None:
        """Write what was found."""
        for finding in findings:
            self.write({"record": "finding", "kind": type(finding).__name__, "fields": asdict(finding)})
        trace = self.looking["trace"]
        while trace is not None and trace.launches:
            self.write({"record": "trace", "launch": asdict(trace.launches.pop())})
        for work in findings.works:
            self.write({"record": "work", "work": work.to_json()})
        for line in findings.traffic:
            self.write({"record": "traffic", "fields": asdict(line)})


def _places(finding: Finding) -> list[str | None]:
    return [*(access.place for access in finding.accesses), getattr(finding, "place", None)]


def run(
    library_path: str,
    filename: str,
    source: str,
    arguments: Sequence[str],
    descriptor: int,
    device_memory: int,
    looking: Mapping[str, Any],
    ready: Callable[[], None],
) -> None:
    """Run main() and end this process.

    Args:
        library_path: The compiled program.
        filename: Name of its file; the first of the arguments of main().
        source: Text of its file.
        arguments: The other ones.
        descriptor: Where lines of JSON are written to.
        device_memory: Bytes of memory that the device has.
        looking: What is looked at, as `checks/looking.py` has it.
        ready: Called when all is loaded, before anything of the program runs: it sets limits.
    """

    def write(record: dict[str, Any]) -> None:
        data = json.dumps(record).encode() + b"\n"
        while data:  # a trace is more than a pipe takes at once
            data = data[os.write(descriptor, data) :]

    linecache.cache[filename] = (len(source), None, [f"{line}\n" for line in source.split("\n")], filename)
    host = host_runtime()
    native.runtime().tinyseg_dynamic_begin(0)  # stacks of the threads: before memory is limited
    host.tinyseg_program_memory(device_memory)
    host.tinyseg_program_records(descriptor)
    end = EndCallback(lambda: None)
    host.tinyseg_program_at_end(end)
    ready()
    library = Library(Path(library_path), filename)
    runner = _Runner(library, write, options_of(looking))
    with emulation(focus=runner.looking["focus"]):
        begin_printing(current_options())
    checked, failed = LaunchCallback(runner.checked), LaunchCallback(runner.failed)
    host.tinyseg_program_callbacks(checked, failed)
    _introduce(host, library)
    words = [filename, *arguments]
    argv = (ctypes.c_char_p * (len(words) + 1))(*(word.encode("utf-8", "surrogateescape") for word in words), None)
    environment = [f"{name}={value}".encode("utf-8", "surrogateescape") for name, value in os.environ.items()]
    envp = (ctypes.c_char_p * (len(environment) + 1))(*environment, None)
    main = ctypes.cast(library.handle.main, ctypes.c_void_p)
    host.tinyseg_program_main(main, len(words), argv, envp)


def _introduce(host: ctypes.CDLL, library: Library) -> None:
    """Tell the runtime where the program's library lies, and what its kernels have of static shared memory."""
    begin = library.base + min(address for address, _ in library.layout.segments)
    end = library.base + max(address + size for address, size in library.layout.segments)
    sizes: dict[tuple[str, str], int] = {}  # of several instances of a template the largest
    for variable in library.layout.variables:
        if variable.function:
            key = (variable.function.rpartition("::")[2], variable.name)
            sizes[key] = max(sizes.get(key, 0), variable.size)
    shared = " ".join(f"{name} {size}" for (name, _), size in sizes.items())
    anchor = ctypes.cast(library.handle.tinyseg_anchor, ctypes.c_void_p)
    layout = library.layout
    host.tinyseg_program_library(begin, end, anchor, layout.anchor, layout.shared_size, shared.encode())
