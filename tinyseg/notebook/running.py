"""A cell as a file of its own, checked as the command `tinyseg racecheck` checks a file."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tinyseg_emulator.checks.findings import Findings
from tinyseg_emulator.checks.focus import focus_of, index3
from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.checks.trace import Trace
from tinyseg_emulator.cuda.program.build import is_program
from tinyseg_kernels.errors import InvalidInput

from .view import Report


@dataclass(frozen=True)
class Wishes:
    """What a cell's options ask for.

    Args:
        kernel: Name of the one kernel to check; None for all.
        orders: The orders of threads; empty for the usual ones.
        seed: Of random arguments.
        defines: Macros of CUDA C++.
        include: Folders of its headers, beside the one that the notebook runs in.
        std: Its standard, '' for C++17.
        resources: Whether CUDA C++ is compiled for GPUs as well, for registers and occupancy.
        roofline: Whether operations are counted.
        trace: Whether the trace is shown below the report.
        trace_block: Its block, as text.
        thread: The one thread that prints, as text.
        block: The block of that thread.
        seconds: The longest that a whole program may run.
        arguments: Those of a whole program.
    """

    kernel: str | None = None
    orders: tuple[str, ...] = ()
    seed: int = 0
    defines: Mapping[str, str | int] = field(default_factory=dict)
    include: Sequence[str] = field(default_factory=tuple)
    std: str = ""
    resources: bool = False
    roofline: bool = False
    trace: bool = False
    trace_block: str | None = None
    thread: str | None = None
    block: str | None = None
    seconds: float = 120.0
    arguments: Sequence[str] = field(default_factory=tuple)


def check_cell(source: str, wishes: Wishes, *, program: bool = False) -> Report:
    """Run a cell's kernels under all checks.

    Args:
        source: The cell without the line of its magic: CUDA C++ if it has a `__global__`, else Python with Numba.
        wishes: Its options.
        program: Whether it must be a whole CUDA program; one that has a `main` is run as one in any case, unless it has
            launch comments.

    Raises:
        InvalidInput: The cell cannot be compiled or run, or an option is wrong.
    """
    cuda = program or "__global__" in source
    if program and not is_program(source):
        raise InvalidInput(
            "expected a whole program, with main() and without launch comments; kernels alone are for %%racecheck"
        )
    block = None if wishes.trace_block is None else index3(wishes.trace_block, "--trace-block")
    trace = Trace(block) if wishes.trace or block is not None else None
    with tempfile.TemporaryDirectory(prefix="tinyseg-cell-") as folder:
        path = Path(folder) / ("cell.cu" if cuda else "cell.py")
        path.write_text(source, encoding="utf-8")
        notes: list[str] = []
        try:
            with emulation(trace=trace, focus=focus_of(wishes.thread, wishes.block), roofline=wishes.roofline):
                if cuda and is_program(source):
                    findings, notes = _program(path, wishes)
                else:
                    findings = _kernels(path, wishes)
        except InvalidInput as error:
            raise InvalidInput(str(error).replace(f"{folder}/", "")) from error
        return Report.of(findings, trace, notes, path)


def _program(path: Path, wishes: Wishes) -> tuple[Findings, list[str]]:
    from ..programs import ProgramLimits, check_program

    report = check_program(
        path,
        wishes.arguments,
        include=_folders(wishes),
        defines=wishes.defines,
        std=wishes.std,
        limits=ProgramLimits(seconds=wishes.seconds),
        resources=wishes.resources,
    )
    return report.findings, [*report.notes, f"The program ended with exit code {report.exit_code}."]


def _folders(wishes: Wishes) -> list[Path]:
    """Return where headers lie: a cell is no file, so those beside the notebook come first."""
    return [Path.cwd(), *(Path(folder).expanduser().resolve() for folder in wishes.include)]


def _kernels(path: Path, wishes: Wishes) -> Findings:
    if path.suffix == ".cu":
        from tinyseg_emulator.cuda.check import THREAD_ORDERS, CompilerOptions, check_cuda

        options = CompilerOptions(wishes.defines, _folders(wishes), wishes.std, wishes.resources)
        orders = wishes.orders or THREAD_ORDERS
        return check_cuda(path, wishes.kernel, thread_orders=orders, seed=wishes.seed, options=options)
    from tinyseg_emulator.simulator.check import THREAD_ORDERS as NUMBA_ORDERS
    from tinyseg_emulator.simulator.check import check_numba

    return check_numba(path, wishes.kernel, thread_orders=wishes.orders or NUMBA_ORDERS, seed=wishes.seed)
