"""What keeps a machine from using its GPU: each problem with why it is one and the one command that mends it.

Every rule is a function from the facts (`Machine`) to a finding or None; the order of `RULES` is the order in which to
mend.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from .commands import install, reinstall, set_variable, toolkit, unset_variable, update_driver
from .machine import Machine, Version, version_text

LEAST_CAPABILITY: Version = (7, 5)
LEAST_CUDA: Version = (12, 0)
CUPY_MAJOR, NUMBA_CUDA = 14, (0, 30)
CUPY_BINARIES = {"cupy-cuda11x": 11, "cupy-cuda12x": 12, "cupy-cuda13x": 13}
"""CuPy's distributions -> the major version of CUDA that they are built for."""

PTX_COMPILERS = {12: ("nvidia-cuda-nvcc-cu12",), 13: ("nvidia-nvvm",)}
"""Major version of CUDA -> wheels with the compiler that writes PTX for Numba's kernels."""


class Fault(Enum):
    """What can be wrong, in the order in which to mend."""

    NO_DRIVER = "no driver"
    DRIVER_DOES_NOT_START = "the driver does not start"
    HIDDEN_GPUS = "GPUs are hidden from this process"
    OLD_DRIVER = "the driver is too old"
    OLD_GPU = "the GPU is too old"
    OLD_METADATA = "pip's record of tinyseg is too old"
    METADATA_TWICE = "pip's record of a package is there twice"
    SEVERAL_CUPYS = "several distributions of CuPy"
    DAMAGED_CUPY = "files of CuPy are missing or of another version"
    CUPY_MISSING = "no CuPy"
    CUPY_OF_ANOTHER_CUDA = "CuPy is built for another CUDA"
    UNTESTED_CUPY = "a version of CuPy that is not tested"
    NUMBA_CUDA_MISSING = "no numba-cuda"
    UNTESTED_NUMBA_CUDA = "a version of numba-cuda that is not tested"
    NO_CUBLAS = "no cuBLAS"
    PTX_TOO_NEW = "the compiler is newer than the driver"
    SIMULATOR = "kernels are simulated in spite of a GPU"
    OLD_LIBRARIES_FIRST = "older CUDA libraries are found first"
    TRIAL_FAILED = "a small computation failed"


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with a machine.

    Attributes:
        fault: What it is, for programs.
        problem: The same in words, with the versions and names of this machine.
        why: Why things fail because of it.
        command: The command that mends it.
    """

    fault: Fault
    problem: str
    why: str
    command: str


def diagnose(machine: Machine) -> list[Finding]:
    """Return what is wrong, the first to be mended first; nothing on a machine that never had an NVIDIA GPU."""
    findings = [finding for rule in RULES if (finding := rule(machine)) is not None]
    unexplained = None if findings else _trial_failed(machine)
    return findings if unexplained is None else [unexplained]


def _cupys(machine: Machine) -> list[str]:
    return [name for name in machine.packages if name == "cupy" or name.startswith("cupy-")]


def _usable(machine: Machine) -> bool:
    """Whether the driver works and shows a GPU: without that, no package is worth a word."""
    return machine.driver_cuda is not None and machine.driver_cuda >= LEAST_CUDA and bool(machine.gpus)


def _no_driver(machine: Machine) -> Finding | None:
    if machine.driver_cuda is not None or not machine.nvidia_hardware:
        return None
    why = "CUDA programs reach the GPU through the driver's library libcuda, and that was not found"
    if machine.container:
        why += "; this is a container, which sees the driver of its host only when it is started with --gpus"
    return Finding(Fault.NO_DRIVER, "there is an NVIDIA GPU, but no driver for it", why, update_driver(machine))


def _driver_does_not_start(machine: Machine) -> Finding | None:
    hidden = machine.variables.get("CUDA_VISIBLE_DEVICES")
    if machine.driver_cuda is None or machine.gpus or hidden in ("", "-1"):
        return None
    if not machine.driver_error and not machine.nvidia_hardware:
        return None
    problem = f"the driver does not start ({machine.driver_error or 'it reports no GPU'})"
    why = "after an update of the driver its old kernel module stays loaded until the machine starts anew"
    return Finding(
        Fault.DRIVER_DOES_NOT_START, problem, why, "sudo reboot" if machine.system == "Linux" else "shutdown /r /t 0"
    )


def _hidden_gpus(machine: Machine) -> Finding | None:
    value = machine.variables.get("CUDA_VISIBLE_DEVICES")
    if machine.driver_cuda is None or value not in ("", "-1"):
        return None
    return Finding(
        Fault.HIDDEN_GPUS,
        f"CUDA_VISIBLE_DEVICES is {value!r}",
        "the driver then hides every GPU from this process",
        unset_variable(machine, "CUDA_VISIBLE_DEVICES"),
    )


def _old_driver(machine: Machine) -> Finding | None:
    if machine.driver_cuda is None or machine.driver_cuda >= LEAST_CUDA:
        return None
    return Finding(
        Fault.OLD_DRIVER,
        f"the driver supports CUDA {version_text(machine.driver_cuda)} at most; {version_text(LEAST_CUDA)} is needed",
        "a library built for a newer major version of CUDA fails with CUDA_ERROR_INSUFFICIENT_DRIVER ('driver version "
        "is insufficient for CUDA runtime version')",
        update_driver(machine),
    )


def _old_gpu(machine: Machine) -> Finding | None:
    if not machine.gpus or max(gpu.capability for gpu in machine.gpus) >= LEAST_CAPABILITY:
        return None
    gpu = machine.gpus[0]
    return Finding(
        Fault.OLD_GPU,
        f"{gpu.name} has compute capability {version_text(gpu.capability)}; the kernels are made and checked for "
        f"{version_text(LEAST_CAPABILITY)} (Turing) and newer",
        "CUDA 13 does not compile for it any more, and tensor cores are missing; compute on the CPU",
        set_variable(machine, "TINYSEG_BACKEND", "numpy"),
    )


def _old_metadata(machine: Machine) -> Finding | None:
    if not _usable(machine) or machine.extras is None or {"cuda12", "cuda13"} <= set(machine.extras):
        return None
    return Finding(
        Fault.OLD_METADATA,
        "pip's record of tinyseg is older than its files: it does not know the extras cuda12 and cuda13",
        "pip installs nothing for an extra that the record lacks; it only warns",
        install(machine),
    )


def _metadata_twice(machine: Machine) -> Finding | None:
    if not machine.twice:
        return None
    name = machine.twice[0]
    return Finding(
        Fault.METADATA_TWICE,
        f"pip's record of {', '.join(machine.twice)} is there twice, of two versions",
        "an update was interrupted: pip and the doctor cannot know which version's files are there",
        reinstall(name, machine.packages[name]),
    )


def _several_cupys(machine: Machine) -> Finding | None:
    names = _cupys(machine)
    if len(names) < 2:
        return None
    return Finding(
        Fault.SEVERAL_CUPYS,
        f"several distributions of CuPy are installed: {', '.join(names)}",
        "all of them write into the same folder cupy/, so what is imported is a mixture of the two",
        f"pip uninstall -y {' '.join(names)} && {install(machine)}",
    )


def _damaged_cupy(machine: Machine) -> Finding | None:
    names = _cupys(machine)
    if len(names) != 1 or names[0] in machine.twice:
        return None
    name, stated = names[0], machine.module_versions.get("cupy")
    recorded = machine.packages[name]
    if stated in ("", recorded):
        return None
    problem = (
        f"pip's record says that {name} {recorded} is installed, but its files are not there"
        if stated is None
        else f"pip's record says {name} {recorded}, but the files are those of {stated}"
    )
    why = "another distribution of CuPy was installed over it or uninstalled after it, which took files of both"
    return Finding(Fault.DAMAGED_CUPY, problem, why, reinstall(name, recorded))


def _cupy_missing(machine: Machine) -> Finding | None:
    if not _usable(machine) or _cupys(machine):
        return None
    why = "the backends 'cupy' and 'numba-cuda' keep their arrays in CuPy's"
    return Finding(Fault.CUPY_MISSING, "CuPy is not installed", why, install(machine))


def _cupy_of_another_cuda(machine: Machine) -> Finding | None:
    names = _cupys(machine)
    if not _usable(machine) or len(names) != 1 or machine.driver_cuda is None:
        return None
    name = names[0]
    major = CUPY_BINARIES.get(name)
    if major is not None and major > machine.driver_cuda[0]:
        newest = version_text(machine.driver_cuda)
        problem = f"{name} is built for CUDA {major}, and the driver supports CUDA {newest} at most"
        why = "a driver runs programs of its own major version of CUDA and of older ones, not of newer ones"
    elif major is not None and major < LEAST_CUDA[0]:
        problem = f"{name} is built for CUDA {major}, which CuPy {CUPY_MAJOR} and numba-cuda have left behind"
        why = "CuPy and Numba must use one version of CUDA, or the one cannot read what the other compiled"
    elif name.startswith("cupy-rocm"):
        problem, why = f"{name} is CuPy for AMD GPUs, and this one is NVIDIA's", "it cannot reach the GPU"
    else:
        return None
    return Finding(Fault.CUPY_OF_ANOTHER_CUDA, problem, why, f"pip uninstall -y {name} && {install(machine)}")


def _old_cupy(machine: Machine) -> Finding | None:
    names = _cupys(machine)
    if not _usable(machine) or len(names) != 1 or int(machine.packages[names[0]].split(".")[0]) == CUPY_MAJOR:
        return None
    return Finding(
        Fault.UNTESTED_CUPY,
        f"{names[0]} {machine.packages[names[0]]} is installed; {CUPY_MAJOR}.x is what tinyseg is tested with",
        "other major versions look for CUDA's libraries in other places and change the meaning of arguments",
        install(machine),
    )


def _numba_cuda_missing(machine: Machine) -> Finding | None:
    if not _usable(machine) or "numba-cuda" in machine.packages:
        return None
    if "numba" in machine.packages:
        version = machine.packages["numba"]
        problem = f"numba {version} is installed without numba-cuda: numba.cuda is then the old target built into it"
        why = "that target is no longer developed and finds no CUDA 13, nor the CUDA libraries that pip installs"
    else:
        problem, why = "numba-cuda is not installed", "the backend 'numba-cuda' compiles its kernels with it"
    return Finding(Fault.NUMBA_CUDA_MISSING, problem, why, install(machine))


def _other_numba_cuda(machine: Machine) -> Finding | None:
    version = machine.packages.get("numba-cuda", "")
    if not version or tuple(int(part) for part in version.split(".")[:2]) == NUMBA_CUDA:
        return None
    return Finding(
        Fault.UNTESTED_NUMBA_CUDA,
        f"numba-cuda {version} is installed; {version_text(NUMBA_CUDA)}.x is what tinyseg is tested with",
        "its simulator, and with it the emulated backend, leans on parts that change between versions",
        f'pip install "numba-cuda>={version_text(NUMBA_CUDA)},<{NUMBA_CUDA[0]}.{NUMBA_CUDA[1] + 1}"',
    )


def _no_cublas(machine: Machine) -> Finding | None:
    if not _usable(machine) or not _cupys(machine) or "cublas" in machine.toolkit_libraries:
        return None
    if any(name.startswith("nvidia-cublas") for name in machine.packages):
        return None
    return Finding(
        Fault.NO_CUBLAS,
        "cuBLAS was not found, neither among Python's packages nor in a CUDA toolkit",
        "CuPy's wheels bring no CUDA libraries; its @ for matrices fails with 'libcublas.so: cannot open shared object "
        "file'",
        install(machine),
    )


def _ptx_too_new(machine: Machine) -> Finding | None:
    """Numba hands the driver PTX, whose version is the compiler's.

    Unless nvJitLink translates it first, an older driver refuses it.
    """
    if not _usable(machine) or machine.driver_cuda is None:
        return None
    tried = machine.trials.get("numba-cuda")
    refused = any(trial.ptx_refused for trial in machine.trials.values())
    newest = _newest_compiler(machine)
    if not refused:
        linker = any(name.startswith("nvidia-nvjitlink") for name in machine.packages)
        if newest is None or newest <= machine.driver_cuda or linker or (tried is not None and tried.succeeded):
            return None
    found = f"the compiler of CUDA {version_text(newest)}" if newest is not None else "the CUDA compiler"
    return Finding(
        Fault.PTX_TOO_NEW,
        f"{found} writes PTX that is too new for the driver, which supports CUDA {version_text(machine.driver_cuda)} "
        "at most",
        "the driver refuses it with CUDA_ERROR_UNSUPPORTED_PTX_VERSION ('the provided PTX was compiled with an "
        "unsupported toolchain')",
        toolkit(machine),
    )


def _newest_compiler(machine: Machine) -> Version | None:
    names = [name for names in PTX_COMPILERS.values() for name in names]
    versions = [machine.packages[name].split(".") for name in names if name in machine.packages]
    return max(((int(v[0]), int(v[1])) for v in versions), default=None)


def _simulator_switched_on(machine: Machine) -> Finding | None:
    value = machine.variables.get("NUMBA_ENABLE_CUDASIM", "")
    if value in ("", "0") or not machine.gpus:
        return None
    return Finding(
        Fault.SIMULATOR,
        f"NUMBA_ENABLE_CUDASIM is {value!r}",
        "Numba then simulates its CUDA kernels on the CPU, thousands of times slower, although there is a GPU",
        unset_variable(machine, "NUMBA_ENABLE_CUDASIM"),
    )


def _old_libraries_first(machine: Machine) -> Finding | None:
    majors = [major for name, major in CUPY_BINARIES.items() if name in machine.packages]
    older = {folder: v for folder, v in machine.path_libraries.items() if majors and v[0] < max(majors)}
    if not older:
        return None
    folder, version = next(iter(older.items()))
    rest = [part for part in machine.variables.get("LD_LIBRARY_PATH", "").split(":") if part and part not in older]
    return Finding(
        Fault.OLD_LIBRARIES_FIRST,
        f"LD_LIBRARY_PATH leads to CUDA {version_text(version)} in {folder}",
        "the loader looks there first, and so CuPy and Numba get older libraries than those that were installed for "
        "them",
        set_variable(machine, "LD_LIBRARY_PATH", ":".join(rest))
        if rest
        else unset_variable(machine, "LD_LIBRARY_PATH"),
    )


def _trial_failed(machine: Machine) -> Finding | None:
    failed = next(((name, trial.error) for name, trial in machine.trials.items() if not trial.succeeded), None)
    if failed is None:
        return None
    name, said = failed
    return Finding(
        Fault.TRIAL_FAILED,
        f"a small computation with backend {name!r} failed: {said}",
        "nothing above explains it; fresh copies of all packages settle what their records hide",
        install(machine, fresh=True),
    )


RULES: tuple[Callable[[Machine], Finding | None], ...] = (
    _no_driver,
    _driver_does_not_start,
    _hidden_gpus,
    _old_driver,
    _old_gpu,
    _old_metadata,
    _metadata_twice,
    _several_cupys,
    _damaged_cupy,
    _cupy_missing,
    _cupy_of_another_cuda,
    _old_cupy,
    _numba_cuda_missing,
    _other_numba_cuda,
    _no_cublas,
    _ptx_too_new,
    _simulator_switched_on,
    _old_libraries_first,
)
