"""The `cuda` of a module that defines and launches kernels, when the simulator runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np

from .host_arrays import HostArray, on_device, unwritten
from .host_functions import Reduce, guvectorize, vectorize
from .host_runtime import DEVICE, Device, Devices, Event, Stream, context
from .math_functions import LIBDEVICE

_TYPES = (
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
    "complex64", "complex128",
)  # fmt: skip
_ALIASES = {
    "boolean": "bool_", "bool_": "bool_", "byte": "uint8", "intp": "intp", "uintp": "uintp", "intc": "int32",
    "uintc": "uint32", "f2": "float16", "f4": "float32", "f8": "float64", "i1": "int8", "i2": "int16", "i4": "int32",
    "i8": "int64", "u1": "uint8", "u2": "uint16", "u4": "uint32", "u8": "uint64", "c8": "complex64",
    "c16": "complex128",     "b1": "bool_", "double": "float64",
}  # fmt: skip


class HostCuda:
    """Stands in for `numba.cuda` in a module that defines kernels; inside a kernel its name means `KernelCuda`.

    Args:
        kernel_type: What makes a kernel of a function.
    """

    libdevice = LIBDEVICE
    stands_for = "numba.cuda"
    implementation = "tinyseg"
    event, stream = Event, Stream
    gpus = Devices([DEVICE])

    def __init__(self, kernel_type: Callable[..., Any]) -> None:
        self._kernel_type = kernel_type
        self.reduce = self.Reduce = lambda function: Reduce(function, kernel_type)
        self.types = SimpleNamespace()
        for name in _TYPES:
            setattr(self, name, getattr(np, name))
            setattr(self.types, name, getattr(np, name))
        for name, meaning in _ALIASES.items():
            setattr(self, name, getattr(np, meaning))
            setattr(self.types, name, getattr(np, meaning))

    # Kernels ----------------------------------------------------------------------------------------------------------

    def jit(self, func_or_sig: Any = None, device: bool = False, link: Any = (), **options: Any) -> Any:
        """Make a kernel, or a device function, of a Python function.

        Args:
            func_or_sig: The function, or the signatures for which alone it is compiled.
            device: Whether other kernels call it.
            link: Other code to link, which the simulator cannot run.
            options: `fastmath`, `opt`, `debug`, `lineinfo`, `max_registers`, ...: they do not change results here.
        """
        if link:
            raise NotImplementedError("cuda.jit: the simulator runs Python kernels alone, it cannot link other code")
        if callable(func_or_sig) and hasattr(func_or_sig, "__code__"):
            return self._kernel_type(func_or_sig)
        if hasattr(func_or_sig, "py_func"):
            return self._kernel_type(func_or_sig.py_func)
        signatures = None
        if func_or_sig is not None:
            signatures = tuple(func_or_sig) if isinstance(func_or_sig, list) else (func_or_sig,)
        if device:
            signatures = None  # they are what callers ask for
        return lambda function: self._kernel_type(getattr(function, "py_func", function), signatures)

    def declare_device(self, name: str, sig: Any, **options: Any) -> Any:
        """Refuse: there is no Python code of a function that comes from other code."""
        raise NotImplementedError(
            f"cuda.declare_device({name!r}): the simulator runs Python functions alone; it has no code of this one"
        )

    def vectorize(self, *signatures: Any, **options: Any) -> Any:
        """Make a function of arrays of one of numbers."""
        return vectorize(self._kernel_type, *signatures, **options)

    def guvectorize(self, *signatures: Any, **options: Any) -> Any:
        """Make a function of arrays of one of rows."""
        return guvectorize(self._kernel_type, *signatures, **options)

    # Memory -----------------------------------------------------------------------------------------------------------

    def to_device(self, obj: Any, stream: Any = 0, copy: bool = True, to: Any = None) -> Any:
        """Copy an array."""
        if to is not None:
            to.copy_to_device(np.asarray(obj))
            return to
        return on_device(np.array(obj, order="K", subok=False))

    def device_array(
        self, shape: Any, dtype: Any = np.float64, strides: Any = None, order: str = "C", stream: Any = 0
    ) -> HostArray:
        """Return a new array; its bytes are 0xFF (NaN for floats), so that numbers that no kernel writes show."""
        return unwritten(shape, dtype, order)

    def device_array_like(self, ary: Any, stream: Any = 0) -> HostArray:
        """Return a new array of the same shape, dtype and order."""
        fortran = ary.flags.f_contiguous and not ary.flags.c_contiguous
        return unwritten(ary.shape, ary.dtype, "F" if fortran else "C")

    def pinned_array(self, shape: Any, dtype: Any = np.float64, strides: Any = None, order: str = "C") -> Any:
        """Return a new host array."""
        return np.asarray(unwritten(shape, dtype, order))

    def mapped_array(
        self, shape: Any, dtype: Any = np.float64, strides: Any = None, order: str = "C", **options: Any
    ) -> Any:
        """Return a new array that host and device see."""
        return unwritten(shape, dtype, order)

    managed_array = mapped_array

    def mapped_array_like(self, ary: Any, **options: Any) -> HostArray:
        """Return a new array of the same shape and dtype that host and device see."""
        return self.device_array_like(ary)

    def pinned_array_like(self, ary: Any) -> Any:
        """Return a new host array of the same shape and dtype."""
        return np.asarray(self.device_array_like(ary))

    @contextmanager
    def pinned(self, *arrays: Any) -> Iterator[None]:
        """Do nothing within the block: host memory needs no pinning here."""
        yield

    @contextmanager
    def mapped(self, *arrays: Any, **options: Any) -> Iterator[Any]:
        """Give arrays as the device sees them."""
        seen = [on_device(array) for array in arrays]
        yield seen[0] if len(seen) == 1 else seen

    @contextmanager
    def profiling(self) -> Iterator[None]:
        """Do nothing."""
        yield

    @contextmanager
    def defer_cleanup(self) -> Iterator[None]:
        """Do nothing."""
        yield

    def as_cuda_array(self, obj: Any, sync: bool = True) -> HostArray:
        """Return an array of another library, without a copy."""
        return on_device(obj)

    def is_cuda_array(self, obj: Any) -> bool:
        """Return whether an object is an array of a device."""
        return hasattr(obj, "__cuda_array_interface__")

    # Machine ----------------------------------------------------------------------------------------------------------

    def synchronize(self) -> None:
        """Do nothing: a launch returns when the kernel is done."""

    def is_available(self) -> bool:
        """Return True: kernels can be launched."""
        return True

    def event_elapsed_time(self, evtstart: Event, evtend: Event) -> float:
        """Return the milliseconds between two events."""
        return evtstart.elapsed_time(evtend)

    def cuda_error(self) -> None:
        """Return None: nothing went wrong when the driver was loaded."""

    def is_supported_version(self) -> bool:
        """Return True."""
        return True

    def detect(self) -> bool:
        """Print the devices, and return that there is one that can be used."""
        print(f"Found 1 CUDA devices\nid 0    {DEVICE.name!r}    [SUPPORTED]\n\tcompute capability: 9.0")
        return True

    def get_current_device(self) -> Device:
        """Return the device."""
        return DEVICE

    def select_device(self, device_id: int) -> Any:
        """Return the context of the device, which is number 0."""
        if device_id != 0:
            raise ValueError(f"select_device: expected 0, the only device of the simulator, got {device_id}")
        return context()

    def list_devices(self) -> Devices:
        """Return the devices."""
        return self.gpus

    def current_context(self, devnum: Any = None) -> Any:
        """Return the context of the device."""
        return context()

    def close(self) -> None:
        """Do nothing."""

    def default_stream(self) -> Stream:
        """Return the default stream."""
        return Stream(0)

    legacy_default_stream = per_thread_default_stream = default_stream

    def external_stream(self, ptr: int) -> Stream:
        """Return a stream of another library."""
        return Stream(ptr)

    def profile_start(self) -> None:
        """Do nothing."""

    profile_stop = profile_start

    def is_float16_supported(self) -> bool:
        """Return True."""
        return True

    is_bfloat16_supported = is_float16_supported

    def In(self, array: Any) -> Any:
        """Return an array: all are copied in."""
        return array

    Out = InOut = In

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"the simulator has cuda.{name} inside kernels only, or not at all; of the host's functions it has jit, "
            "to_device and what copies, allocates, waits and tells of the device"
        )
