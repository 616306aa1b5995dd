"""The emulator as `tinyseg_kernels` sees it. Importing this module registers it there.

Its parts are imported when they are first needed: Numba kernels run without a C++ compiler, and CUDA C++ without Numba.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from tinyseg_kernels.gpu.emulation import Memory, register
from tinyseg_kernels.types import Array

from .host import hostcupy


class Machine:
    """Executes GPU kernels on the CPU: CUDA C++ compiled for it, Numba's by the simulator."""

    @property
    def arrays(self) -> Any:
        """The stand-in for the module `cupy`."""
        return hostcupy

    @property
    def memory(self) -> Memory:
        """The memory of its device."""
        return hostcupy.MEMORY

    @property
    def numba_cuda(self) -> Any:
        """The stand-in for the module `numba.cuda`."""
        from .simulator.simulate import cuda

        return cuda

    def memory_of(self, array: Any) -> Array:
        """Return the NumPy array that a device array's numbers lie in."""
        return hostcupy.memory_of(array)

    def launch(
        self,
        path: Path,
        kernel: str,
        real: np.dtype[Any],
        constants: tuple[tuple[str, int], ...],
        grid: tuple[int, int, int],
        block: tuple[int, int, int],
        arguments: Sequence[Any],
        shared_mem: int,
    ) -> None:
        """Run a kernel of a .cu file to its end."""
        from .cuda.launch import launch_emulated

        launch_emulated(path, kernel, real, constants, grid, block, arguments, shared_mem)

    def why_not(self, backend: str) -> str | None:
        """Return why the kernels of a GPU backend cannot be executed here, or None when they can."""
        if backend == "cupy":
            from .cuda.build import find_compiler

            return None if find_compiler() is not None else "no C++ compiler was found (pip install ziglang brings one)"
        for package in ("numba", "numba_cuda", "greenlet"):
            if find_spec(package) is None:
                return f"{package} is not installed (pip install 'tinyseg[emulator]')"
        return None


register(Machine())
