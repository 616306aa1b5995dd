"""The `cuda` that a simulated kernel sees."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..checks.kernel_error import Index3
from .arrays import CheckedAtomics, CheckedLocal, CheckedShared
from .atomics import Atomics
from .half import HALF
from .math_functions import LIBDEVICE
from .memory import Constant, LocalMemory, SharedMemory
from .recorder import Recorder
from .warp import FULL_MASK, WARP_SIZE

if TYPE_CHECKING:
    from .block import Launch


class Dim3(NamedTuple):
    """An index or a size in three dimensions."""

    x: int
    y: int
    z: int

    def __repr__(self) -> str:
        return f"({self.x}, {self.y}, {self.z})"


class KernelCuda:
    """`numba.cuda` as the thread that runs now sees it."""

    warpsize = WARP_SIZE
    fp16 = HALF

    def __init__(self, launch: Launch, grid: Index3, block: Index3, shared_mem: int, recorder: Recorder | None) -> None:
        self._launch = launch
        self.gridDim, self.blockDim = Dim3(*grid), Dim3(*block)
        self.threadIdx = self.blockIdx = Dim3(0, 0, 0)
        self._first = Dim3(0, 0, 0)
        self.shared: SharedMemory
        if recorder is None:
            self.shared, self.local = SharedMemory(launch.name, shared_mem), LocalMemory()
            self.atomic = Atomics(self._let_others_run)
        else:
            self.shared, self.local = CheckedShared(launch.name, shared_mem, recorder), CheckedLocal(recorder)
            self.atomic = CheckedAtomics(self._let_others_run)
        self.const, self.libdevice = Constant(), LIBDEVICE
        self.cg = self

    def new_shared(self) -> SharedMemory:
        """Return shared memory for one more block."""
        name, size, recorder = self._launch.name, self.shared.dynamic_bytes, self._launch.recorder
        return SharedMemory(name, size) if recorder is None else CheckedShared(name, size, recorder)

    def enter_block(self, block: Dim3) -> None:
        """Make a block the one that runs: shared memory holds nothing yet."""
        self.blockIdx = block
        self._first = Dim3(*(b * n for b, n in zip(block, self.blockDim, strict=True)))
        self.shared.forget()

    def new_shared_memory(self) -> SharedMemory:
        """Return shared memory of a block that is alive beside others."""
        first = self.shared
        made = type(first).__new__(type(first))
        made.__dict__.update(first.__dict__)
        made.renew()
        return made

    def enter_grid_block(self, block: Dim3) -> None:
        """Make a block that is alive the one that runs."""
        self.blockIdx = block
        self._first = Dim3(*(b * n for b, n in zip(block, self.blockDim, strict=True)))

    def grid(self, dimensions: int) -> Any:
        """Return the thread's index in the whole grid: an int, or a tuple for 2 or 3 dimensions."""
        first, thread = self._first, self.threadIdx
        if dimensions == 1:
            return first.x + thread.x
        if dimensions == 2:
            return first.x + thread.x, first.y + thread.y
        return first.x + thread.x, first.y + thread.y, first.z + thread.z

    def gridsize(self, dimensions: int) -> Any:
        """Return how many threads the grid has: an int, or a tuple for 2 or 3 dimensions."""
        sizes = tuple(g * b for g, b in zip(self.gridDim, self.blockDim, strict=True))
        return sizes[0] if dimensions == 1 else sizes[:dimensions]

    @property
    def laneid(self) -> int:
        """The thread's place in its warp."""
        thread, block = self.threadIdx, self.blockDim
        return (thread.x + block.x * (thread.y + block.y * thread.z)) % WARP_SIZE

    def _block(self, operation: str, value: Any = None) -> Any:
        return self._launch.wait_for_block(operation, value, sys._getframe(2))

    def _warp(self, operation: str, mask: Any, value: Any = None, operand: Any = 0) -> Any:
        return self._launch.wait_for_warp(operation, int(mask) & FULL_MASK, value, int(operand), sys._getframe(2))

    def _let_others_run(self) -> None:
        self._launch.let_others_run(sys._getframe(2))

    def syncthreads(self) -> None:
        """Wait for the block."""
        self._block("syncthreads")

    def syncthreads_count(self, predicate: Any) -> int:
        """Wait for the block; return for how many threads the predicate holds."""
        return int(self._block("syncthreads_count", predicate))

    def syncthreads_and(self, predicate: Any) -> int:
        """Wait for the block; return whether the predicate holds for all threads."""
        return int(self._block("syncthreads_and", predicate))

    def syncthreads_or(self, predicate: Any) -> int:
        """Wait for the block; return whether the predicate holds for a thread."""
        return int(self._block("syncthreads_or", predicate))

    def syncwarp(self, mask: int = FULL_MASK) -> None:
        """Wait for the lanes of the warp that the mask names."""
        self._warp("syncwarp", mask)

    def shfl_sync(self, mask: int, value: Any, source: int) -> Any:
        """Return the value of a lane."""
        return self._warp("shfl_sync", mask, value, source)

    def shfl_up_sync(self, mask: int, value: Any, delta: int) -> Any:
        """Return the value of the lane `delta` below."""
        return self._warp("shfl_up_sync", mask, value, delta)

    def shfl_down_sync(self, mask: int, value: Any, delta: int) -> Any:
        """Return the value of the lane `delta` above."""
        return self._warp("shfl_down_sync", mask, value, delta)

    def shfl_xor_sync(self, mask: int, value: Any, lane_mask: int) -> Any:
        """Return the value of the lane whose number differs in these bits."""
        return self._warp("shfl_xor_sync", mask, value, lane_mask)

    def all_sync(self, mask: int, predicate: Any) -> bool:
        """Return whether the predicate holds for all lanes of the mask."""
        return bool(self._warp("all_sync", mask, bool(predicate)))

    def any_sync(self, mask: int, predicate: Any) -> bool:
        """Return whether the predicate holds for a lane of the mask."""
        return bool(self._warp("any_sync", mask, bool(predicate)))

    def eq_sync(self, mask: int, predicate: Any) -> bool:
        """Return whether the predicate is the same for all lanes of the mask."""
        return bool(self._warp("eq_sync", mask, bool(predicate)))

    def ballot_sync(self, mask: int, predicate: Any) -> int:
        """Return the lanes of the mask for which the predicate holds, as bits."""
        return int(self._warp("ballot_sync", mask, bool(predicate)))

    def match_any_sync(self, mask: int, value: Any) -> int:
        """Return the lanes of the mask that have the same value, as bits."""
        return int(self._warp("match_any_sync", mask, value))

    def match_all_sync(self, mask: int, value: Any) -> tuple[int, bool]:
        """Return (the mask, True) when all lanes of the mask have the same value, else (0, False)."""
        matching, everywhere = self._warp("match_all_sync", mask, value)
        return matching, everywhere

    def activemask(self) -> int:
        """Return the lanes of the warp that have not returned, as bits."""
        return self._launch.living_lanes()

    def lanemask_lt(self) -> int:
        """Return the lanes below this one, as bits."""
        return (1 << self.laneid) - 1

    def nanosleep(self, nanoseconds: int) -> None:
        """Let the other threads go first."""
        self._let_others_run()

    def threadfence(self) -> None:
        """Tell the checks: simulated memory is coherent, but with an atomic a fence orders other accesses."""
        self._launch.fence(whole_grid=True)

    threadfence_system = threadfence

    def threadfence_block(self) -> None:
        """Tell the checks, as `threadfence`; for the block only."""
        self._launch.fence(whole_grid=False)

    def this_grid(self) -> KernelCuda:
        """Return the grid as a cooperative group."""
        return self

    def sync(self) -> int:
        """Wait for the whole grid: every block of it is alive at once then; return 0."""
        self._launch.wait_for_grid(sys._getframe(1))
        return 0

    def fma(self, a: Any, b: Any, c: Any) -> Any:
        """Return a * b + c; for float32 by way of float64, where the product is exact."""
        if isinstance(a, np.float32):
            return np.float32(float(a) * float(b) + float(c))
        return a * b + c

    def cbrt(self, a: Any) -> Any:
        """Return the cube root."""
        return np.cbrt(a)

    def popc(self, value: Any) -> int:
        """Count the bits that are set."""
        return (int(value) & _mask(value)).bit_count()

    def brev(self, value: Any) -> int:
        """Reverse the order of the bits."""
        width = _bits(value)
        return int(f"{int(value) & _mask(value):0{width}b}"[::-1], 2)

    def clz(self, value: Any) -> int:
        """Count the zeros above the highest bit that is set."""
        return _bits(value) - (int(value) & _mask(value)).bit_length()

    def ffs(self, value: Any) -> int:
        """Return the place of the lowest bit that is set, from 1; 0 when there is none."""
        bits = int(value) & _mask(value)
        return (bits & -bits).bit_length()

    def selp(self, condition: Any, a: Any, b: Any) -> Any:
        """Return a where the condition holds, else b."""
        return a if condition else b


def _bits(value: Any) -> int:
    return 8 * value.dtype.itemsize if isinstance(value, np.integer) else 32 if -(2**31) <= value < 2**32 else 64


def _mask(value: Any) -> int:
    return (1 << _bits(value)) - 1
