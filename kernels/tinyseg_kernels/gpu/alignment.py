"""Whether kernels may read an array four numbers at a time."""

from __future__ import annotations

from typing import Any

from ..backend import current
from ..types import Array
from .emulation import emulator

_BYTES = 16
"""What one vector load takes; its address must be a multiple of that."""


def address(array: Any) -> int:
    """Return where an array's first number lies, on the GPU or in the emulator's memory."""
    if current().emulate:
        host: int = emulator().memory_of(array).ctypes.data
        return host
    device: int = array.data.ptr
    return device


def in_quads(count: int, *arrays: Array) -> bool:
    """Return whether rows of `count` numbers in these contiguous arrays can be read as quads (four numbers at once).

    New arrays are aligned, but a part of one, `x[1:]`, may start anywhere.
    """
    return count % 4 == 0 and all(address(array) % _BYTES == 0 for array in arrays)
