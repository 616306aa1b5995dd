"""Arrays of the simulated device, as a host program sees them."""

from __future__ import annotations

from typing import Any

import numpy as np


class HostArray(np.ndarray[Any, Any]):
    """What stands in for a device array of Numba: a NumPy array with the methods that copy."""

    stream: Any = 0

    def copy_to_host(self, ary: Any = None, stream: Any = 0) -> Any:
        """Return a copy as a plain NumPy array, or copy into one."""
        if ary is None:
            return np.array(self, subok=False)
        ary[...] = np.asarray(self).reshape(ary.shape)
        return ary

    def copy_to_device(self, ary: Any, stream: Any = 0) -> None:
        """Copy the numbers of another array, which must have this shape and dtype."""
        given = np.asarray(ary)
        if given.shape != self.shape:
            raise ValueError(f"incompatible shape: {given.shape} vs. {self.shape}")
        if given.dtype != self.dtype:
            raise TypeError(f"incompatible dtype: {given.dtype} vs. {self.dtype}")
        self[...] = given

    def bind(self, stream: Any = 0) -> HostArray:
        """Return the array: the order of streams does not matter here."""
        return self

    def split(self, section: int, stream: Any = 0) -> Any:
        """Yield the array in pieces of this length."""
        for start in range(0, self.size, section):
            yield self[start : start + section]

    def is_c_contiguous(self) -> bool:
        """Return whether the array lies row by row without gaps."""
        return bool(self.flags.c_contiguous)

    def is_f_contiguous(self) -> bool:
        """Return whether the array lies column by column without gaps."""
        return bool(self.flags.f_contiguous)

    @property
    def alloc_size(self) -> int:
        """Its bytes."""
        return self.nbytes

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        return {**self.__array_interface__, "version": 3, "stream": None}


def on_device(array: Any) -> HostArray:
    """Return an array's numbers, without a copy, as a device array."""
    return np.asarray(array).view(HostArray)


def unwritten(shape: Any, dtype: Any = np.float64, order: str = "C") -> HostArray:
    """Return a new array; its bytes are 0xFF (NaN for floats), so that numbers that no kernel writes show."""
    kind = np.dtype(dtype if isinstance(dtype, np.dtype | type | str | list) else getattr(dtype, "dtype", str(dtype)))
    count = int(np.prod(shape, dtype=np.int64))
    raw = np.full(count * kind.itemsize, 0xFF, np.uint8)
    return raw.view(kind).reshape(shape, order="F" if order == "F" else "C").view(HostArray)
