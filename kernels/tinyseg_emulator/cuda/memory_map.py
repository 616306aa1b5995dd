"""Which array an address belongs to, for a launch.

The arguments, the shared variables, and the variables of the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..host.guarded import live_areas
from .library import Library, dynamic_shared_name, parameter_names, shared_type
from .native import Launch, Region, runtime

if TYPE_CHECKING:
    from .module import CudaKernel

_TYPES = {
    "float": "f4", "double": "f8", "int": "i4", "unsigned": "u4", "half": "f2", "__half": "f2", "char": "i1",
    "uint8_t": "u1",
    "float2": "f4", "float4": "f4", "double2": "f8", "int4": "i4", "short": "i2",
}  # fmt: skip


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
        source = kernel.module.source
        names = parameter_names(source, kernel.name, len(args))
        self._arguments = [
            _Area("global", names[k], value.ctypes.data, value.nbytes, value.dtype, value.shape, kernel.read_only[k])
            for k, value in enumerate(args)
            if isinstance(value, np.ndarray) and value.nbytes
        ]
        real = next((word[1:] for word in kernel.signature if word in ("Pf4", "Pf8")), "f4")
        self._shared = [
            _Area("shared", v.name, launch.static_shared + v.offset, v.size, _dtype(shared_type(source, v.name), real))
            for v in library.layout.variables
        ]
        self._dynamic: list[_Area] = []
        if launch.dynamic_shared:
            name = dynamic_shared_name(source)
            begin = runtime().tinyseg_dynamic_begin(launch.dynamic_shared)
            self._dynamic = [
                _Area("shared", name, begin, launch.dynamic_shared, _dtype(shared_type(source, name), real))
            ]
        self._others = [
            _Area("global", "a variable of the file", library.base + address, size, None)
            for address, size in library.layout.segments
        ]
        if any(
            word in ("Pu8", "Pi8") or word[0] == "V" for word in kernel.signature
        ):  # addresses of more arrays may be among them
            self._others += [_Area("global", "another array", begin, size, None) for begin, size in live_areas()]

    def regions(self) -> list[Region]:
        """Return what the kernel may touch of global memory."""
        areas = [*self._arguments, *self._others]
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
        known = (*self._arguments, *self._shared, *self._dynamic)
        inside = [area for area in (*known, *self._others) if area.distance(address) == 0]
        shared = [area for area in (*self._shared, *self._dynamic) if area.distance(address) < _NEAR]
        areas = inside or shared or self._arguments or self._others
        area = min(areas, key=lambda area: area.distance(address), default=None)
        if area is None:
            return Spot("global", "?", "?", "?", 0, None)
        offset = address - area.begin
        step = area.dtype.itemsize if area.dtype is not None else size
        element, rest = divmod(offset, step)
        index = str(element)
        if area.shape is not None and len(area.shape) > 1 and 0 <= offset < area.size:
            index = ", ".join(str(i) for i in np.unravel_index(element, area.shape))
        if rest:
            index += f" + {rest} bytes"
        shape = area.shape if area.shape is not None else (area.size // step,)
        return Spot(
            area.memory,
            area.name,
            index,
            f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})",
            offset,
            area.dtype,
        )


def _dtype(word: str, real: str) -> np.dtype[Any] | None:
    word = real if word == "real" else _TYPES.get(word, "")
    return np.dtype(word) if word else None
