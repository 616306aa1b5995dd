"""Arrays on the device of the backend in use: CuPy's on a GPU, the emulator's stand-ins for them on a CPU.

Data never moves between host and device by itself: `to_device` and `to_host` are the only ways across.
"""

from __future__ import annotations

import sys
from contextvars import ContextVar
from types import ModuleType
from typing import Any, TypeGuard

import numpy as np

from .backend import current, on_gpu
from .errors import InvalidInput
from .types import Array, DTypeLike, IntArray, Shape

COPIED_AHEAD: ContextVar[tuple[tuple[Array, Array], ...]] = ContextVar("tinyseg_copied_ahead", default=())
"""Pairs (NumPy array, its copy on the device) of the batch being computed, made by `copy_ahead`."""


def device_module() -> ModuleType:
    """Return the array module of the GPU backend in use: cupy, or its stand-in with the same names."""
    if current().emulate:
        from .gpu.emulation import emulator

        return emulator().arrays
    import cupy

    return cupy


def array_module(array: Array) -> ModuleType:
    """Return the module that an array belongs to: numpy, cupy, or the stand-in for cupy."""
    if isinstance(array, (np.ndarray, np.generic)):
        return np
    name = type(array).__module__
    return sys.modules["cupy" if name.partition(".")[0] == "cupy" else name]


def as_int32_ids(ids: Array, classes: int) -> IntArray:
    """Return class ids in the dtype of the kernels.

    Wide ones that are out of range stay so, instead of wrapping around into it.
    """
    if ids.dtype.itemsize > 2 and ids.dtype != np.int32:
        ids = ids.astype(np.int64, copy=False).clip(-1, classes)
    return ids.astype(np.int32, copy=False)


def is_device_array(value: object) -> TypeGuard[Any]:
    """Return whether this is an array on a GPU or in the emulator's memory. Imports neither."""
    kind = type(value)
    return kind.__name__ == "ndarray" and kind.__module__.partition(".")[0] in ("cupy", "tinyseg_emulator")


def is_array(value: object) -> TypeGuard[Array]:
    """Return whether this is an array of NumPy, but none that computes by rules of its own (a mask, a matrix), or of a device."""
    if isinstance(value, np.ndarray):
        return not isinstance(value, (np.ma.MaskedArray, np.matrix))
    return is_device_array(value)


def to_device(array: Array) -> Array:
    """Copy an array to the device of the backend in use.

    One that is there already, or was copied ahead, is not copied again.

    Raises:
        InvalidInput: The backend in use has no device, or the array is on another one.
    """
    if not on_gpu():
        raise InvalidInput(
            f"to_device: backend {current().name!r} computes on the CPU; choose 'cupy' or 'numba-cuda' first"
        )
    module = device_module()
    if is_device_array(array):
        if isinstance(array, module.ndarray):
            return array
        raise InvalidInput(
            f"to_device: the array is on another device ({type(array).__module__}) than the backend in use ({module.__name__})"
        )
    ahead = next((there for here, there in COPIED_AHEAD.get() if here is array), None)
    return module.asarray(array) if ahead is None else ahead


def to_host(array: Any) -> Any:
    """Copy an array from the device to NumPy; an array or number of the host is returned as it is."""
    return array.get() if is_device_array(array) else array


def to_backend(array: Any) -> Any:
    """Bring an array to where the backend in use computes: `to_device` for a GPU, `to_host` for a CPU."""
    return to_device(array) if on_gpu() else to_host(array)


def like(array: Any, values: Any) -> Any:
    """Return `values` on the device of `array`, that of the backend in use, or as a NumPy array."""
    return np.asarray(to_host(values)) if isinstance(array, (np.ndarray, np.generic)) else to_device(values)


def empty(shape: int | Shape, dtype: DTypeLike) -> Array:
    """Return an array on the device with undefined numbers (NaN in the emulator, so that reading them shows)."""
    return device_module().empty(shape, dtype)


def zeros(shape: int | Shape, dtype: DTypeLike) -> Array:
    """Return an array of zeros on the device."""
    return device_module().zeros(shape, dtype)


def pinned_empty(shape: int | Shape, dtype: DTypeLike) -> Array:
    """Return a NumPy array in memory that a GPU can copy by itself, while the host goes on."""
    if current().emulate:
        return np.empty(shape, dtype)
    import cupyx

    pinned: Array = cupyx.empty_pinned(shape, dtype)
    return pinned


def contiguous(array: Array) -> Array:
    """Return the array itself when its numbers lie in C order without gaps, else a copy of which that holds."""
    return array if array.flags.c_contiguous else array_module(array).ascontiguousarray(array)


def check_array(operation: str, name: str, array: object) -> None:
    """Check that this is an array, and where the backend in use computes."""
    if type(array) is not usual_type():
        check_unusual(operation, name, array)


def usual_type() -> type:
    """Return the type of the arrays on which the backend in use computes."""
    return device_module().ndarray if on_gpu() else np.ndarray


def check_unusual(operation: str, name: str, array: object) -> None:
    """Check what is not of the usual type, such as a memory map."""
    if not is_array(array):
        raise InvalidInput(f"{operation}: expected {name} to be an array, got {type(array).__name__}")
    if on_gpu():
        found = "a NumPy array" if isinstance(array, np.ndarray) else f"an array of {type(array).__module__}"
        raise InvalidInput(
            f"{operation}: expected {name} on the device of backend {current().name!r}, got {found}; "
            "bring it there with tinyseg_kernels.device.to_device"
        )
    if is_device_array(array):
        raise InvalidInput(
            f"{operation}: expected {name} to be a NumPy array for backend {current().name!r}, got an array on a device; "
            "fetch it with tinyseg_kernels.device.to_host"
        )
