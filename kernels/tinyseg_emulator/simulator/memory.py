"""Shared, local and constant memory of simulated kernels."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from tinyseg_kernels.types import Array

from ..checks.kernel_error import KernelError
from .places import Spot, spot

LARGEST_STATIC_SHARED = 48 * 1024
POISON = 0xA5
"""Every byte of a new integer array in shared or local memory: a value that nobody expects."""


class SharedMemory:
    """`cuda.shared`: arrays that a block's threads share, one for each place in the code that asks for one.

    Args:
        kernel: Name of the kernel, for errors.
        dynamic_bytes: Size of the dynamic shared memory, to which every `cuda.shared.array(0, dtype)` points.
    """

    def __init__(self, kernel: str, dynamic_bytes: int) -> None:
        self.kernel = kernel
        self.dynamic_bytes = dynamic_bytes
        self.static: dict[Spot, Array] = {}
        self.dynamic = np.empty(0, np.uint8)

    def forget(self) -> None:
        """Start a block: its shared memory holds nothing yet."""
        self.static.clear()
        if self.dynamic_bytes:
            self.dynamic = np.full(self.dynamic_bytes, 0xFF, np.uint8)  # NaN for floats, -1 for integers

    def renew(self) -> None:
        """Be the memory of another block from now on."""
        self.static = {}
        self.forget()

    def array(self, shape: Any, dtype: Any, alignment: int | None = None) -> Any:
        """Return the array that this place in the code declares."""
        key = spot(sys._getframe(1))
        array = self.static.get(key)
        return self._new(key, shape, dtype) if array is None else array

    def _new(self, key: Spot, shape: Any, dtype: Any) -> Array:
        kind = as_dtype(dtype)
        if shape in (0, (0,)):
            count = self.dynamic_bytes // kind.itemsize
            array = self.dynamic[: count * kind.itemsize].view(kind)
        else:
            array = poisoned(shape, kind)
            total = array.nbytes + sum(a.nbytes for a in self.static.values() if a.base is not self.dynamic)
            if total > LARGEST_STATIC_SHARED:
                raise KernelError(
                    self.kernel, f"expected at most {LARGEST_STATIC_SHARED} bytes of static shared memory, got {total}"
                )
        self.static[key] = array
        return array


class LocalMemory:
    """`cuda.local`: arrays of one thread."""

    def array(self, shape: Any, dtype: Any, alignment: int | None = None) -> Any:
        """Return a new array."""
        return poisoned(shape, as_dtype(dtype))


class Constant:
    """`cuda.const`: arrays that a kernel only reads."""

    def array_like(self, array: Any) -> Any:
        """Return the array."""
        return array


def poisoned(shape: Any, dtype: np.dtype[Any]) -> Array:
    """Return an array full of NaN, or of a pattern for other dtypes, so that reading before writing shows."""
    if dtype.kind in "fc":
        return np.full(shape, np.nan, dtype)
    array = np.empty(shape, dtype)
    array.reshape(-1).view(np.uint8)[...] = POISON
    return array if dtype.names is None else array.view(np.recarray)


_DTYPES: dict[Any, np.dtype[Any]] = {}


def as_dtype(dtype: Any) -> np.dtype[Any]:
    """Turn a NumPy or a Numba type (`float32`) into a dtype."""
    known = _DTYPES.get(dtype)
    if known is None:
        known = _DTYPES[dtype] = (
            _dtype_of_numba(dtype) if type(dtype).__module__.startswith("numba") else np.dtype(dtype)
        )
    return known


def _dtype_of_numba(kind: Any) -> np.dtype[Any]:
    record = getattr(kind, "dtype", None)
    return record if isinstance(record, np.dtype) else np.dtype(str(kind))
