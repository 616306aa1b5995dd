"""Launches a kernel of a .cu file on the CPU: what `gpu.cuda.Source.launch` does on a machine without a GPU."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from tinyseg_kernels.gpu.cuda import INCLUDE, definitions

from ..host.hostcupy import memory_of, ndarray
from .module import CudaModule


def launch_emulated(
    path: Path,
    kernel: str,
    real: np.dtype[Any],
    constants: tuple[tuple[str, int], ...],
    grid: tuple[int, int, int],
    block: tuple[int, int, int],
    arguments: Sequence[Any],
    shared_mem: int,
) -> None:
    """Run a kernel to its end; the arguments are checked against the kernel's parameters, which a GPU does not do."""
    inside = [memory_of(value) if isinstance(value, ndarray) else value for value in arguments]
    module(path, real, constants).kernel(kernel).launch(grid, block, inside, shared_mem)


@cache
def module(path: Path, real: np.dtype[Any], constants: tuple[tuple[str, int], ...] = ()) -> CudaModule:
    """Return a .cu file, compiled for the CPU."""
    source = path.read_text(encoding="utf-8")
    return CudaModule(source, str(path), include=(INCLUDE,), defines=definitions(real, constants))
