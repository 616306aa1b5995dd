"""Values on their way to the process of a learner's code, and what comes back from it.

The forms are those of `inside/wire.py`. What comes back is checked in every detail: nothing of it is run, no type is
looked up by its name, no array is larger than allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
from tinyseg_kernels.types import Array

from tinyseg.diagnosis.calling import Opaque, Raised

from .inside.wire import MOST_NUMBERS, MOST_PARTS, NUMBERS

MOST_SHARED = 16 << 20
"""A block of memory larger than this is not sent because of a small view of it."""

DTYPE = re.compile(r"[<>|=]?[fiubc][0-9]{1,2}")


class BadAnswer(Exception):
    """What came from the process is no answer."""


class CannotSend(TypeError):
    """A value of a kind that cannot be handed to another process: a defect of the exercise, not of an answer."""


class Packing:
    """Values for one call. Arrays keep strides, and share memory where they share it here."""

    def __init__(self, elsewhere: Callable[[Any], Any] = lambda value: None) -> None:
        """`elsewhere` gives the form of what the process has already, and None of other values."""
        self.elsewhere = elsewhere
        self.blocks: list[Array] = []
        self.arrays: list[Any] = []
        self._known: dict[int, int] = {}
        self._roots: dict[int, int] = {}
        self._alive: list[Any] = []

    def value(self, value: Any) -> Any:
        """Return the form of a value.

        Raises:
            CannotSend: Of a kind that cannot.
        """
        there = self.elsewhere(value)
        if there is not None:
            return there
        if value is None or type(value) in (bool, int, float, str):
            return value
        if isinstance(value, np.ndarray):
            return ["a", self._array(value)]
        if isinstance(value, np.generic):
            return ["s", self._array(np.asarray(value))]
        if isinstance(value, (tuple, list)):
            inner = [self.value(part) for part in value]
            names = getattr(value, "_fields", None)
            return ["n", type(value).__name__, list(names), inner] if names else ["lt"[isinstance(value, tuple)], inner]
        if isinstance(value, Mapping):
            return ["m", [[self.value(key), self.value(part)] for key, part in value.items()]]
        if isinstance(value, (bool, int, float, str)):
            # An enumeration's member: what it is worth.
            return next(kind(value) for kind in (bool, int, float, str) if isinstance(value, kind))
        if isinstance(value, complex):
            return ["c", value.real, value.imag]
        if isinstance(value, np.dtype):
            return ["e", value.str]
        if isinstance(value, slice):
            return ["z", *map(self.value, (value.start, value.stop, value.step))]
        attributes = _attributes(value)
        if attributes is not None:
            return ["d", type(value).__name__, [[name, self.value(part)] for name, part in attributes.items()]]
        raise CannotSend(f"a {type(value).__name__} cannot be handed to a function of another process")

    def _array(self, array: Array) -> int:
        if id(array) in self._known:
            return self._known[id(array)]
        if array.dtype.kind not in NUMBERS:
            raise CannotSend(f"an array of {array.dtype} cannot be handed to a function of another process")
        root = array
        while isinstance(root.base, np.ndarray):
            root = root.base
        if not _is_sent(root, array):
            root = array = np.array(array, order="C", copy=True)
        if id(root) not in self._roots:
            self._roots[id(root)] = len(self.blocks)
            self.blocks.append(root if root.flags.c_contiguous else root.T)
        offset = _address(array) - _address(root)
        k = self._known[id(array)] = len(self.arrays)
        self._alive += [root, array]
        self.arrays.append([self._roots[id(root)], array.dtype.str, array.shape, array.strides, offset])
        return k


def _address(array: Array) -> int:
    return int(array.__array_interface__["data"][0])


def _is_sent(root: Array, array: Array) -> bool:
    """Whether the memory of `root` is sent as it is: then the array's strides are kept."""
    small = root.nbytes <= max(MOST_SHARED, 4 * array.nbytes)
    return small and root.flags.forc and root.dtype.kind in NUMBERS


def _attributes(value: Any) -> Mapping[str, Any] | None:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return vars(value) if hasattr(value, "__dict__") and not callable(value) else None


class ArrayLike:
    """Something else than an array or a list, of which NumPy makes an array."""

    def __init__(self, kind: str, array: Array) -> None:
        """`kind` is the name of its type."""
        self.kind, self.array = kind, array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """Return the array."""
        return self.array if dtype is None else self.array.astype(dtype)


def arrays_of(described: Any, body: bytes, largest: int) -> list[Array]:
    """Return the arrays of an answer.

    Raises:
        BadAnswer: Of another kind than numbers, too large, or not as long as the bytes are.
    """
    arrays, position = [], 0
    for one in _list(described, 4 * MOST_PARTS):
        dtype, shape = _list(one, 2, exactly=True)
        kind, sizes = _dtype(dtype), _shape(shape)
        size = kind.itemsize * _product(sizes)
        if size > largest or position + size > len(body):
            raise BadAnswer("an array that is longer than its bytes")
        arrays.append(np.frombuffer(body, kind, _product(sizes), position).reshape(sizes).copy())
        position += size
    if position != len(body):
        raise BadAnswer("bytes that belong to no array")
    return arrays


def result_of(packed: Any, arrays: Sequence[Array], kept: Callable[[tuple[int, ...] | None], Any]) -> Any:
    """Return a result; `kept` makes what stands for a cache that stayed there, given its shape.

    Raises:
        BadAnswer: It has no such form.
    """
    if packed is None or isinstance(packed, (bool, int, float)):
        return packed
    kind, *rest = _list(packed, 3) or [None]

    def array(k: Any) -> Array:
        if type(k) is not int or not 0 <= k < len(arrays):
            raise BadAnswer("an array that is not there")
        return arrays[k]

    match kind, rest:
        case ("t" | "l", [str(name), list(parts)]) if len(parts) <= MOST_PARTS:
            inner = [result_of(part, arrays, kept) for part in parts]
            base: Any = tuple if kind == "t" else list
            return base(inner) if name == base.__name__ else type(_name(name), (base,), {})(inner)
        case ("m", [str(name), list(pairs)]) if len(pairs) <= MOST_PARTS:
            content = {str(key): result_of(value, arrays, kept) for key, value in (_list(p, 2, True) for p in pairs)}
            return content if name == "dict" else type(_name(name), (dict,), {})(content)
        case ("a", [k]):
            return array(k)
        case ("s", [k]):
            return array(k)[()]
        case ("r", [k]):
            return list(array(k)) if array(k).ndim else Opaque("list")
        case ("y", [str(name), k]):
            return ArrayLike(_name(name), array(k))
        case ("h", [dtype, shape]):
            sizes = _shape(shape)
            if _product(sizes) > MOST_NUMBERS:
                raise BadAnswer("an array that is too large to be told of")
            return np.broadcast_to(np.zeros((), _dtype(dtype)), sizes)
        case ("c", [float(real), float(imaginary)]):
            return complex(real, imaginary)
        case ("o", [str(name)]):
            return Opaque(_name(name))
        case ("k", [shape]):
            return kept(None if shape is None else _shape(shape))
    raise BadAnswer(f"a value of the kind {str(kind)[:20]!r}")


def raised_of(described: Any) -> Raised:
    """Return an exception as the process describes it."""
    if not isinstance(described, list) or len(described) != 3 or not all(isinstance(part, str) for part in described):
        raise BadAnswer("an exception that is none")
    return Raised(plain(described[0], 80), plain(described[1], 400), plain(described[2], 400))


def plain(text: str, most: int = 200) -> str:
    """Return a text that can be printed anywhere: no halves of characters, no control characters."""
    return "".join(c if c.isprintable() else " " for c in text[:most])


def _list(value: Any, most: int, exactly: bool = False) -> list[Any]:
    if not isinstance(value, list) or len(value) > most or (exactly and len(value) != most):
        raise BadAnswer("another form than agreed")
    return value


def _name(name: str) -> str:
    return plain(name, 80) or "thing"


def _dtype(text: Any) -> np.dtype[Any]:
    if not isinstance(text, str) or not DTYPE.fullmatch(text):
        raise BadAnswer("a dtype that is none of numbers")
    try:
        return np.dtype(text)
    except TypeError as error:
        raise BadAnswer("a dtype that is none of numbers") from error


def _shape(sizes: Any) -> tuple[int, ...]:
    if any(type(size) is not int or not 0 <= size < 1 << 48 for size in _list(sizes, 32)):
        raise BadAnswer("a shape that is none")
    return tuple(sizes)


def _product(sizes: Sequence[int]) -> int:
    product = 1
    for size in sizes:
        product *= size
    return product
