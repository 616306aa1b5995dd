"""Arrays that tell a recorder of each access: what a kernel gets instead of NumPy arrays when a launch is checked."""

from __future__ import annotations

import linecache
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np
from tinyseg_kernels.types import Array

from ..checks.kernel_error import KernelError
from .atomics import Atomics
from .memory import LocalMemory, SharedMemory
from .places import spot, written_negative
from .recorder import Recorder
from .structures import CheckedRecord


@dataclass
class Storage:
    """The memory of an array and of its views.

    Args:
        name: Name of the array.
        memory: 'global', 'shared' or 'local'.
        root: The array that owns the memory; it keeps the address from being used again.
        written: Offsets in bytes that have been written, for memory that starts undefined; else None.
    """

    name: str
    memory: str
    root: Array
    written: set[int] | None = None

    def __post_init__(self) -> None:
        self.address = self.root.ctypes.data


class CheckedArray:
    """A NumPy array behind the interface that kernels use.

    Every element read or written is recorded, and an index outside the array as well.

    A read out of bounds gives NaN (0 for integers) and a write is dropped, so that the kernel can go on. A negative
    index counts from the end, as on a GPU; it is reported unless the source spells it (`x[-1]`), for one that was
    computed is hardly ever meant.
    """

    def __init__(self, values: Array, storage: Storage, recorder: Recorder) -> None:
        self.values, self.storage, self.recorder = values, storage, recorder
        self.shape, self.strides, self.ndim = values.shape, values.strides, values.ndim
        self.size, self.dtype, self.itemsize, self.nbytes = values.size, values.dtype, values.itemsize, values.nbytes
        self._start = values.ctypes.data - storage.address

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:  # for the debugger: to look is no access
        return f"{self.storage.memory} array {self.storage.name!r}:\n{self.values!r}"

    def __iter__(self) -> Iterator[Any]:
        for i in range(len(self.values)):
            yield self.read(i, sys._getframe(1))

    def __getitem__(self, index: Any) -> Any:
        return self.read(index, sys._getframe(1))

    def __getattr__(self, name: str) -> Any:
        dtype = vars(self).get("dtype", np.dtype(int))
        if name in ("real", "imag") and dtype.kind == "c":
            return CheckedArray(getattr(self.values, name), self.storage, self.recorder)
        fields = dtype.names
        if fields is None or name not in fields:
            raise AttributeError(f"an array of a kernel has no {name!r}")
        return self.field(name)

    def __setitem__(self, index: Any, value: Any) -> None:
        self.write(index, value, sys._getframe(1))

    def field(self, name: str) -> CheckedArray:
        """Return the view of one field of a structured array."""
        known = vars(self).setdefault("_fields", {})
        if name not in known:
            known[name] = CheckedArray(self.values[name], self.storage, self.recorder)
        return known[name]

    def write(self, index: Any, value: Any, frame: FrameType) -> None:
        """Write an element, or the elements of a view."""
        if isinstance(value, CheckedRecord):
            value = value.whole(frame)
        element = self._element(index)
        if element is not None:
            offset = self._offset(element, "write", frame)
            if offset is not None:
                self.values[element] = value
                self._note(element, offset, "write", frame)
            return
        view = self._view(index, "write", frame)
        if isinstance(value, CheckedArray):
            value = value._read_all(frame)
        view.values[...] = value
        for place in np.ndindex(view.shape):
            offset = view._offset(place, "write", frame)
            assert offset is not None
            view._note(place, offset, "write", frame)

    def _note(self, element: tuple[Any, ...], offset: int, kind: str, frame: FrameType) -> None:
        """Record an access to an element, of a structured one to each number in it."""
        if self.dtype.names is None:
            self.recorder.access(self, offset, element, kind, self.values[element], frame)
            return
        for name in self.dtype.names:
            field = self.field(name)
            for inner in np.ndindex(field.shape[self.ndim :]):
                place = element + inner
                within = field._offset(place, kind, frame)
                assert within is not None
                field._note(place, within, kind, frame)

    def whole(self, element: tuple[Any, ...], frame: FrameType) -> Any:
        """Return a copy of an element that is there, and record that all of it was read."""
        offset = self._offset(element, "read", frame)
        assert offset is not None
        self._note(element, offset, "read", frame)
        return self.values[element].copy()

    def read(self, index: Any, frame: FrameType) -> Any:
        """Read an element, or make a view."""
        element = self._element(index)
        if element is None:
            return self.field(index) if isinstance(index, str) else self._view(index, "read", frame)
        offset = self._offset(element, "read", frame)
        if offset is None:
            if self.dtype.names is not None:
                return np.zeros((), self.dtype).view(np.recarray)[()]
            return self.dtype.type(np.nan if self.dtype.kind in "fc" else 0)
        if self.dtype.names is not None:
            return CheckedRecord(self, element)
        value = self.values[element]
        self.recorder.access(self, offset, element, "read", value, frame)
        return value

    def touch(self, index: Any, frame: FrameType) -> bool:
        """Record an atomic operation on an element; return whether the element exists."""
        element = self._element(index)
        if element is None:
            raise KernelError(
                self.recorder.kernel, f"expected an atomic on one element, got index {index!r} of shape {self.shape}"
            )
        offset = self._offset(element, "atomic", frame)
        if offset is not None:
            self.recorder.access(self, offset, element, "atomic", self.values[element], frame)
        return offset is not None

    def reshape(self, *shape: Any) -> CheckedArray:
        """Return a view with another shape; as in Numba, the array must lie without gaps."""
        return CheckedArray(self.values.reshape(*shape), self.storage, self.recorder)

    def ravel(self) -> CheckedArray:
        """Return a view with one axis."""
        return self.reshape(-1)

    def view(self, dtype: Any) -> CheckedArray:
        """Return a view that reads the bytes as another dtype."""
        return CheckedArray(self.values.view(dtype), self.storage, self.recorder)

    @property
    def T(self) -> CheckedArray:
        """The view with the axes in reverse order."""
        return CheckedArray(self.values.T, self.storage, self.recorder)

    def _offset(self, index: tuple[Any, ...], kind: str, frame: FrameType) -> int | None:
        """Return the byte at which an element lies in its memory.

        None, after a report, when the array has no such element.
        """
        offset = self._start
        for i, length, stride in zip(index, self.shape, self.strides, strict=True):
            if not 0 <= i < length:
                if not -length <= i < 0:
                    self.recorder.out_of_bounds(self, index, kind, frame)
                    return None
                if not written_negative(frame):
                    self._tell_wrapped(index, kind, frame)
                i += length
            offset += int(i) * stride
        return offset

    def _tell_wrapped(self, index: tuple[Any, ...], kind: str, frame: FrameType) -> None:
        """Report a negative index that was computed: Numba counts it from the end, which is hardly ever meant."""
        wrapped = tuple(int(i) + length if i < 0 else int(i) for i, length in zip(index, self.shape, strict=True))
        self.recorder.out_of_bounds(self, Wrapped(index, wrapped), kind, frame)

    def _element(self, index: Any) -> tuple[Any, ...] | None:
        """Return an index as a tuple if it names one element, None if it names more."""
        place = index if type(index) is tuple else (index,)
        if len(place) != self.ndim:
            return None
        for i in place:
            if type(i) is not int and not isinstance(i, (int, np.integer)):
                return None
        return place

    def _view(self, index: Any, kind: str, frame: FrameType) -> CheckedArray:
        try:
            values = self.values[index]
        except IndexError as error:
            self.recorder.out_of_bounds(self, index, kind, frame)
            raise KernelError(
                self.recorder.kernel, str(error), place=f"{frame.f_code.co_filename}:{frame.f_lineno}"
            ) from error
        return CheckedArray(values, self.storage, self.recorder)

    def _read_all(self, frame: FrameType) -> Array:
        for place in np.ndindex(self.shape):
            self.whole(place, frame)
        return self.values.copy()


class Wrapped(tuple[Any, ...]):
    """An index with a negative number, and the element that a GPU takes for it."""

    def __new__(cls, index: tuple[Any, ...], wrapped: tuple[int, ...]) -> Wrapped:
        made = super().__new__(cls, index)
        made.element = wrapped
        return made

    element: tuple[int, ...]


class CheckedAtomics(Atomics):
    """`cuda.atomic` on checked arrays: one record of an atomic access for each operation."""

    def __getattribute__(self, name: str) -> Any:
        operation = super().__getattribute__(name)
        if name.startswith("_"):
            return operation

        def recorded(array: CheckedArray, index: Any, *values: Any) -> Any:
            place = (0,) * array.ndim if name == "compare_and_swap" else index
            array.recorder.comparing = name in ("cas", "compare_and_swap")
            if not array.touch(place, sys._getframe(1)):
                return array.dtype.type(0)
            if name == "compare_and_swap":  # it is made of `cas`, which is recorded too when it is looked up here
                return Atomics.cas(self, array.values, place, index, *values)
            return operation(array.values, index, *values)

        return recorded


class CheckedShared(SharedMemory):
    """`cuda.shared`, giving checked arrays."""

    def __init__(self, kernel: str, dynamic_bytes: int, recorder: Recorder) -> None:
        super().__init__(kernel, dynamic_bytes)
        self.recorder = recorder
        self.checked: dict[Any, CheckedArray] = {}
        self.dynamic_written: set[int] = set()

    def renew(self) -> None:
        """Be the memory of another block from now on."""
        self.checked = {}
        super().renew()

    def forget(self) -> None:
        """Start a block: its shared memory holds nothing yet."""
        super().forget()
        self.checked.clear()
        self.dynamic_written = set()

    def array(self, shape: Any, dtype: Any, alignment: int | None = None) -> Any:
        """Return the array that this place in the code declares."""
        frame = sys._getframe(1)
        key = spot(frame)
        known = self.checked.get(key)
        if known is None:
            values = self._new(key, shape, dtype)
            if shape in (0, (0,)):
                storage = Storage(_name_at(frame, "dynamic"), "shared", self.dynamic, self.dynamic_written)
            else:
                storage = Storage(_name_at(frame, "shared"), "shared", values, set())
            known = self.checked[key] = CheckedArray(values, storage, self.recorder)
        return known


class CheckedLocal(LocalMemory):
    """`cuda.local`, giving checked arrays."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder

    def array(self, shape: Any, dtype: Any, alignment: int | None = None) -> Any:
        """Return a new array."""
        values = super().array(shape, dtype)
        return CheckedArray(values, Storage(_name_at(sys._getframe(1), "local"), "local", values, set()), self.recorder)


def checked_argument(name: str, value: Any, recorder: Recorder) -> Any:
    """Wrap an argument of a kernel if it is an array."""
    if not isinstance(value, np.ndarray):
        return value
    root = value
    while isinstance(root.base, np.ndarray):
        root = root.base
    return CheckedArray(value, Storage(name, "global", root), recorder)


def _name_at(frame: FrameType, default: str) -> str:
    """Return the name to which the line that a frame is at assigns, which is how arrays in a kernel get their names."""
    match = re.match(r"\s*(\w+)\s*(:[^=]*)?=", linecache.getline(frame.f_code.co_filename, frame.f_lineno))
    return match.group(1) if match else default
