"""`tinyseg racecheck`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer
from tinyseg_kernels.errors import InvalidInput

from .console import say
from .looking import Block, Roofline, RooflinePlot, Thread, TraceBlock, TraceFile, looking

if TYPE_CHECKING:
    from tinyseg_emulator.checks.findings import Findings

    from tinyseg.programs import ProgramReport

EXIT_FOUND = 1


class Compiling(TypedDict):
    """How CUDA C++ is compiled: macros by name, folders of headers, the standard of C++."""

    defines: dict[str, str]
    include: Sequence[Path]
    std: str


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command(
        epilog=(
            "Examples:  tinyseg racecheck reduce.cu    |    tinyseg racecheck kernels.py::blur --order up --order down"
            "    |    tinyseg racecheck program.cu -- 1024"
        )
    )(racecheck)


def racecheck(
    file: Annotated[
        str, typer.Argument(help="FILE.cu, FILE.cuh, FILE.py or FILE.ipynb, or FILE::KERNEL for one kernel of it.")
    ],
    order: Annotated[
        list[str] | None,
        typer.Option(
            help="Order in which a block's threads run: 'up', 'down' or 'rotated:<seed>'; may be given several times."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of random arguments.", min=0)] = 0,
    define: Annotated[
        list[str] | None, typer.Option("--define", "-D", help="CUDA C++: define a macro, NAME or NAME=VALUE.")
    ] = None,
    include: Annotated[
        list[Path] | None, typer.Option("--include", "-I", help="CUDA C++: look for headers in this folder, too.")
    ] = None,
    std: Annotated[str, typer.Option("--std", "-std", help="CUDA C++: the standard, such as c++20.")] = "",
    resources: Annotated[
        bool,
        typer.Option("--resources", help="CUDA C++: also compile for GPUs (NVRTC): registers, spills and occupancy."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    arguments: Annotated[
        list[str] | None, typer.Argument(help="Behind --: the arguments of a whole program.", metavar="[-- ARGUMENTS]")
    ] = None,
    seconds: Annotated[float, typer.Option(help="The longest that a whole program may run.", min=1)] = 120.0,
    trace: TraceFile = None,
    trace_block: TraceBlock = None,
    thread: Thread = None,
    block: Block = None,
    roofline: Roofline = False,
    roofline_plot: RooflinePlot = None,
) -> None:
    """Run GPU kernels on the CPU and report what is wrong with them.

    Found are races, diverging barriers, accesses out of bounds, reads of unset shared memory, misaligned accesses, bank
    conflicts and uncoalesced access.

    A comment in the file says how each kernel is launched, with blocks, threads, bytes of dynamic shared memory, and
    arguments:

    // racecheck: scale<<<2, 64>>>(float x[128] = random, float y[128], float factor = 0.5, int n = 128)

    #  racecheck: scale[2, 64](x: float32[128] = random, y: float32[128], factor: float32 = 0.5, n: int32 = 128)

    Behind an arrow stands what the results are expected to be, in NumPy's words:  -> y = factor * x

    A .cu file with main() and without such comments is a whole program: host and device code are compiled, and main()
    runs with the arguments behind --, under the same checks. Its output comes as it is printed, the report below a
    line. Errors that the program does not look at, leaks, host code that uses device memory or does not wait for it,
    and streams that nothing orders are findings too.

    Kernels without such a comment are named as not checked; ask for FILE::KERNEL to check one without them. The exit
    code is 1 when something is wrong, and also when a kernel was not checked, or a launch touches no memory, which
    checks nothing; bank conflicts and uncoalesced access are shown, but are not errors.
    """
    name, _, kernel = file.partition("::")
    macros = dict(macro.partition("=")[::2] if "=" in macro else (macro, "1") for macro in define or ())
    compiling: Compiling = {"defines": macros, "include": include or (), "std": std}
    program = bool(arguments) or (not kernel and _is_program(Path(name)))
    with looking(trace, trace_block, thread, block, as_json and not program, roofline, roofline_plot) as look:
        if program:
            report = _run_program(Path(name), arguments or [], seconds, as_json, compiling, resources)
            findings = report.findings
        else:
            findings = _check(Path(name), kernel or None, order, seed, compiling, resources)
    look.write(trace, findings, Path(name).name)
    if program:
        raise typer.Exit(EXIT_FOUND if len(findings) else 0)
    print(json.dumps(findings.to_json(), indent=1)) if as_json else say(str(findings))
    if len(findings) or findings.not_checked:
        raise typer.Exit(EXIT_FOUND)


def _is_program(path: Path) -> bool:
    if path.suffix not in (".cu", ".cuh", ".cpp", ".cc") or not path.is_file():
        return False
    from tinyseg_emulator.cuda.program.build import is_program
    from tinyseg_emulator.cuda.source_files import read_source

    return is_program(read_source(path))


def _run_program(
    path: Path, arguments: list[str], seconds: float, as_json: bool, compiling: Compiling, resources: bool
) -> ProgramReport:
    from tinyseg.programs import ProgramLimits, check_program
    from tinyseg.programs.checking import RULE

    report = check_program(
        path, arguments, limits=ProgramLimits(seconds=seconds), pass_on=not as_json, resources=resources, **compiling
    )
    if as_json:
        print(json.dumps(report.to_json(), indent=1))
    else:
        say("\n" * report.line_is_open + RULE)
        say(str(report))
    return report


def _check(
    path: Path, kernel: str | None, orders: list[str] | None, seed: int, options: Compiling, resources: bool
) -> Findings:
    if not path.is_file():
        raise InvalidInput(f"{path}: no such file")
    if path.suffix in (".cu", ".cuh", ".ipynb"):
        from tinyseg_emulator.cuda.check import THREAD_ORDERS, CompilerOptions, check_cuda
        from tinyseg_emulator.notebook_file import check_notebook

        check = check_notebook if path.suffix == ".ipynb" else check_cuda
        orders, given = orders or list(THREAD_ORDERS), CompilerOptions(**options, resources=resources)
        return check(path, kernel, thread_orders=orders, seed=seed, options=given)
    if path.suffix == ".py":
        if find_spec("greenlet") is None:
            raise InvalidInput(
                f"{path}: Numba kernels are executed by means of greenlet, which is not installed "
                "(pip install 'tinyseg[emulator]')"
            )
        from tinyseg_emulator.simulator.check import THREAD_ORDERS, check_numba

        return check_numba(path, kernel, thread_orders=orders or THREAD_ORDERS, seed=seed)
    raise InvalidInput(
        f"{path}: expected a .cu file (CUDA C++; or .cuh), a .py file (Numba) or a notebook (.ipynb), got "
        f"'{path.suffix}'"
    )
