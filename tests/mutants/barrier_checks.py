"""What the checks say of workloads, as a process of its own: a line of JSON for each workload.

    python -m tests.mutants.barrier_checks [--files] WORKLOAD...

{"workload", "orders": {order of the threads: what was found}}; it ends behind the first workload on which something is
found in every order. With --files: {"workload", "files": the files whose kernels it launches}, without checks.

A workload is a probe of kernel_probes.py, an exercise's name behind 'exercise ', or a program's path behind 'program '.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from inspect import unwrap
from pathlib import Path
from typing import Any

from tinyseg_emulator.checks.kernel_error import KernelError
from tinyseg_emulator.checks.options import emulation
from tinyseg_emulator.checks.records import Failure
from tinyseg_emulator.cuda.module import CudaKernel
from tinyseg_emulator.simulator import simulate as simulator
from tinyseg_kernels.backend import GPU_BACKENDS, backend

from tests.mutants.kernel_probes import PROBES

ORDERS = ("up", "down", "rotated:1")
ROOT = Path(__file__).resolve().parents[2]


def found(workload: str, order: str) -> str:
    """Return what is found in a workload, '' for nothing."""
    kind, _, name = workload.partition(" ")
    if kind == "exercise":
        return _exercise(name)
    if kind == "program":
        return _program(name)
    with emulation(races=True, thread_order=order, seconds=20.0, output=False) as findings:
        try:
            run(workload)
        except KernelError as error:
            if not len(findings):
                findings.add(Failure.of(error))
        except TypeError as error:
            return str(error)
    return "; ".join(sorted({type(finding).__name__ for finding in findings}))


def run(workload: str) -> None:
    """Run a probe, or the losses, updates and counts of a backend."""
    if workload in PROBES:
        with backend(PROBES[workload].backend, emulate=True):
            PROBES[workload].results("float32")
        return
    from tests.kernels.test_races_of_losses import results

    with backend(workload.removeprefix("losses, updates and counts: "), emulate=True):
        results()


LOSSES = tuple(f"losses, updates and counts: {name}" for name in GPU_BACKENDS)


def _exercise(name: str) -> str:
    from tinyseg.exercises import exercise
    from tinyseg.exercises.proving import run_text

    outcome = run_text(exercise(name), (ROOT / "tinyseg/exercises/catalogue" / name / "solution.py").read_text("utf-8"))
    if outcome.refused:  # the source breaks a rule of the exercises without it: nothing was run
        raise ValueError(f"{name} is not run: {outcome.refused}")
    return "" if outcome.passed else "not passed"


def _program(name: str) -> str:
    from tinyseg.programs import ProgramLimits, check_program

    report = check_program(ROOT / name, limits=ProgramLimits(seconds=20.0), pass_on=False)
    return "; ".join(sorted({type(finding).__name__ for finding in report.findings}))


@contextmanager
def launched_files() -> Iterator[set[str]]:
    """Collect the files whose kernels are launched within the block."""
    files: set[str] = set()
    launch, simulate = CudaKernel.launch, simulator.simulate

    def note(path: str) -> None:
        files.add(Path(path).resolve().relative_to(ROOT).as_posix())

    def launch_and_note(self: CudaKernel, *args: Any, **options: Any) -> None:
        note(self.module.filename)
        launch(self, *args, **options)

    def simulate_and_note(kernel: Any, *args: Any, **options: Any) -> None:
        note(unwrap(getattr(kernel, "py_func", kernel)).__code__.co_filename)
        simulate(kernel, *args, **options)

    CudaKernel.launch, simulator.simulate = launch_and_note, simulate_and_note  # type: ignore[method-assign]
    try:
        yield files
    finally:
        CudaKernel.launch, simulator.simulate = launch, simulate  # type: ignore[method-assign]


def main(arguments: list[str]) -> None:
    """Print a line for each workload."""
    if arguments[0] == "--files":
        for workload in arguments[1:]:
            with launched_files() as files:
                run(workload)
            print(json.dumps({"workload": workload, "files": sorted(files)}), flush=True)
        return
    for workload in arguments:
        orders = ORDERS if not workload.startswith(("exercise ", "program ")) else ORDERS[:1]
        report = {order: found(workload, order) for order in orders}
        print(json.dumps({"workload": workload, "orders": report}), flush=True)
        if all(report.values()):
            return


if __name__ == "__main__":
    main(sys.argv[1:])
