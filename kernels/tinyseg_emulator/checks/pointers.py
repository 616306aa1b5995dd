"""A pointer into an array as an argument of a launch: what `x + 8` is in C++."""

from __future__ import annotations

from dataclasses import dataclass

from tinyseg_kernels.types import Array


@dataclass(frozen=True)
class Pointer:
    """The address of one of an array's numbers.

    Args:
        array: The array; None for the null pointer.
        offset: How many numbers from its start.
        name: Its name, for reports; '' for that of the parameter.
    """

    array: Array | None
    offset: int = 0
    name: str = ""

    @property
    def address(self) -> int:
        """The address in bytes, 0 for the null pointer."""
        return 0 if self.array is None else int(self.array.ctypes.data) + self.offset * self.array.itemsize
