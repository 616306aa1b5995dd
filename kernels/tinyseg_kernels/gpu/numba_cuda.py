"""Compiles and launches Numba CUDA kernels: through Numba on a GPU, through its simulator on a CPU.

Numba decides once, when numba.cuda is first imported, whether a process has the real target or the simulator. So the
first GPU backend that uses a Numba kernel decides for the whole process, and the other one is refused from then on with
a clear error.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from functools import lru_cache
from types import ModuleType
from typing import ParamSpec, Protocol, TypeVar

import numpy as np

from ..backend import current
from ..device import device_module, is_device_array
from ..errors import InvalidInput
from ..types import Argument, DType
from .availability import SIMULATOR_VARIABLE
from .cuda import LARGEST_SIZE, Dimensions, three_dimensions
from .emulation import emulator

SIMULATED = current().emulate or os.environ.get(SIMULATOR_VARIABLE, "0") not in ("", "0")
"""Whether this process simulates Numba kernels."""

P = ParamSpec("P")
Result = TypeVar("Result")


class Kernel(Protocol):
    """What `jit` makes of a function: `kernel[grid, block, stream, bytes of shared memory](*arguments)` launches it."""

    def __getitem__(self, launch: tuple[object, ...], /) -> Callable[..., None]:
        """Return what is called with the arguments."""

    def __hash__(self) -> int:
        """Kernels are told apart by what they are."""


def _target() -> ModuleType:
    """Import numba.cuda, or start its simulator."""
    if SIMULATED:
        return emulator().numba_cuda
    from numba import cuda as target

    return target


cuda: ModuleType = _target()
"""`numba.cuda`, or the simulator's."""


def jit(function: Callable[..., None]) -> Kernel:
    """Make a kernel; it is compiled for its arguments' types when it is first launched."""
    return cuda.jit(function)


def device_function(function: Callable[P, Result]) -> Callable[P, Result]:
    """Make a function that kernels may call; it is compiled into them."""
    return cuda.jit(device=True)(function)


def launch(kernel: Kernel, grid: Dimensions, block: Dimensions, *args: Argument, shared_mem: int = 0) -> None:
    """Launch a kernel on the device of the backend in use.

    Args:
        kernel: What `jit` made.
        grid: Number of blocks; nothing is launched when one of them is 0.
        block: Threads per block.
        args: Device arrays, ints (passed as int32), floats (passed in the dtype of the first floating array) and NumPy
            scalars.
        shared_mem: Bytes of dynamic shared memory.

    Raises:
        TypeError: An argument that is none of these.
        InvalidInput: The process runs the other one of target and simulator, or an array has 2^31 numbers or more.
    """
    if current().emulate != SIMULATED:
        raise InvalidInput(
            f"backend 'numba-cuda': this process runs Numba kernels {'in the simulator' if SIMULATED else 'on the GPU'} already; "
            "start a new one for the other"
        )
    dimensions = three_dimensions(grid)
    if 0 in dimensions:
        return
    module = device_module()
    real = next((a.dtype for a in args if is_device_array(a) and a.dtype.kind == "f"), np.dtype(np.float32))
    arguments = tuple(_argument(k, value, real, module) for k, value in enumerate(args))
    if SIMULATED:
        kernel[dimensions, three_dimensions(block), 0, shared_mem](*arguments)
        return
    stream = int(module.cuda.get_current_stream().ptr)
    _configured(kernel, dimensions, three_dimensions(block), stream, shared_mem)(*arguments)


@lru_cache(maxsize=1024)
def _configured(
    kernel: Kernel, grid: tuple[int, int, int], block: tuple[int, int, int], stream: int, shared_mem: int
) -> Callable[..., None]:
    """Return a kernel for launches of one shape.

    Kept, since Numba would make another for each stream object, and complain anew about each small grid.
    """
    from numba.cuda.core.errors import NumbaPerformanceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NumbaPerformanceWarning)
        return kernel[grid, block, cuda.external_stream(stream) if stream else 0, shared_mem]


def _argument(place: int, value: Argument, real: DType, module: ModuleType) -> Argument:
    if isinstance(value, np.generic):
        return value
    if isinstance(value, (bool, int)):
        return np.int32(value)
    if isinstance(value, float):
        return real.type(value)
    if not isinstance(value, module.ndarray):
        raise TypeError(f"argument {place}: expected a device array or a number, got {type(value).__name__}")
    if value.size > LARGEST_SIZE:
        raise InvalidInput(f"argument {place}: expected fewer than 2^31 numbers in an array, got {value.size}")
    return module.memory_of(value) if SIMULATED else value
