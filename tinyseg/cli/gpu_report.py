"""What `tinyseg doctor` says about the GPU and the emulator, in a line each."""

from __future__ import annotations

from dataclasses import replace

from .gpu_diagnosis import Finding, diagnose, text
from .gpu_machine import Machine, gather


def machine_with_trials() -> Machine:
    """Gather the facts; with a GPU and all packages in order, also compute a little on it, since only that shows what no list of versions tells."""
    machine = gather()
    if not machine.gpus or "cupy" not in {name.partition("-")[0] for name in machine.packages}:
        return machine
    from .gpu_trial import trial

    backends = ["cupy", *(["numba-cuda"] if "numba-cuda" in machine.packages else [])]
    return replace(machine, trials={name: trial(name) for name in backends})


def findings(machine: Machine) -> list[Finding]:
    """Return the problems in the order in which to mend them."""
    return diagnose(machine)


def gpu_state(machine: Machine) -> str:
    """Return the GPUs, the driver's CUDA version and what was tried; or why there is none."""
    if machine.driver_cuda is None:
        hardware = "an NVIDIA GPU without a driver" if machine.nvidia_hardware else "none: no NVIDIA GPU and no driver"
        return f"{hardware}; its kernels run on the CPU by set_backend('cupy', emulate=True)"
    driver = f"the driver supports CUDA {text(machine.driver_cuda)}"
    if not machine.gpus:
        return f"none; {driver}"
    names = ", ".join(f"{gpu.name} (compute capability {text(gpu.capability)})" for gpu in machine.gpus)
    tried = "; ".join(
        f"{name}: {'computes correctly' if not said else 'fails'}" for name, said in machine.trials.items()
    )
    return f"{names}; {driver}" + (f"; {tried}" if tried else "")


def emulator_state(machine: Machine) -> str:
    """Return which compiler the emulator of CUDA C++ takes, and whether the simulator of Numba kernels is complete."""
    from tinyseg_emulator.cuda.compiler import compiler, compiler_version
    from tinyseg_kernels.errors import InvalidInput

    try:
        compiler()
        lines = compiler_version().splitlines()
        found = f"CUDA C++: {lines[1] if len(lines) > 1 else lines[0]}"
    except InvalidInput as error:
        found = f"CUDA C++: {error}"
    missing = [name for name in ("numba", "numba-cuda", "greenlet") if name not in machine.packages]
    numba = (
        f'missing {", ".join(missing)} (pip install "tinyseg[emulator]")'
        if missing
        else f"numba-cuda {machine.packages['numba-cuda']}"
    )
    return f"{found}; Numba: {numba}"
