"""`tinyseg doctor`."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from contextlib import suppress
from typing import TYPE_CHECKING

import typer
from rich.markup import escape
from tinyseg_kernels.errors import InvalidInput

from .console import console, say, table

if TYPE_CHECKING:
    from rich.table import Table

    from tinyseg.doctor import EmulatorReport, Machine

PACKAGES = (
    "numpy",
    "scipy",
    "pillow",
    "safetensors",
    "matplotlib",
    "scikit-learn",
    "numba",
    "threadpoolctl",
    "typer",
    "rich",
)


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command(epilog="Example:  tinyseg doctor")(doctor)


def doctor() -> None:
    """Show what this machine has, and the command that mends what it lacks.

    Versions, threads, the rung of each operation under each backend, and the GPU.
    """
    from tinyseg_kernels.backend import current

    import tinyseg
    from tinyseg.doctor import diagnose_emulator, diagnose_gpu

    gpu = diagnose_gpu()
    found = table("what", "found", show_header=False)
    found.columns[0].no_wrap = True
    found.add_row("tinyseg", f"{tinyseg.__version__} in {os.path.dirname(tinyseg.__file__)}")
    found.add_row("Python", f"{platform.python_version()} on {platform.platform()}")
    found.add_row("packages", ", ".join(f"{name} {_version(name)}" for name in PACKAGES))
    choice = current()
    found.add_row("backend in use", choice.name + (", emulated" if choice.emulate else ""))
    found.add_row("threads", escape(_threads()))
    found.add_row("compiled kernels", escape(_compiled_kernels()))
    found.add_row("GPU", escape(_gpu(gpu.machine)))
    found.add_row("emulator", escape(_emulator(diagnose_emulator(gpu.machine))))
    console.print(found)
    console.print(_rungs())
    for finding in gpu.findings:
        console.print(f"[bold]Problem:[/] {escape(finding.problem)}", soft_wrap=True)
        say(f"  why:  {finding.why}")
        say(f"  mend: {finding.command}")


def _rungs() -> Table:
    """Make the table of what each backend computes an operation with: its own rung, or the next one that exists."""
    from tinyseg_kernels.backend import RUNGS, operations, rung_name

    rungs = table("operation", *RUNGS, show_edge=False, pad_edge=False)
    for operation in operations():
        rungs.add_row(operation, *(rung_name(operation, name) or "-" for name in RUNGS))
    return rungs


def _gpu(machine: Machine) -> str:
    """Say which GPUs there are, the driver's CUDA version and how the trials went; or why there is none."""
    from tinyseg.doctor.machine import version_text

    if machine.driver_cuda is None:
        hardware = "an NVIDIA GPU without a driver" if machine.nvidia_hardware else "none: no NVIDIA GPU and no driver"
        return f"{hardware}; its kernels run on the CPU by set_backend('cupy', emulate=True)"
    driver = f"the driver supports CUDA {version_text(machine.driver_cuda)}"
    if not machine.gpus:
        return f"none; {driver}"
    names = ", ".join(f"{gpu.name} (compute capability {version_text(gpu.capability)})" for gpu in machine.gpus)
    tried = [
        f"{name}: {'computes correctly' if trial.succeeded else 'fails'}" for name, trial in machine.trials.items()
    ]
    return "; ".join([names, driver, *tried])


def _emulator(report: EmulatorReport) -> str:
    """Say which compiler the emulator of CUDA C++ takes, and whether the simulator of Numba's kernels is complete."""
    numba = (
        f'missing {", ".join(report.missing)} (pip install "tinyseg[emulator]")'
        if report.missing
        else f"numba-cuda {report.numba_cuda}"
    )
    return f"CUDA C++: {report.compiler or report.problem}; Numba: {numba}"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def _threads() -> str:
    import numpy  # noqa: F401  its BLAS must be loaded to be seen
    from threadpoolctl import threadpool_info
    from tinyseg_kernels.cpu.threading.threads import ENVIRONMENT_VARIABLE, get_num_threads, usable_cores

    pools = [
        f"{p['internal_api']} {p['version']} ({p.get('architecture', '?')}): {p['num_threads']}"
        for p in threadpool_info()
    ]
    given = f" ({ENVIRONMENT_VARIABLE})" if os.environ.get(ENVIRONMENT_VARIABLE, "").strip() else ""
    try:
        ours = f"{get_num_threads()}{given}"
    except InvalidInput as error:
        ours = str(error)
    return f"backend numba: {ours}; {usable_cores()} cores usable; BLAS: {', '.join(pools) or 'unknown'}"


def _compiled_kernels() -> str:
    """Say where the backend 'numba' keeps its kernels and how much of them there is, without loading Numba."""
    from tinyseg_kernels.cache_folder import CACHE_VARIABLE, cache_folder

    try:
        folder = cache_folder("cpu-kernels")
    except RuntimeError as error:
        return f"not kept, each process compiles anew: {error} ({CACHE_VARIABLE} names a folder)"
    sizes = []
    for path in folder.rglob("*.nb?"):
        with suppress(FileNotFoundError):  # another process is compiling, and gives its files their names
            sizes.append(path.stat().st_size)
    state = f"{len(sizes)} files, {sum(sizes) / 1e6:.1f} MB" if sizes else "none yet: compiled at the first use"
    return f"{folder} ({state}; {CACHE_VARIABLE} moves it)"
