"""NumPy's view of C++ types that a library describes, and of the file's variables."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from ..checks.element_types import Element, element_type
from ..checks.fills import Fill, make_array
from .library import Library, VariablePlace


def structure_dtype(library: Library, number: int, written: str) -> np.dtype[Any]:
    """Return the dtype of a type by the number of its description."""
    described = library.type(number)
    if described.word[0] in "fiub":
        return np.dtype(described.word)
    if described.word[0] in "PK":
        return np.dtype(np.uint64)
    known = element_type(written)
    if known is not None:
        return known.dtype
    names, formats, offsets = [], [], []
    for field in described.fields:
        names.append(field.name)
        offsets.append(field.offset)
        formats.append((_field_dtype(library, field.word, field.written, field.nested), field.lengths))
    size = int(described.word[1:])
    if not names:
        return np.dtype((np.void, size))
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": size})


def _field_dtype(library: Library, word: str, written: str, nested: int) -> np.dtype[Any]:
    if nested >= 0:
        return structure_dtype(library, nested, written)
    if word[0] in "fiub":
        return np.dtype(word)
    if word[0] in "PK":
        return np.dtype(np.uint64)
    known = element_type(written)
    return known.dtype if known is not None else np.dtype((np.void, int(word[1:])))


def element_of(library: Library, number: int, written: str) -> Element:
    """Return a type that a comment names, as the compiler describes it."""
    return Element(written, structure_dtype(library, number, written))


class FileVariables:
    """The `__device__` and `__constant__` variables of a loaded file."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def _place(self, name: str) -> VariablePlace | None:
        plain = name.removeprefix("::")
        found = [place for place in self._library.variables if place.name == plain]
        found = found or [place for place in self._library.variables if place.name.endswith(f"::{plain}")]
        return found[0] if len(found) == 1 else None

    def dtype(self, place: VariablePlace) -> np.dtype[Any]:
        """Return the dtype of a variable's elements."""
        return _field_dtype(self._library, place.word, place.written, place.nested)

    def find(self, name: str) -> np.ndarray[Any, Any] | None:
        """Return a variable's memory as an array, None when there is none of the name."""
        place = self._place(name)
        if place is None:
            return None
        raw = (ctypes.c_ubyte * place.nbytes).from_address(place.address)
        return np.ctypeslib.as_array(raw).view(self.dtype(place)).reshape(place.lengths)

    def assign(self, name: str, value: Fill, generator: np.random.Generator, arrays: dict[str, Any]) -> None:
        """Give a variable values; raises `ValueError` where they do not fit."""
        memory = self.find(name)
        if memory is None:
            known = ", ".join(place.name for place in self._library.variables) or "none"
            raise ValueError(
                f"expected a __constant__ or __device__ variable of the file (known: {known}), got {name!r}"
            )
        try:
            made = make_array(value, memory.shape, memory.dtype, generator, arrays)
        except ValueError as error:
            raise ValueError(f"variable {name!r}: {error}") from None
        memory[...] = made

    def save(self) -> list[bytes]:
        """Return the contents of all variables."""
        return [ctypes.string_at(place.address, place.nbytes) for place in self._library.variables]

    def restore(self, saved: list[bytes]) -> None:
        """Put contents back that `save` returned: as the file was when it was loaded."""
        for place, data in zip(self._library.variables, saved, strict=True):
            if ctypes.string_at(place.address, place.nbytes) != data:
                ctypes.memmove(place.address, data, place.nbytes)


def parameter_dtype(word: str, written: str) -> np.dtype[Any] | None:
    """Return the dtype of a kernel's parameter, or of what it points to, for an argument that does not say its type."""
    plain = word.lstrip("PK")
    if plain[0] in "fiub":
        return np.dtype(plain)
    known = element_type(written.replace("*", " ").strip())
    return known.dtype if known is not None else None
