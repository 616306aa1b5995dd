"""`tinyseg gradcheck`."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer
from tinyseg_kernels.backend import GPU_BACKENDS, RUNGS
from tinyseg_kernels.errors import unknown_name
from tinyseg_kernels.gpu.availability import why_not_emulated, why_unavailable

from .console import say

EXIT_WRONG = 1


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command(epilog="Examples:  tinyseg gradcheck    |    tinyseg gradcheck Conv2D Adam --backend numba --verbose")(
        gradcheck
    )


def gradcheck(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Layers, losses, optimizers, metrics or operations, such as Conv2D, Dice, Adam, MeanIoU, batch_norm; "
            "all when none is given."
        ),
    ] = None,
    backend: Annotated[
        str | None, typer.Option(help="Check on this backend only; on all that this machine can run when not given.")
    ] = None,
    emulate: Annotated[
        bool, typer.Option("--emulate", help="Run the kernels of the GPU backends on the CPU; no GPU is needed.")
    ] = False,
    limit: Annotated[
        int, typer.Option(help="Positions to compare with central differences in each array.", min=1)
    ] = 60,
    seed: Annotated[int, typer.Option(help="Of inputs, parameters and upstream gradients.", min=0)] = 0,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Print the table of every check, also of those that pass.")
    ] = False,
) -> None:
    """Check all layers, losses, operations, optimizers and metrics on each backend, with random numbers.

    Gradients in float64 against central differences; results and gradients in float32, with which networks are
    trained, against a float64 run of the loops of the specification, to within what rounding explains. Each line says
    which rung computed: a backend that has no kernel of its own for something takes another rung. The whole table of
    each check that fails is printed; the exit code is then 1.
    """
    from tinyseg.check.subjects import chosen as chosen_subjects

    if backend is not None and backend not in RUNGS:
        raise unknown_name("backend", backend, RUNGS)
    subjects = chosen_subjects(names or [])
    backends = [backend] if backend else [name for name in RUNGS if name not in GPU_BACKENDS or _runs(name, emulate)]
    tally = _Tally(verbose)
    for subject in subjects:
        for name in backends:
            # Large arrays are there for the algorithms of compiled rungs. NumPy and the loops have one algorithm for
            # all, and an emulator takes minutes.
            emulated = emulate and name in GPU_BACKENDS
            if subject.large and (name in ("naive", "numpy") or emulated):
                tally.left_out += 1
                continue
            tally.check(subject, name, limit, seed, emulated)
    say(tally.summary())
    if tally.wrong or not tally.done:
        raise typer.Exit(EXIT_WRONG)


class _Tally:
    """Makes checks, prints a line for each, and counts them."""

    def __init__(self, verbose: bool) -> None:
        self.verbose, self.started = verbose, time.monotonic()
        self.done = self.wrong = self.compared = self.kinks = self.left_out = 0
        self.worst_difference = self.worst_share = 0.0

    def check(self, subject: Any, backend: str, limit: int, seed: int, emulate: bool) -> None:
        """Check one subject on one backend, both ways."""
        from tinyseg.check.precision import precision

        differences = None if subject.large else subject.differences(backend, limit, seed, emulate=emulate)
        rounded = precision(subject, seed, backend=backend, emulate=emulate)
        passed, columns = rounded.passed, ""
        if differences is not None:
            passed = passed and differences.passed
            self.compared += sum(a.checked for a in differences.arguments)
            self.kinks += sum(a.excluded for a in differences.arguments)
            self.worst_difference = max(self.worst_difference, differences.error)
            columns = f"float64 {differences.error:7.1e} by {_told(differences.rungs)}"
        worst = rounded.worst
        self.worst_share = max(self.worst_share, worst.error / worst.tolerance)
        self.done += 1
        self.wrong += not passed
        single = f"float32 {worst.error:7.1e} of {worst.tolerance:7.1e} by {_told(rounded.rungs)}"
        say(f"{'ok   ' if passed else 'WRONG'}  {backend:10}  {columns:28}  {single:44}  {subject.label}")
        if self.verbose or not passed:
            for report in (differences, rounded):
                if report is not None and (self.verbose or not report.passed):
                    say(str(report))

    def summary(self) -> str:
        """Return the last line."""
        left_out = f"; {self.left_out} left out: large arrays, which only compiled rungs and real GPUs need" * (
            self.left_out > 0
        )
        return (
            f"{self.done - self.wrong} of {self.done} checks passed; float64: {self.compared:,} positions compared, "
            f"{self.kinks} left out at kinks, worst relative error {self.worst_difference:.1e}; "
            f"float32: at most {self.worst_share:.0%} of the tolerance{left_out}; "
            f"{time.monotonic() - self.started:.1f} s"
        )


def _told(rungs: tuple[str, ...]) -> str:
    return "+".join(rungs) or "no kernel"


def _runs(backend: str, emulate: bool) -> bool:
    """Whether a GPU backend can run, and say so if not: a check left out must be seen."""
    reason = why_not_emulated(backend) if emulate else why_unavailable(backend)
    if reason is not None:
        say(f"left out: backend {backend!r}: {reason}{'' if emulate else ' (--emulate runs it on the CPU)'}")
    return reason is None
