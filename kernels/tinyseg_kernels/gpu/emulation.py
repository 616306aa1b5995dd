"""What GPU rungs ask of an emulator: a package beside this one registers what executes GPU kernels on the CPU.

Of that package only `machine` is named here: it is imported when an emulator is first asked for, and registers itself.
So this package does not depend on the emulator, and the emulator may use everything of this package.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Protocol

from ..types import Argument, Array, DType


class Memory(Protocol):
    """How many bytes of the emulated device are in use, were at most, and may be (None: as many as the host has)."""

    used: int
    peak: int
    limit: int | None


class Emulator(Protocol):
    """A machine that executes GPU kernels on the CPU."""

    @property
    def arrays(self) -> ModuleType:
        """The stand-in for the module `cupy`."""

    @property
    def memory(self) -> Memory:
        """The memory of its device."""

    @property
    def numba_cuda(self) -> ModuleType:
        """The stand-in for the module `numba.cuda`."""

    def memory_of(self, array: Array) -> Array:
        """Return the NumPy array that a device array's numbers lie in."""

    def launch(
        self,
        path: Path,
        kernel: str,
        real: DType,
        constants: tuple[tuple[str, int], ...],
        grid: tuple[int, int, int],
        block: tuple[int, int, int],
        arguments: Sequence[Argument],
        shared_mem: int,
    ) -> None:
        """Run a kernel of a .cu file to its end."""

    def why_not(self, backend: str) -> str | None:
        """Return why it cannot execute the kernels of a GPU backend on this machine, or None when it can."""


_registered: list[Emulator] = []


def register(machine: Emulator) -> None:
    """Let GPU backends with `emulate=True` run on this machine from now on."""
    _registered[:] = [machine]


def emulator() -> Emulator:
    """Return the emulator; the one that comes with this package is imported when none was registered."""
    if not _registered:
        import_module("tinyseg_emulator.machine")
    return _registered[0]
