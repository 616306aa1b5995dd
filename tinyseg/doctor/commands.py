"""The commands that mend what `rules` finds, in the words of the machine's own system."""

from __future__ import annotations

from .machine import Machine

DRIVERS = {
    "ubuntu": "sudo ubuntu-drivers install",
    "debian": "sudo apt install nvidia-driver",
    "fedora": "sudo dnf install akmod-nvidia",
    "arch": "sudo pacman -S nvidia",
}
DOWNLOADS = "https://www.nvidia.com/drivers"


def extra(machine: Machine) -> str:
    """Return the extra for the driver's CUDA version, or for a CuPy that is there and fits."""
    major = machine.driver_cuda[0] if machine.driver_cuda is not None else 13
    present = [number for number in (12, 13) if f"cupy-cuda{number}x" in machine.packages and number <= major]
    return f"cuda{present[0] if len(present) == 1 else max(12, min(major, 13))}"


def install(machine: Machine, *, fresh: bool = False) -> str:
    """Return the command that installs what fits; `fresh` replaces packages that are there already."""
    what = f"{machine.source}[{extra(machine)}]" if machine.source else f"tinyseg[{extra(machine)}]"
    options = (" --upgrade --force-reinstall" if fresh else " --upgrade") + (" -e" if machine.source else "")
    return f'pip install{options} "{what}"'


def toolkit(machine: Machine) -> str:
    """Return the command that installs compilers no newer than the driver."""
    assert machine.driver_cuda is not None
    major, minor = machine.driver_cuda
    # "older than the next minor version", since drivers exist for versions of which there was no toolkit, such as 12.7
    return f'{install(machine)} "cuda-toolkit<{major}.{minor + 1}"'


def reinstall(name: str, version: str) -> str:
    """Return the command that writes a package's files and record anew."""
    return f'pip install --force-reinstall --no-deps "{name}=={version}"'


def update_driver(machine: Machine) -> str:
    """Return the command that installs the newest driver, or where to get it when the system has none for that."""
    if machine.system == "Linux":
        if machine.container and machine.driver_cuda is None:
            return "docker run --gpus all ..."
        return DRIVERS.get(machine.distribution, f"install driver 580 or newer from {DOWNLOADS}")
    return f"start {DOWNLOADS}"


def unset_variable(machine: Machine, name: str) -> str:
    """Return the command that removes an environment variable."""
    return f"unset {name}" if machine.system != "Windows" else f"set {name}="


def set_variable(machine: Machine, name: str, value: str) -> str:
    """Return the command that sets an environment variable."""
    return f"export {name}={value}" if machine.system != "Windows" else f"set {name}={value}"
