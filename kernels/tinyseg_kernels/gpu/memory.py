"""How much memory the device has, and how much a piece of work needs."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

from ..backend import current
from ..device import device_module
from .emulation import emulator


def out_of_memory_error() -> type[BaseException]:
    """Return the exception that the backend in use raises when an array does not fit."""
    module = device_module()
    error: type[BaseException] = module.OutOfMemoryError if current().emulate else module.cuda.memory.OutOfMemoryError
    return error


def available() -> int | None:
    """Return how many bytes new arrays may take together.

    None when nothing limits them (the emulator's memory is the host's).
    """
    gc.collect()
    if current().emulate:
        memory = emulator().memory
        return None if memory.limit is None else memory.limit - memory.used
    module = device_module()
    module.get_default_memory_pool().free_all_blocks()
    free, _ = module.cuda.Device().mem_info
    return int(free)


def peak_of(work: Callable[[], object]) -> int:
    """Return how many bytes more than before were in use at the peak while `work` ran; what it raises goes on."""
    if current().emulate:
        memory = emulator().memory
        before = memory.peak = memory.used
        work()
        return memory.peak - before
    meter = _meter(device_module())
    with meter:
        work()
    peak: int = meter.peak
    return peak


def _meter(module: Any) -> Any:
    """Make a hook that CuPy's memory pool tells of every array."""

    class Meter(module.cuda.MemoryHook):  # type: ignore[misc]
        name = "tinyseg peak"
        used = peak = 0

        def malloc_postprocess(self, **about: int) -> None:
            self.used += about["mem_size"]
            self.peak = max(self.peak, self.used)

        def free_postprocess(self, **about: int) -> None:
            self.used -= about["mem_size"]

    return Meter()
