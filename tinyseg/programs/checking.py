"""Compiles a whole CUDA program, runs it under all checks, and returns the report."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tinyseg_emulator.checks.findings import Findings
from tinyseg_emulator.checks.looking import settings_of
from tinyseg_emulator.checks.options import current_options
from tinyseg_emulator.checks.records import ProgramFault
from tinyseg_emulator.cuda.compiler import CHECKED, COUNTED
from tinyseg_emulator.cuda.program.build import compile_program, program_runtime
from tinyseg_emulator.cuda.program.telling import Telling
from tinyseg_emulator.cuda.resources import device_part, measure, table
from tinyseg_emulator.cuda.source_files import read_source
from tinyseg_kernels.errors import InvalidInput

from tinyseg.exercises.sandbox.ends import how_it_ended

from .limits import ProgramLimits
from .process import ProgramProcess, Sink

RULE = "-" * 24 + " racecheck " + "-" * 24
_LIMITS = {
    "time": "it ran longer than {0.seconds:g} s",
    "memory": "it took more than {0.memory} bytes of memory",
    "output": "it printed more than {0.output} bytes",
}


@dataclass
class ProgramReport:
    """What a run of a program showed.

    Args:
        findings: What is wrong, and the traffic of each line.
        notes: What else there is to know: launches that were not checked, and calls whose errors are thrown away.
        exit_code: What main() or exit() gave, or minus the number of a signal.
        printed: The beginning of its output, when it was not passed on.
        line_is_open: Whether the last line that it printed has no end.
    """

    findings: Findings
    notes: list[str]
    exit_code: int
    printed: str = ""
    line_is_open: bool = False

    def __str__(self) -> str:
        parts = [str(self.findings), *(f"note: {note}" for note in self.notes)]
        return "\n\n".join([*parts[:1], "\n".join([*parts[1:], f"The program ended with exit code {self.exit_code}."])])

    def to_json(self) -> dict[str, Any]:
        """Return everything as lists and dictionaries that `json.dumps` takes."""
        return {
            **self.findings.to_json(),
            "notes": self.notes,
            "exit_code": self.exit_code,
            "printed": self.printed,
        }


def check_program(
    path: str | Path,
    arguments: Sequence[str] = (),
    *,
    include: Sequence[Path] = (),
    defines: Mapping[str, str | int] | None = None,
    std: str = "",
    limits: ProgramLimits | None = None,
    pass_on: bool = True,
    resources: bool = False,
) -> ProgramReport:
    """Run main() of a .cu file, with all that it launches, under all checks.

    Args:
        path: The file; it runs in the file's folder.
        arguments: Those of main(), behind the program's name.
        include: More folders of headers.
        defines: Macros.
        std: Name of the C++ standard, such as 'c++20'; '' for C++17.
        limits: What it may use.
        resources: Also compile the device part for GPUs (NVRTC): registers, spills and occupancy of each launch.
        pass_on: Write its output to this process's own, as it comes; else keep the beginning.

    Raises:
        InvalidInput: The file cannot be read or compiled.
    """
    path, limits = Path(path), limits or ProgramLimits()
    if not path.is_file():
        raise InvalidInput(f"{path}: no such file")
    source = read_source(path)
    folders = [path.resolve().parent, *include]
    form = COUNTED if current_options().roofline else CHECKED
    program = compile_program(source, str(path), folders, dict(defines or {}), std or "c++17", form)
    program_runtime()
    kept = bytearray()
    telling = Telling(program, current_options().trace)
    settings = {
        "library": str(program.library),
        "filename": str(path),
        "source": source,
        "arguments": list(arguments),
        "memory": limits.memory,
        "seconds": limits.seconds,
        "file_size": limits.file_size,
        "looking": settings_of(current_options()),
    }
    last = bytearray(b"\n")
    out = _writer(sys.stdout, last) if pass_on else kept.extend
    err = _writer(sys.stderr, bytearray()) if pass_on else kept.extend
    process = ProgramProcess(settings, path.resolve().parent, limits, out, err, telling.take)
    code = process.wait()
    telling.finish()
    _add_end(telling, process, code, limits)
    if resources:
        _add_resources(telling, source, str(path), folders, dict(defines or {}), std or "c++17")
    status = telling.status if telling.status is not None else code
    return ProgramReport(telling.findings, telling.notes, status, kept.decode("utf-8", "replace"), last != b"\n")


def _add_resources(
    telling: Telling, source: str, filename: str, folders: Sequence[Path], defines: dict[str, str | int], std: str
) -> None:
    """Add what the launches take of GPUs."""
    launched = list(dict.fromkeys(telling.launched))
    if not launched:
        telling.notes.append("registers and occupancy are not shown: no launch ran under the checks")
        return
    text = device_part(source, filename, [launch.symbol for launch in launched], folders)
    uses, why = measure(text, filename, launched, folders, defines, std)
    telling.findings.resources += [use.to_json() for use in uses]
    telling.findings.notes += [*([table(uses)] if uses else []), *([why] if why else [])]


def _add_end(telling: Telling, process: ProgramProcess, code: int, limits: ProgramLimits) -> None:
    """Add a finding for an end that the program itself could not tell of."""
    if process.why in ("memory", "output") or (process.why == "time" and not telling.ended):
        what = f"the program was ended: {_LIMITS[process.why].format(limits)}"
        telling.findings.add(ProgramFault("", what, None, "limit"))
    elif process.why == "interrupted" and not telling.ended:
        telling.findings.add(ProgramFault("", "interrupted", None, "limit"))
    elif not telling.ended:
        telling.findings.add(ProgramFault("", how_it_ended(code), None, "crash"))


def _writer(stream: IO[str], last: bytearray) -> Sink:
    """Return what writes bytes to a text stream, as they come, and keeps the last one."""
    binary = getattr(stream, "buffer", None)

    def write(data: bytes) -> None:
        last[:] = data[-1:]
        if binary is None:
            stream.write(data.decode("utf-8", "replace"))
        else:
            binary.write(data)
        stream.flush()

    return write
