"""The `cuda` of a module that defines kernels, when the simulator runs them.

`jit`, and what a host program needs around it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .math_functions import LIBDEVICE


class HostArray(np.ndarray[Any, Any]):
    """What stands in for a device array of Numba: a NumPy array with the methods that copy."""

    def copy_to_host(self, array: Any = None) -> Any:
        """Return a copy as a plain NumPy array, or copy into one."""
        if array is None:
            return np.array(self, subok=False)
        array[...] = self
        return array

    def copy_to_device(self, array: Any) -> None:
        """Copy the numbers of another array."""
        self[...] = array


class HostCuda:
    """Stands in for `numba.cuda` in a module that defines kernels; inside a kernel its name means `KernelCuda`."""

    libdevice = LIBDEVICE
    stands_for = "numba.cuda"

    def __init__(self, kernel_type: Callable[[Callable[..., Any]], Any]) -> None:
        self._kernel_type = kernel_type

    def jit(self, function: Any = None, **options: Any) -> Any:
        """Make a kernel, or a device function, of a Python function.

        Signatures and the options of `numba.cuda.jit` have no effect.
        """
        return (
            self._kernel_type(function) if callable(function) and hasattr(function, "__code__") else self._kernel_type
        )

    def to_device(self, array: Any) -> HostArray:
        """Copy an array."""
        return np.array(array).view(HostArray)

    def device_array(self, shape: Any, dtype: Any = float) -> HostArray:
        """Return a new array; its bytes are 0xFF (NaN for floats), so that numbers that no kernel writes show."""
        array = np.empty(shape, dtype)
        array.reshape(-1).view(np.uint8)[...] = 0xFF
        return array.view(HostArray)

    def device_array_like(self, array: Any) -> HostArray:
        """Return a new array of the same shape and dtype."""
        return self.device_array(array.shape, array.dtype)

    def synchronize(self) -> None:
        """Do nothing: a launch returns when the kernel is done."""

    def is_available(self) -> bool:
        """Return True: kernels can be launched."""
        return True

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"the simulator has cuda.{name} inside kernels only, or not at all; of the host's functions it has jit, "
            "to_device and a few more"
        )
