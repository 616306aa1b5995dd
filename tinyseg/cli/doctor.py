"""`tinyseg doctor`."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
from importlib.util import find_spec

import typer

from .console import console

PACKAGES = ("numpy", "scipy", "pillow", "safetensors", "matplotlib", "scikit-learn", "threadpoolctl", "typer", "rich")


def register(app: typer.Typer) -> None:
    """Add the subcommand."""
    app.command(epilog="Example:  tinyseg doctor")(doctor)


def doctor() -> None:
    """Show what this machine has: versions, backends, threads, and the GPU, or why there is none."""
    from rich.table import Table
    from tinyseg_kernels.backend import RUNGS, get_backend

    import tinyseg

    table = Table("what", "found", show_header=False)
    table.add_row("tinyseg", f"{tinyseg.__version__} in {os.path.dirname(tinyseg.__file__)}")
    table.add_row("Python", f"{platform.python_version()} on {platform.platform()}")
    table.add_row("packages", ", ".join(f"{name} {_version(name)}" for name in PACKAGES))
    table.add_row("backend in use", get_backend())
    for name, rungs in RUNGS.items():
        table.add_row(f"backend {name!r}", f"takes, best first: {', '.join(rungs)}")
    table.add_row("threads", _threads())
    table.add_row("GPU", gpu_state())
    console.print(table)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def _threads() -> str:
    import numpy  # noqa: F401  its BLAS must be loaded to be seen
    from threadpoolctl import threadpool_info

    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    pools = [
        f"{p['internal_api']} {p['version']} ({p.get('architecture', '?')}): {p['num_threads']}"
        for p in threadpool_info()
    ]
    return f"{usable} cores usable; BLAS threads: {', '.join(pools) or 'unknown'}"


def gpu_state() -> str:
    """Return the GPU's name, or what is missing."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return "none: no NVIDIA driver (nvidia-smi was not found)"
    query = [program, "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"none: nvidia-smi does not answer ({error})"
    if answer.returncode != 0:
        return f"none: {(answer.stderr or answer.stdout).strip()}"
    names = "; ".join(answer.stdout.strip().splitlines())
    cupy = "CuPy is installed" if find_spec("cupy") else "CuPy is not installed"
    return f"{names} ({cupy}); this version of tinyseg computes on the CPU only"
