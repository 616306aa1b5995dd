"""All that is known about a machine's GPU and about the emulator of GPU kernels, as records."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .machine import Machine, gather
from .rules import Finding, diagnose


@dataclass(frozen=True)
class GpuReport:
    """The facts about a machine, and what is wrong with it, the first to be mended first."""

    machine: Machine
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class EmulatorReport:
    """What executes GPU kernels on the CPU.

    Attributes:
        compiler: The C++ compiler that the emulator of CUDA C++ takes, as it names itself; '' when there is none.
        problem: Why there is no compiler.
        missing: Packages that the simulator of Numba's kernels needs and that are not installed.
        numba_cuda: Version of numba-cuda; '' when it is not installed.
    """

    compiler: str
    problem: str
    missing: tuple[str, ...]
    numba_cuda: str


def diagnose_gpu() -> GpuReport:
    """Look at this machine: its GPU, driver and packages, and what keeps it from computing on the GPU.

    With a GPU and CuPy a little is computed on it, each backend in a process of its own, since only that shows what no
    list of versions tells. Without one, the driver is all that is started.

    Example:
        >>> [finding.command for finding in diagnose_gpu().findings]
        ['pip install --upgrade "tinyseg[cuda12]"']
    """
    machine = machine_with_trials()
    return GpuReport(machine, tuple(diagnose(machine)))


def diagnose_emulator(machine: Machine) -> EmulatorReport:
    """Look for what the emulator of CUDA C++ and the simulator of Numba's kernels need."""
    from tinyseg_emulator.cuda.compiler import compiler, compiler_version
    from tinyseg_kernels.errors import InvalidInput

    found, problem = "", ""
    try:
        compiler()
        lines = compiler_version().splitlines()  # the command, then the version
        found = lines[1] if len(lines) > 1 else lines[0]
    except InvalidInput as error:
        problem = str(error)
    missing = tuple(name for name in ("numba", "numba-cuda", "greenlet") if name not in machine.packages)
    return EmulatorReport(found, problem, missing, machine.packages.get("numba-cuda", ""))


def machine_with_trials() -> Machine:
    """Gather the facts; with a GPU and CuPy, also compute a little on it."""
    machine = gather()
    if not machine.gpus or "cupy" not in {name.partition("-")[0] for name in machine.packages}:
        return machine
    from .trial import trial  # not at the top: `python -m tinyseg.doctor.trial` imports this package first

    backends = ["cupy", *(["numba-cuda"] if "numba-cuda" in machine.packages else [])]
    return replace(machine, trials={name: trial(name) for name in backends})
