"""Which array an address belongs to, for a launch.

The arguments, the shared variables, and the variables of the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..checks.element_types import BFLOAT16, decoded, element_type
from ..checks.pointers import Pointer
from ..host.guarded import live_areas
from .library import Library, VariablePlace
from .native import Launch, Region, runtime

if TYPE_CHECKING:
    from .module import CudaKernel

_NEAR = 4096
"""Bytes: as close to shared memory, an access beside all arrays is one that leaves shared memory."""


@dataclass(frozen=True)
class Spot:
    """Where an access lies: its array, the index in it, and how its bytes read as numbers."""

    memory: str
    array: str
    index: str
    shape: str
    offset: int
    dtype: np.dtype[Any] | None

    def number(self, data: bytes) -> str:
        """Return bytes as the numbers that they are, in hexadecimal where the type is not known."""
        if self.dtype is None or len(data) % self.dtype.itemsize:
            return "0x" + data[::-1].hex()
        if self.dtype == BFLOAT16:
            return " ".join(f"{value:.7g}" for value in decoded(np.frombuffer(data, self.dtype)))
        return " ".join(
            f"{value:.7g}" if self.dtype.kind == "f" else str(value) for value in np.frombuffer(data, self.dtype)
        )


@dataclass(frozen=True)
class _Area:
    """A stretch of memory with a name; `shape` is that of an array argument."""

    memory: str
    name: str
    begin: int
    size: int
    dtype: np.dtype[Any] | None
    shape: tuple[int, ...] | None = None
    read_only: bool = False

    def distance(self, address: int) -> int:
        if address < self.begin:
            return self.begin - address
        return max(0, address - (self.begin + self.size) + 1)


class MemoryMap:
    """The memory of one launch."""

    def __init__(self, kernel: CudaKernel, library: Library, args: Sequence[Any], launch: Launch) -> None:
        self._arguments = [
            _Area(
                "global",
                name,
                base.ctypes.data,
                base.nbytes,
                base.dtype,
                base.shape,
                k < len(args) and kernel.read_only[k],
            )
            for k, (name, base) in enumerate(_arrays(kernel, args))
            if base is not None and base.nbytes
        ]
        self._variables = sorted((_variable(place) for place in library.variables), key=lambda area: area.begin)
        real = next((word[1:] for word in kernel.signature if word in ("Pf4", "Pf8")), "f4")
        table, function = library.table, kernel.plain_name
        self._shared = []
        for v in library.layout.variables:
            row = table.shared_array(v.name, v.function.rpartition("::")[2])
            dtype = _dtype(row.type if row else "", real, v.size)
            self._shared.append(_Area("shared", v.name, launch.static_shared + v.offset, v.size, dtype))
        self._dynamic: list[_Area] = []
        if launch.dynamic_shared:
            dynamic = table.dynamic_array(function)
            name, kind = (dynamic.name, dynamic.type) if dynamic else ("dynamic shared memory", "")
            begin = runtime().tinyseg_dynamic_begin(launch.dynamic_shared)
            dtype = _dtype(kind, real, launch.dynamic_shared)
            self._dynamic = [_Area("shared", name, begin, launch.dynamic_shared, dtype)]
        self._others = [
            part
            for address, size in library.layout.segments
            for part in self._between_variables(library.base + address, library.base + address + size)
        ]
        if any(
            word in ("Pu8", "Pi8") or word[0] == "V" for word in kernel.signature
        ):  # addresses of more arrays may be among them
            self._others += [_Area("global", "another array", begin, size, None) for begin, size in live_areas()]

    def _between_variables(self, begin: int, end: int) -> list[_Area]:
        """Return what else lies in a loaded segment: a region must not lie in another one."""
        parts = []
        for area in (*self._variables, None):
            until = end if area is None else area.begin
            if begin < until <= end:
                parts.append(_Area("global", "a variable of the file", begin, until - begin, None))
            if area is not None and begin <= area.begin < end:
                begin = area.begin + area.size
        return parts

    def regions(self) -> list[Region]:
        """Return what the kernel may touch of global memory."""
        areas = [*self._arguments, *self._variables, *self._others]
        regions = []
        for area in areas:
            writable = any(
                not other.read_only and other.begin < area.begin + area.size and area.begin < other.begin + other.size
                for other in areas
            )
            regions.append(Region(area.begin, area.size, int(not writable), 0))
        return regions

    def shared_variables(self) -> list[Region]:
        """Return the static shared variables."""
        return [Region(area.begin, area.size, 0, 0) for area in self._shared]

    def spot(self, address: int, size: int) -> Spot:
        """Describe an address by the array that it lies in, or the nearest one."""
        known = (*self._arguments, *self._variables, *self._shared, *self._dynamic)
        inside = [area for area in (*known, *self._others) if area.distance(address) == 0]
        shared = [area for area in (*self._shared, *self._dynamic) if area.distance(address) < _NEAR]
        globals_ = [*self._arguments, *self._variables]
        areas = inside or [*shared, *globals_] or self._others
        area = min(areas, key=lambda area: area.distance(address), default=None)
        if area is None:
            return Spot("global", "?", "?", "?", 0, None)
        offset = address - area.begin
        step = area.dtype.itemsize if area.dtype is not None else size
        element, rest = divmod(offset, step)
        index = str(element)
        if area.shape is not None and len(area.shape) > 1 and 0 <= offset < area.size:
            index = ", ".join(str(i) for i in np.unravel_index(element, area.shape))
        name, dtype = area.name, area.dtype
        if rest or (dtype is not None and dtype.names and size < step):
            inside_of = _field(dtype, rest)
            if inside_of is None:
                index += f" + {rest} bytes"
            else:
                name, dtype = f"{name}.{inside_of[0]}", inside_of[1]
        if area.shape == ():
            index = ""
        shape = area.shape if area.shape is not None else (area.size // step,)
        return Spot(
            area.memory,
            name,
            index,
            f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})",
            offset,
            dtype,
        )


def _field(dtype: np.dtype[Any] | None, offset: int) -> tuple[str, np.dtype[Any]] | None:
    """Return the name and dtype of the number at a place in a structure; `origin.x` for one inside of another."""
    for name in (dtype.names or ()) if dtype is not None else ():
        kind, begin = dtype.fields[name][:2] if dtype is not None and dtype.fields is not None else (None, 0)
        if kind is None or not begin <= offset < begin + kind.itemsize:
            continue
        if kind.names:
            inner = _field(kind, offset - begin)
            return (f"{name}.{inner[0]}", inner[1]) if inner else None
        place, rest = divmod(offset - begin, kind.base.itemsize)
        if rest:
            return None
        return (f"{name}[{place}]" if kind.shape else name), kind.base
    return None


def _arrays(kernel: CudaKernel, args: Sequence[Any]) -> list[tuple[str, np.ndarray[Any, Any] | None]]:
    """Return the name of each parameter, and the array that it may reach: all of it, also where it points inside."""
    found: list[tuple[str, np.ndarray[Any, Any] | None]] = []
    for name, value in zip(kernel.parameters, args, strict=True):
        base = value.array if isinstance(value, Pointer) else value
        own = value.name if isinstance(value, Pointer) and value.name else name
        found.append((own, base if isinstance(base, np.ndarray) else None))
    known = {id(base) for _, base in found}
    return [*found, *((name, array) for name, array in kernel.reachable.items() if id(array) not in known)]


def _variable(place: VariablePlace) -> _Area:
    dtype = np.dtype(place.word) if place.word[0] in "fiub" else _dtype(place.written, "f4", place.nbytes)
    shape = place.lengths if dtype is not None else None
    return _Area(place.memory, place.name, place.address, place.nbytes, dtype, shape, place.memory == "constant")


def _dtype(written: str, real: str, size: int) -> np.dtype[Any] | None:
    """Return the dtype of an element by its type as it is written, None where it is not known.

    What is no known type may be a template's `T`: then it is that of the kernel's floating-point arrays, if it fits.
    """
    words = [word for word in written.replace("__nv_", "").split() if word not in ("const", "volatile")]
    element = element_type(" ".join(words))
    if element is not None:
        return element.dtype
    if len(words) == 1 and len(words[0]) <= 2 | (words[0] == "real") * 4 and size % int(real[1:]) == 0:
        return np.dtype(real)
    return None
