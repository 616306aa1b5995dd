"""Runs Numba CUDA kernels on the CPU.

Each thread is a call of the kernel's Python function, or a greenlet that switches at barriers.

    from tinyseg_emulator.simulator.simulate import simulate
    simulate(kernel, grid, block, (x, y, n), shared_mem=0)

`kernel` is a Python function, what `numba.cuda.jit` made of it, or what `simulator.cuda.jit` made. The arrays are NumPy
arrays, which the kernel changes in place. Numba itself is not needed, so a process may have the real target and the
simulator side by side: before a launch the kernel's function is bound again, with `cuda` and `math` replaced by
stand-ins (`binding.py`), and the original is not touched.

What is simulated: shared memory (static and dynamic; full of NaN, or of a poison pattern for integers, before every
block), local memory, all barriers, warp shuffles and votes with their masks, atomics, and the launch limits of a GPU.
Blocks run one after the other; a launch returns when the kernel is done. As in Numba, an index from -n to n-1 is good
(Numba's kernels wrap negative indices on a GPU as well), any other is an error.

What differs from a GPU: integers read from arrays of fewer than 64 bits keep their width in arithmetic, where Numba
widens them to 64 bits; Python ints never overflow; libm and the order of rounding differ in the last bits; float64
arithmetic that Numba would choose for `x * 0.1` does not show (`ptx.py` finds it); memory is always coherent, so a
missing `threadfence` shows in the race detector only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..checks.findings import Findings
from ..checks.kernel_error import KernelError
from ..checks.options import current_findings, current_options
from .arrays import checked_argument
from .binding import bind
from .block import Launch
from .host_cuda import HostCuda
from .recorder import Recorder

Dimensions = int | Sequence[int]

LARGEST_BLOCK = (1024, 1024, 64)
LARGEST_GRID = (2**31 - 1, 65535, 65535)
LARGEST_BLOCK_THREADS = 1024
LARGEST_DYNAMIC_SHARED = 227 * 1024


class SimulatedKernel:
    """What `simulator.cuda.jit` makes of a function.

    `kernel[grid, block, stream, shared_mem](*arguments)` runs it, as with `numba.cuda.jit`.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.py_func = function
        self.__name__, self.__doc__ = function.__name__, function.__doc__

    def __getitem__(self, configuration: tuple[Any, ...]) -> Callable[..., None]:
        grid, block = configuration[:2]
        shared_mem = int(configuration[3]) if len(configuration) > 3 else 0
        return lambda *args: simulate(self, grid, block, args, shared_mem=shared_mem)

    def __call__(self, *args: Any) -> Any:
        raise TypeError(
            f"kernel {self.__name__!r}: say how many blocks and threads, {self.__name__}[blocks, threads](...)"
        )


cuda = HostCuda(SimulatedKernel)
"""Stands in for `numba.cuda` where Numba is not installed or has no GPU.

`from tinyseg_emulator.simulator.simulate import cuda`.
"""


def simulate(kernel: Any, grid: Dimensions, block: Dimensions, args: Sequence[Any], *, shared_mem: int = 0) -> None:
    """Run a kernel on the CPU.

    Args:
        kernel: A Python function, or a jitted one (with the function in `py_func`).
        grid: Number of blocks, an int or (x, y, z).
        block: Threads per block, an int or (x, y, z).
        args: NumPy arrays, which the kernel changes in place, and numbers. Integers become Python ints, since Numba
            computes with 64 bits.
        shared_mem: Bytes of dynamic shared memory.

    Raises:
        KernelError: The kernel read or wrote out of bounds, its threads wait at different barriers, or it raised; more
            is found under `emulation(races=True)`. Also a launch that exceeds the limits of a GPU.
        TypeError: An argument that is neither a NumPy array nor a number.
    """
    function = getattr(kernel, "py_func", kernel)
    name = function.__name__
    grid3, block3 = _three(grid), _three(block)
    _check_limits(name, grid3, block3, shared_mem)
    options, findings = current_options(), current_findings()
    recorder = None
    if options.races or options.memory_report:
        recorder = Recorder(name, grid3, block3, options, Findings() if findings is None else findings)
    launch = Launch(name, grid3, block3, shared_mem, options.thread_order, recorder)
    bound = bind(function, launch.cuda)
    inside = [_argument(name, k, value) for k, value in enumerate(args)]
    if recorder is not None:
        names = function.__code__.co_varnames
        inside = [checked_argument(names[k], value, recorder) for k, value in enumerate(inside)]
    with np.errstate(all="ignore"):  # infinities and overflow are as silent as on a GPU
        launch.run(bound.function, tuple(inside), bound.needs_switches)
    if recorder is not None:
        recorder.finish()


def _argument(name: str, place: int, value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, (bool, int, float, np.generic)):
        return value
    raise TypeError(
        f"kernel {name!r}, argument {place}: expected a NumPy array or a number, got {type(value).__name__}"
    )


def _three(value: Dimensions) -> tuple[int, int, int]:
    lengths = (value,) if isinstance(value, (int, np.integer)) else tuple(value)
    if not 1 <= len(lengths) <= 3:
        raise TypeError(f"expected a grid or block of 1 to 3 lengths, got {value!r}")
    x, y, z = (*(int(n) for n in lengths), 1, 1)[:3]
    return x, y, z


def _check_limits(name: str, grid: tuple[int, int, int], block: tuple[int, int, int], shared_mem: int) -> None:
    for what, lengths, limits in (("grid", grid, LARGEST_GRID), ("block", block, LARGEST_BLOCK)):
        if any(not 1 <= n <= limit for n, limit in zip(lengths, limits, strict=True)):
            raise KernelError(name, f"expected a {what} from (1, 1, 1) to {limits}, got {lengths}")
    if block[0] * block[1] * block[2] > LARGEST_BLOCK_THREADS:
        raise KernelError(name, f"expected at most {LARGEST_BLOCK_THREADS} threads in a block, got {block}")
    if not 0 <= shared_mem <= LARGEST_DYNAMIC_SHARED:
        raise KernelError(
            name, f"expected 0 to {LARGEST_DYNAMIC_SHARED} bytes of dynamic shared memory, got {shared_mem}"
        )
