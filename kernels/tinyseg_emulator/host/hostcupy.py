"""A stand-in for CuPy on a machine without a GPU: NumPy's memory and arithmetic behind CuPy's rules.

As with CuPy, an array never turns into a NumPy array by itself (`.get()` does it), never meets a NumPy array in an
operation, and a reduction gives an array without axes, not a number. So host code that runs with this module makes no
mistake in these respects with CuPy. New arrays are filled with NaN and lie between guard pages; `TRANSFERS` counts what
crosses between host and device.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from tinyseg_kernels.types import Array

from . import streams as cuda
from .device_memory import MEMORY as MEMORY
from .device_memory import TRANSFERS as TRANSFERS
from .device_memory import OutOfMemoryError as OutOfMemoryError
from .device_memory import limited_memory as limited_memory
from .guarded import guarded

float32, float64, int32, int64, uint8, bool_ = np.float32, np.float64, np.int32, np.int64, np.uint8, np.bool_
inf, nan, newaxis, pi = np.inf, np.nan, np.newaxis, np.pi

POISON = 0xFF
"""Every byte of a new array: NaN for floats, -1 for signed integers.

So a number that no kernel has written shows.
"""


@dataclass(frozen=True)
class MemoryPointer:
    """Where an array's numbers lie; CuPy's has the same name."""

    ptr: int


class ndarray:
    """An array of the emulated device."""

    __slots__ = ("__weakref__", "_memory", "_owner")

    def __init__(self, memory: Array, owner: Any = None) -> None:
        """Take NumPy's array as memory; `owner` keeps alive the array that this one is a view of."""
        self._memory = memory
        self._owner = owner
        if owner is None and memory.nbytes:
            MEMORY.take(memory.nbytes)
            weakref.finalize(self, MEMORY.give, memory.nbytes)

    # What CuPy forbids ------------------------------------------------------------------------------------------------

    def __array__(self, *_: Any, **__: Any) -> Array:
        """Refuse: data does not move to the host silently."""
        raise TypeError(
            "Implicit conversion to a NumPy array is not allowed. Please use `.get()` to construct a NumPy array "
            "explicitly."
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """Compute NumPy's ufuncs on device arrays and numbers."""
        if (
            ufunc in RELATIONS
        ):  # NumPy makes an array of a NumPy scalar on the left of a comparison; CuPy takes that one
            inputs = tuple(x.item() if isinstance(x, np.ndarray) and x.ndim == 0 else x for x in inputs)
        return _wrap(getattr(ufunc, method)(*_inside(inputs), **_inside(options)))

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, options: Any) -> Any:
        """Compute NumPy's functions on device arrays and numbers."""
        if function.__name__ not in FUNCTIONS:
            return NotImplemented
        return _wrap(function(*_inside(args), **_inside(options)))

    # Across to the host -----------------------------------------------------------------------------------------------

    def get(self, stream: Any = None, order: str = "C", out: Array | None = None, blocking: bool = True) -> Array:
        """Copy to NumPy."""
        TRANSFERS.to_host += 1
        TRANSFERS.to_host_bytes += self.nbytes
        if out is not None:
            out[...] = self._memory
            return out
        return np.array(self._memory, order="C")

    def item(self, *place: Any) -> Any:
        """Fetch one number."""
        TRANSFERS.to_host += 1
        TRANSFERS.to_host_bytes += self.itemsize
        return self._memory.item(*place)

    def tolist(self) -> Any:
        """Fetch all numbers."""
        return self.get().tolist()

    def __float__(self) -> float:
        """Fetch the number of an array of one."""
        return float(self.item())

    def __int__(self) -> int:
        """Fetch the number of an array of one."""
        return int(self.item())

    def __index__(self) -> int:
        """Fetch the number of an integer array of one."""
        if self.dtype.kind not in "iu":
            raise TypeError("only integer scalar arrays can be converted to a scalar index")
        return int(self.item())

    def __bool__(self) -> bool:
        """Fetch the truth of an array of one."""
        return bool(self.item())

    # What all arrays have ---------------------------------------------------------------------------------------------

    def set(self, array: Array, stream: Any = None) -> None:
        """Copy a NumPy array of the same shape and dtype into this one.

        In a stream of its own, as late as CUDA allows.
        """
        if not isinstance(array, np.ndarray) or array.shape != self.shape or array.dtype != self.dtype:
            raise TypeError(f"expected a NumPy array of shape {self.shape} and {self.dtype}")
        _count_to_device(array.nbytes)
        (stream or cuda.get_current_stream()).enqueue(lambda: np.copyto(self._memory, array))

    @property
    def data(self) -> MemoryPointer:
        """Return the address of the first number."""
        return MemoryPointer(self._memory.ctypes.data)

    def fill(self, value: Any) -> None:
        """Set every number."""
        self._memory.fill(_inside(value))

    def __getitem__(self, place: Any) -> ndarray:
        """Return a part: a view where NumPy gives one."""
        return self._part(self._memory[_index(place)])

    def __setitem__(self, place: Any, value: Any) -> None:
        """Set a part."""
        self._memory[_index(place)] = _inside(value)

    def __len__(self) -> int:
        """Return the length of the first axis."""
        return len(self._memory)

    def __iter__(self) -> Iterator[ndarray]:
        """Go along the first axis."""
        return (self[k] for k in range(len(self)))

    def __repr__(self) -> str:
        """Show the numbers."""
        return repr(self._memory)

    def _part(self, result: Any) -> ndarray:
        memory = np.asarray(result)
        return ndarray(memory, self if np.may_share_memory(memory, self._memory) else None)

    __hash__ = None  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        """Give shape, dtype and the like as they are, and methods with their results as device arrays."""
        if name in PROPERTIES:
            return getattr(self._memory, name)
        if name == "T":
            return self._part(self._memory.T)
        if name in METHODS:
            method = getattr(self._memory, name)
            return lambda *args, **options: self._result(method(*_inside(args), **_inside(options)))
        raise AttributeError(f"'cupy.ndarray' object has no attribute {name!r}")

    def _result(self, result: Any) -> Any:
        return self._part(result) if isinstance(result, (np.ndarray, np.generic)) else result


PROPERTIES = ("shape", "dtype", "ndim", "size", "nbytes", "strides", "flags", "itemsize")
METHODS = (
    "all", "any", "argmax", "argmin", "argsort", "astype", "clip", "copy", "cumsum", "diagonal", "dot", "flatten",
    "max", "mean", "min", "nonzero", "prod", "ravel", "repeat", "reshape", "round", "sort", "squeeze", "std", "sum",
    "swapaxes", "take", "trace", "transpose", "var", "view",
)  # fmt: skip
OPERATORS = (
    "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor", "lshift", "rshift",
)  # fmt: skip
RELATIONS = (np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal)
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge", "neg", "pos", "abs", "invert")
FUNCTIONS = (
    "abs", "absolute", "add", "all", "any", "arange", "argmax", "argmin", "argsort", "argwhere", "ascontiguousarray",
    "atleast_1d", "bincount", "broadcast_arrays", "broadcast_to", "ceil", "clip", "concatenate", "copyto",
    "count_nonzero", "cumsum", "diag", "diff", "divide", "dot", "equal", "exp", "expand_dims", "expm1", "eye",
    "flatnonzero", "flip", "floor", "full", "full_like", "greater", "isclose", "isfinite", "isinf", "isnan", "linspace",
    "log", "log1p", "logical_and", "logical_not", "logical_or", "matmul", "max", "maximum", "mean", "min", "minimum",
    "moveaxis", "multiply", "negative", "not_equal", "ones", "ones_like", "pad", "prod", "ravel", "repeat", "reshape",
    "round", "sign", "split", "sqrt", "square", "squeeze", "stack", "std", "subtract", "sum", "swapaxes", "take",
    "take_along_axis", "tanh", "tensordot", "tile", "transpose", "unique", "var", "vstack", "where", "zeros_like",
    "empty_like", "ndim", "shape", "size", "power",
)  # fmt: skip
"""Functions of NumPy that CuPy has under the same name, as far as tinyseg needs any.

The tests compare the list with CuPy.
"""


def _operator(name: str) -> Callable[..., Any]:
    def apply(self: ndarray, *others: Any) -> Any:
        result = getattr(self._memory, name)(*_inside(others))
        return result if result is NotImplemented else ndarray(np.asarray(result))

    apply.__name__ = name
    return apply


def _in_place(name: str) -> Callable[..., Any]:
    def apply(self: ndarray, other: Any) -> ndarray:
        getattr(self._memory, name)(_inside(other))
        return self

    apply.__name__ = name
    return apply


for _name in OPERATORS:
    setattr(ndarray, f"__{_name}__", _operator(f"__{_name}__"))
    setattr(ndarray, f"__r{_name}__", _operator(f"__r{_name}__"))
    setattr(ndarray, f"__i{_name}__", _in_place(f"__i{_name}__"))
for _name in COMPARISONS:
    setattr(ndarray, f"__{_name}__", _operator(f"__{_name}__"))


def memory_of(array: ndarray) -> Array:
    """Return the NumPy array that a device array's numbers lie in: for kernels alone, which may touch them."""
    return array._memory


def empty(shape: Any, dtype: Any = float, order: str = "C") -> ndarray:
    """Return a new array full of NaN, between guard pages."""
    kind = np.dtype(dtype)
    lengths = (int(shape),) if isinstance(shape, (int, np.integer)) else tuple(int(n) for n in shape)
    count = int(np.prod(lengths, dtype=np.int64))
    MEMORY.take(count * kind.itemsize)  # before the memory is asked for: too much is refused, not tried
    MEMORY.give(count * kind.itemsize)
    raw = guarded(count * kind.itemsize)
    raw.fill(POISON if kind.kind != "b" else 0)
    return ndarray(raw.view(kind).reshape(lengths))


def zeros(shape: Any, dtype: Any = float, order: str = "C") -> ndarray:
    """Return a new array of zeros."""
    array = empty(shape, dtype)
    array._memory.fill(0)
    return array


def empty_like(array: ndarray, dtype: Any = None) -> ndarray:
    """Return a new array of the same shape and dtype."""
    return empty(array.shape, array.dtype if dtype is None else dtype)


def zeros_like(array: ndarray, dtype: Any = None) -> ndarray:
    """Return zeros of the same shape and dtype."""
    return zeros(array.shape, array.dtype if dtype is None else dtype)


def array(values: Any, dtype: Any = None, copy: bool = True) -> ndarray:
    """Copy values of the host, or a device array, to a new device array."""
    if isinstance(values, ndarray):
        source = values._memory
    else:
        source = np.asarray(values)
        _count_to_device(source.nbytes)
    new = empty(source.shape, source.dtype if dtype is None else dtype)
    new._memory[...] = source
    return new


def asarray(values: Any, dtype: Any = None) -> ndarray:
    """Return a device array as it is, and copy anything else to the device."""
    if isinstance(values, ndarray) and (dtype is None or values.dtype == dtype):
        return values
    return array(values, dtype)


def ascontiguousarray(values: Any, dtype: Any = None) -> ndarray:
    """Return an array in C order without gaps."""
    given = asarray(values, dtype)
    return given if given.flags.c_contiguous else array(given)


def asnumpy(values: Any) -> Array:
    """Copy to NumPy."""
    return values.get() if isinstance(values, ndarray) else np.asarray(values)


def get_array_module(*arrays: Any) -> Any:
    """Return this module if one of the arrays is of the device, else NumPy."""
    import sys

    return sys.modules[__name__] if any(isinstance(a, ndarray) for a in arrays) else np


def __getattr__(name: str) -> Any:
    """Give NumPy's function of this name, on device arrays."""
    if name in FUNCTIONS:
        function = getattr(np, name)
        return lambda *args, **options: _wrap(function(*_inside(args), **_inside(options)))
    raise AttributeError(f"the emulator's stand-in for cupy has no {name!r}")


def _count_to_device(nbytes: int) -> None:
    TRANSFERS.to_device += 1
    TRANSFERS.to_device_bytes += nbytes


def _inside(value: Any) -> Any:
    """Replace device arrays by their memory, in tuples, lists and dicts too; refuse NumPy arrays, as CuPy does."""
    if isinstance(value, ndarray):
        return value._memory
    if isinstance(value, np.ndarray):
        raise TypeError(f"Unsupported type {type(value)}")
    if isinstance(value, tuple):
        return tuple(_inside(item) for item in value)
    if isinstance(value, list):
        return [_inside(item) for item in value]
    if isinstance(value, dict):
        return {key: _inside(item) for key, item in value.items()}
    return value


def _index(place: Any) -> Any:
    """Replace device arrays by their memory where they say which part of an array is meant.

    NumPy arrays may, too: CuPy copies those to the device.
    """
    if isinstance(place, np.ndarray):
        _count_to_device(place.nbytes)
        return place
    return tuple(_index(item) for item in place) if isinstance(place, tuple) else _inside(place)


def _wrap(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        return ndarray(np.asarray(value))
    if isinstance(value, (tuple, list)):
        return type(value)(_wrap(item) for item in value)
    return value
