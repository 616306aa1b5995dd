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

Numbers are of the types that Numba's compiler infers for the launch (`typed/`): integers wrap, `uint8 + uint8` is an
int64, `float32 * 0.1` a float64, and what Numba refuses is refused in its words. That takes numba-cuda, which needs no
GPU for it, and the function's source; without them numbers keep NumPy's types.

What differs from a GPU: libm and the order of rounding differ in the last bits; memory is always coherent, so a missing
`threadfence` shows in the race detector only.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..checks.findings import Findings
from ..checks.kernel_error import KernelError
from ..checks.options import current_findings, current_options
from ..checks.records import DivergentBarrier, Endless, Failure, OutOfBounds
from .arrays import checked_argument
from .binding import bind
from .block import Launch
from .host_cuda import HostCuda
from .printing import Output
from .recorder import Recorder
from .typed.kinds import held
from .typed.operations import divisions
from .typed.specialise import specialised

Dimensions = int | Sequence[int]

LARGEST_BLOCK = (1024, 1024, 64)
LARGEST_GRID = (2**31 - 1, 65535, 65535)
LARGEST_BLOCK_THREADS = 1024
LARGEST_DYNAMIC_SHARED = 227 * 1024


class SimulatedKernel:
    """What `simulator.cuda.jit` makes of a function.

    `kernel[grid, block, stream, shared_mem](*arguments)` runs it, as with `numba.cuda.jit`.

    Args:
        function: The function.
        signatures: Those for which alone it is compiled, None for whatever it is called with.
    """

    def __init__(self, function: Callable[..., Any], signatures: Sequence[Any] | None = None) -> None:
        self.py_func, self.signatures = function, signatures
        self.__name__, self.__doc__, self.__module__ = function.__name__, function.__doc__, function.__module__
        self.extensions: list[Any] = []

    def __getitem__(self, configuration: tuple[Any, ...]) -> Callable[..., None]:
        if not isinstance(configuration, tuple) or not 2 <= len(configuration) <= 5:
            raise ValueError(f"kernel {self.__name__!r}: expected [blocks, threads, stream, shared_mem]")
        return self.configure(*configuration)

    def configure(
        self, griddim: Dimensions, blockdim: Dimensions, stream: Any = 0, sharedmem: int = 0, cluster: Any = None
    ) -> Callable[..., None]:
        """Return what launches the kernel on so many blocks and threads."""
        return lambda *args: _launch(self, griddim, blockdim, args, int(sharedmem))

    def forall(self, ntasks: int, tpb: int = 0, stream: Any = 0, sharedmem: int = 0) -> Callable[..., None]:
        """Return what launches the kernel on at least so many threads."""
        threads = tpb or 128
        return lambda *args: (
            _launch(self, (int(ntasks) + threads - 1) // threads, threads, args, int(sharedmem)) if ntasks else None
        )

    def specialize(self, *args: Any) -> SimulatedKernel:
        """Return the kernel."""
        return self

    def max_cooperative_grid_blocks(self, blockdim: Dimensions, dynsmemsize: int = 0) -> int:
        """Return how many blocks of this size a grid may have that waits for all of its threads."""
        x, y, z = _three(blockdim)
        return 132 * max(2048 // (x * y * z), 1)

    @property
    def overloads(self) -> dict[Any, Any]:
        """For each signature the kernel: no machine code is made."""
        return _Overloads(self)

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("inspect_", "get_")):
            raise AttributeError(
                f"kernel {vars(self).get('__name__')!r}: {name} tells of machine code, and the simulator makes none"
            )
        raise AttributeError(name)

    def __call__(self, *args: Any) -> Any:
        raise TypeError(
            f"kernel {self.__name__!r}: say how many blocks and threads, {self.__name__}[blocks, threads](...)"
        )


class _Overloads(dict[Any, Any]):
    """A dictionary that has the kernel under every key."""

    def __init__(self, kernel: SimulatedKernel) -> None:
        self._kernel = kernel

    def __missing__(self, signature: Any) -> SimulatedKernel:
        return self._kernel


def launches() -> int:
    """Return how many kernels this process has launched."""
    return _LAUNCHES[0]


_LAUNCHES = [0]


def _launch(kernel: SimulatedKernel, grid: Dimensions, block: Dimensions, args: Sequence[Any], shared_mem: int) -> None:
    """Launch a kernel; where findings are collected, an error is one of them, whatever the program does about it."""
    findings = current_findings()
    try:
        simulate(kernel, grid, block, args, shared_mem=shared_mem)
    except KernelError as error:
        if findings is not None:
            add_failure(findings, error)
        raise


def add_failure(findings: Findings, error: KernelError) -> None:
    """Add an error to findings, unless one of them tells of it already."""
    told = bool(findings.of(DivergentBarrier) or findings.of(Endless))
    told = told or any(found.access.place == error.place for found in findings.of(OutOfBounds))
    if not told:
        findings.add(Failure.of(error))


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
    given = [_argument(name, k, value) for k, value in enumerate(args)]
    counting = None if recorder is None else recorder.counting
    typed = specialised(function, given, getattr(kernel, "signatures", None), counting is not None)
    names = {**Output(name, launch.cuda, recorder).names, **divisions(partial(_tell_of_division, recorder))}
    if counting is not None:
        counting.typed = typed is not None
        names |= counting.names()
    bound = bind(function if typed is None else typed, launch.cuda, names)
    inside = [held(value) for value in given] if typed is None else typed.arguments(given)
    if recorder is not None:
        parameters = function.__code__.co_varnames
        inside = [checked_argument(parameters[k], value, recorder) for k, value in enumerate(inside)]
    switches = bound.needs_switches or (recorder is not None and bound.may_spin)
    _LAUNCHES[0] += 1
    try:
        with np.errstate(all="ignore"):  # infinities and overflow are as silent as on a GPU
            launch.run(bound.function, tuple(inside), switches)
    except KernelError as error:
        if recorder is not None:
            recorder.fail(error)
        raise
    if recorder is not None:
        recorder.finish()


def _tell_of_division(recorder: Recorder | None, symbol: str) -> None:
    """Collect that the running thread divides an integer by zero."""
    if recorder is not None and recorder.options.races:
        frame = sys._getframe(2)
        access = recorder.describe("", (frame.f_code.co_filename, frame.f_lineno), None)
        what = f"integer division by zero ({symbol}); a GPU gives 0, with which the kernel went on"
        recorder.report(Failure(recorder.kernel, what, access.place, access.block, access.thread))


def _argument(name: str, place: int, value: Any) -> Any:
    if isinstance(value, np.ndarray):
        plain = np.asarray(value)
        return plain if plain.dtype.names is None else plain.view(np.recarray)
    if isinstance(value, (bool, int, float, complex, np.generic)):
        return value
    if isinstance(value, tuple):
        return tuple(_argument(name, place, part) for part in value)
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
