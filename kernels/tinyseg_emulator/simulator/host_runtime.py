"""Streams, events and devices of the simulated machine. A launch or copy is done when its call returns."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, NamedTuple

COMPUTE_CAPABILITY = (9, 0)
_NUMBERS = itertools.count(1)


class Stream:
    """A stream: everything in it has been done already."""

    def __init__(self, handle: int | None = None) -> None:
        self.handle = next(_NUMBERS) if handle is None else handle
        self.external = False

    def synchronize(self) -> None:
        """Do nothing: what was asked for is done."""

    @contextmanager
    def auto_synchronize(self) -> Iterator[Stream]:
        """Give the stream."""
        yield self

    def add_callback(self, callback: Callable[..., Any], arg: Any = None) -> None:
        """Call a function, since all that came before is done."""
        callback(self, 0, arg)

    def async_done(self) -> Any:
        """Return what can be awaited."""

        async def done() -> None:
            return None

        return done()

    def __bool__(self) -> bool:
        return True

    def __int__(self) -> int:
        return self.handle


class Event:
    """A point in a stream; `elapsed_time` is the time that the simulator took, not that of a GPU."""

    def __init__(self, timing: bool = True) -> None:
        self.timing = timing
        self.at: float | None = None

    def record(self, stream: Any = 0) -> None:
        """Note the time."""
        self.at = time.perf_counter()

    def query(self) -> bool:
        """Return True: all work is done."""
        return True

    def synchronize(self) -> None:
        """Do nothing: what was asked for is done."""

    def wait(self, stream: Any = 0) -> None:
        """Do nothing: what was asked for is done."""

    def elapsed_time(self, evtend: Event) -> float:
        """Return the milliseconds from this event to another one."""
        if self.at is None or evtend.at is None:
            raise RuntimeError("elapsed_time: expected two events that were recorded")
        if not (self.timing and evtend.timing):
            raise RuntimeError("elapsed_time: expected events that were made with timing=True")
        return 1000 * max(evtend.at - self.at, 1e-6)


class Device:
    """The simulated device: limits and properties of compute capability 9.0."""

    id = 0
    name = b"tinyseg's simulator"
    compute_capability = COMPUTE_CAPABILITY
    uuid = "GPU-00000000-0000-0000-0000-000000000000"
    supports_float16 = supports_bfloat16 = True
    MAX_THREADS_PER_BLOCK = 1024
    MAX_BLOCK_DIM_X, MAX_BLOCK_DIM_Y, MAX_BLOCK_DIM_Z = 1024, 1024, 64
    MAX_GRID_DIM_X, MAX_GRID_DIM_Y, MAX_GRID_DIM_Z = 2**31 - 1, 65535, 65535
    MAX_SHARED_MEMORY_PER_BLOCK = 48 * 1024
    MAX_SHARED_MEMORY_PER_MULTIPROCESSOR = 228 * 1024
    MAX_REGISTERS_PER_BLOCK = 65536
    MAX_THREADS_PER_MULTI_PROCESSOR = 2048
    TOTAL_CONSTANT_MEMORY = 64 * 1024
    WARP_SIZE = 32
    MULTIPROCESSOR_COUNT = 132
    CLOCK_RATE = 1_980_000
    COOPERATIVE_LAUNCH = 1
    ASYNC_ENGINE_COUNT = 3
    CAN_MAP_HOST_MEMORY = MANAGED_MEMORY = CONCURRENT_KERNELS = UNIFIED_ADDRESSING = 1

    def get_primary_context(self) -> Any:
        """Return the context."""
        return context()

    def reset(self) -> None:
        """Do nothing."""

    def __enter__(self) -> Device:
        return self

    def __exit__(self, *error: object) -> None:
        pass


DEVICE = Device()


class Devices(list[Any]):
    """`cuda.gpus`: the list of devices, of which there is one."""

    current = DEVICE

    @property
    def lst(self) -> list[Any]:
        """The devices."""
        return list(self)


class MemoryInfo(NamedTuple):
    """Bytes of device memory that are free, and all that there are."""

    free: int
    total: int


def context() -> Any:
    """Return the context of the simulated device."""
    free = 64 * 2**30
    return SimpleNamespace(
        device=DEVICE,
        synchronize=lambda: None,
        get_memory_info=lambda: MemoryInfo(free, 2 * free),
        memhostalloc=None,
        reset=lambda: None,
        push=lambda: None,
        pop=lambda: None,
        deallocations=SimpleNamespace(clear=lambda: None),
    )
