"""`tinyseg gradcheck`."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from tinyseg_kernels.backend import GPU_BACKENDS, RUNGS
from tinyseg_kernels.errors import unknown_name
from tinyseg_kernels.gpu.availability import why_not_emulated, why_unavailable

from .console import say

EXIT_WRONG = 1


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command(
        epilog="Examples:  tinyseg gradcheck    |    tinyseg gradcheck Conv2D MaxPooling2D --backend numpy --verbose"
    )(gradcheck)


def gradcheck(
    layers: Annotated[
        list[str] | None, typer.Argument(help="Names of layers, such as Conv2D; all when none is given.")
    ] = None,
    backend: Annotated[
        str | None, typer.Option(help="Check on this backend only; on all that this machine can run when not given.")
    ] = None,
    emulate: Annotated[
        bool, typer.Option("--emulate", help="Run the kernels of the GPU backends on the CPU; no GPU is needed.")
    ] = False,
    limit: Annotated[int, typer.Option(help="Positions to compare in each array.", min=1)] = 60,
    seed: Annotated[int, typer.Option(help="Of inputs, parameters and upstream gradients.", min=0)] = 0,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Print the table of every check, also of those that pass.")
    ] = False,
) -> None:
    """Check the gradients of layers against central differences in float64, with random inputs, parameters and upstream gradients.

    Prints a line for each layer and backend, and the whole table of each check that fails; the exit code is then 1.
    """
    from tinyseg.check.layer_cases import LAYER_CASES

    known = sorted({case.layer.__name__ for case in LAYER_CASES})
    for name in layers or []:
        if name not in known:
            raise unknown_name("layer", name, known)
    if backend is not None and backend not in RUNGS:
        raise unknown_name("backend", backend, RUNGS)
    chosen = [case for case in LAYER_CASES if not layers or case.layer.__name__ in layers]
    backends = [backend] if backend else [name for name in RUNGS if name not in GPU_BACKENDS or _runs(name, emulate)]
    jobs = [(case, name) for case in chosen for name in backends]
    started, wrong = time.monotonic(), 0
    compared, left_out, worst = 0, 0, 0.0
    for case, name in jobs:
        report = case.check(name, limit, seed, emulate=emulate and name in GPU_BACKENDS)
        compared += sum(a.checked for a in report.arguments)
        left_out += sum(a.excluded for a in report.arguments)
        worst = max(worst, report.error)
        wrong += not report.passed
        say(f"{'ok   ' if report.passed else 'WRONG'}  {report.error:7.1e}  {name:10}  {case.label}")
        if verbose or not report.passed:
            say(str(report))
    say(
        f"{len(jobs) - wrong} of {len(jobs)} checks passed; {compared:,} positions compared, {left_out} left out at kinks, "
        f"worst relative error {worst:.1e}, {time.monotonic() - started:.1f} s"
    )
    if wrong:
        raise typer.Exit(EXIT_WRONG)


def _runs(backend: str, emulate: bool) -> bool:
    """Whether a GPU backend can run, and say so if not: a check left out must be seen."""
    reason = why_not_emulated(backend) if emulate else why_unavailable(backend)
    if reason is not None:
        say(f"left out: backend {backend!r}: {reason}{'' if emulate else ' (--emulate runs it on the CPU)'}")
    return reason is None
