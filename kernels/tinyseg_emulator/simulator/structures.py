"""Elements of structured arrays that tell a recorder of each access to a field."""

from __future__ import annotations

import sys
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .arrays import CheckedArray


class CheckedRecord:
    """One element of a structured array: `record.field` and `record['field']`, to read and to write."""

    __slots__ = ("_array", "_element")

    def __init__(self, array: CheckedArray, element: tuple[Any, ...]) -> None:
        object.__setattr__(self, "_array", array)
        object.__setattr__(self, "_element", element)

    def __getitem__(self, name: Any) -> Any:
        return self._read(name, sys._getframe(1))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._read(name, sys._getframe(1))

    def __setitem__(self, name: Any, value: Any) -> None:
        self._write(name, value, sys._getframe(1))

    def __setattr__(self, name: str, value: Any) -> None:
        self._write(name, value, sys._getframe(1))

    def whole(self, frame: FrameType) -> Any:
        """Return all of its fields, each number of which is read."""
        return self._array.whole(self._element, frame)

    def _read(self, name: Any, frame: FrameType) -> Any:
        field = self._array.field(_name(self._array, name))
        if field.ndim > len(self._element):
            return field[self._element]
        return field.read(self._element, frame)

    def _write(self, name: Any, value: Any, frame: FrameType) -> None:
        self._array.field(_name(self._array, name)).write(self._element, value, frame)


def _name(array: CheckedArray, name: Any) -> str:
    """Return the name of a field, which may be given as its number."""
    return str(name) if isinstance(name, str) else (array.dtype.names or ())[name]
