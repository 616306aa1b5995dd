"""Frames between checker and worker, and the worker's side of how values are written into them.

A frame is a header and a block of raw bytes: >I Q (their lengths), header, bytes. An answer has a token before its
header, which is JSON: nothing that comes from a worker can run.

Values from the checker: None, truth values, numbers and texts stand for themselves; ["a", k] is array k, ["s", k] a
NumPy scalar, ["t" or "l", values] a tuple or list, ["n", name, fields, values] a named tuple, ["m", pairs] a dict,
["d", name, pairs] an object with attributes, ["k", call] the cache that an earlier call returned, ["i", call, index] an
array that it was given, ["c", real, imaginary] a complex number, ["e", dtype], ["z", start, stop, step] a slice.
An array is [block, dtype, shape, strides, offset]: several may share a block of memory, as they do over there.

Results to the checker: ["t" or "l", type, values], ["m", type, pairs], ["a", k], ["s", k], ["r", k] a nested list with
the numbers of array k, ["y", type, k] something else that NumPy makes array k of, ["h", dtype, shape] an array that is
too large to be sent, ["k", shape] a cache that stays here, ["o", type] anything else.
"""

from __future__ import annotations

import collections
import marshal
import struct
import types
from collections.abc import Callable, Mapping, Sequence
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

import numpy as np

HEAD = struct.Struct(">IQ")
TOKEN = 32
read_header = marshal.loads
MOST_PARTS = 64
"""A tuple or list of more elements is one array, or nothing."""
MOST_TEXT = 200
MOST_NUMBERS = 1 << 22
"""Of an array whose shape is told although it is too large to be sent."""
NUMBERS = "fiubc"
_asarray, _ascontiguousarray = np.asarray, np.ascontiguousarray


def question(header: Mapping[str, Any], blocks: Sequence[Any] = ()) -> bytes:
    """Return a frame to the worker, which trusts it; `blocks` are contiguous arrays."""
    return _frame(marshal.dumps(dict(header)), b"", blocks)


def answer(header: Mapping[str, Any], blocks: Sequence[Any], token: bytes) -> bytes:
    """Return a frame from the worker. The checker reads it as JSON, and trusts none of it.

    Written by nothing that a learner's code could have changed. The token tells it from what that code might write.
    """
    return _frame(as_json(header).encode("ascii"), token, blocks)


def _frame(head: bytes, token: bytes, blocks: Sequence[Any]) -> bytes:
    body = b"".join([block.tobytes() for block in blocks])
    return b"".join([HEAD.pack(len(head), len(body)), token, head, body])


def as_json(value: Any) -> str:
    """Return a value as JSON: texts, numbers, truth values, None, and lists and dicts of them."""
    kind = type(value)
    if kind is str:
        return quoted(value)
    if kind is float and value - value != 0:
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if kind is int or kind is float:
        return repr(value)
    if kind is list or kind is tuple:
        return "[" + ",".join([as_json(part) for part in value]) + "]"
    if kind is dict:
        return "{" + ",".join([quoted(key) + ":" + as_json(part) for key, part in value.items()]) + "}"
    return "true" if value is True else "false" if value is False else "null"


# From the checker ----------------------------------------------------------------------------------------------------


def unpacked(header: Mapping[str, Any], body: bytes) -> list[Any]:
    """Return the arrays of a frame, with the memory layout and the sharing of memory that they had."""
    arrays: list[Any] = [None] * len(header["arrays"])
    places, position = [], 0
    for size in header["blocks"]:
        places.append((position, size))
        position += size
    owners: dict[int, Any] = {}
    for whole in (True, False):  # those that own their memory first
        for k, (block, dtype, shape, strides, offset) in enumerate(header["arrays"]):
            start, size = places[block]
            if arrays[k] is not None:
                continue
            if whole and block not in owners and _is_whole(dtype, shape, strides, offset, size):
                arrays[k] = owners[block] = np.empty(shape, dtype)
                np.ndarray(size, np.uint8, arrays[k])[:] = np.frombuffer(body, np.uint8, size, start)
            elif not whole:
                if block not in owners:
                    owners[block] = np.frombuffer(body, np.uint8, size, start).copy()
                arrays[k] = np.ndarray(shape, dtype, owners[block], offset, strides)
    return arrays


def _is_whole(dtype: str, shape: Sequence[int], strides: Sequence[int], offset: int, size: int) -> bool:
    step = np.dtype(dtype).itemsize
    for length, stride in zip(reversed(shape), reversed(strides), strict=True):
        if length > 1 and stride != step:
            return False
        step *= length
    return offset == 0 and step == size


def value_of(packed: Any, arrays: Sequence[Any], results: Mapping[int, Any], given: Mapping[int, Any]) -> Any:
    """Return a value from the checker; `results` and `given` are what earlier calls returned and were given."""
    if not isinstance(packed, list):
        return packed
    kind, *rest = packed

    def inner(value: Any) -> Any:
        return value_of(value, arrays, results, given)

    makers: dict[str, Callable[[], Any]] = {
        "a": lambda: arrays[rest[0]],
        "s": lambda: arrays[rest[0]][()],
        "t": lambda: tuple(map(inner, rest[0])),
        "l": lambda: list(map(inner, rest[0])),
        "n": lambda: collections.namedtuple(rest[0], rest[1])(*map(inner, rest[2])),
        "m": lambda: {inner(key): inner(value) for key, value in rest[0]},
        "d": lambda: types.SimpleNamespace(**{key: inner(value) for key, value in rest[1]}),
        "k": lambda: results[rest[0]][1],
        "i": lambda: given[rest[0]][rest[1]],
        "c": lambda: complex(*rest),
        "e": lambda: np.dtype(rest[0]),
        "z": lambda: slice(*map(inner, rest)),
    }
    return makers[kind]()


# To the checker ------------------------------------------------------------------------------------------------------


def plain(text: Any) -> str:
    """Return a text that is one, and not too long."""
    return str.__str__(text)[: 2 * MOST_TEXT] if isinstance(text, str) else ""


def name_of(value: object) -> str:
    """Return the name of a value's type, whatever that type claims."""
    name: str = type.__dict__["__name__"].__get__(type(value))
    return name[:80]


def packed(result: Any, keeps_cache: bool, largest: int) -> tuple[Any, list[Any], list[Any]]:
    """Return the form of what a function returned, its arrays and their bytes; of (y, cache) only y when `keeps_cache`.

    Arrays are read by NumPy, not by methods of their own. All together have at most `largest` bytes.
    """
    arrays: list[Any] = []
    blocks: list[Any] = []
    return _packed(result, keeps_cache, largest, arrays, blocks), arrays, blocks


def _packed(result: Any, keeps_cache: bool, largest: int, arrays: list[Any], blocks: list[Any]) -> Any:
    kind = type(result)
    if issubclass(kind, (tuple, list)):
        base: Any = tuple if issubclass(kind, tuple) else list
        parts = [*base.__iter__(result)]
        letter = "t" if base is tuple else "l"
        if keeps_cache and len(parts) == 2:
            return [letter, name_of(result), [_leaf(parts[0], largest, arrays, blocks), ["k", _shape_of(parts[1])]]]
        if len(parts) <= MOST_PARTS:
            return [letter, name_of(result), [_leaf(part, largest, arrays, blocks) for part in parts]]
    elif issubclass(kind, Mapping):
        keys = [key for key in list(result)[:MOST_PARTS] if type(key) is str]
        return ["m", name_of(result), [[key[:MOST_TEXT], _leaf(result[key], largest, arrays, blocks)] for key in keys]]
    return _leaf(result, largest, arrays, blocks)


def _shape_of(cache: Any) -> list[int] | None:
    return list(np.ndarray.shape.__get__(cache)) if isinstance(cache, np.ndarray) else None


def _leaf(value: Any, largest: int, arrays: list[Any], blocks: list[Any]) -> Any:
    """Return the form of a single result."""
    if value is None or type(value) in (bool, float):
        return value
    if type(value) is int:
        return value if value.bit_length() < 4096 else ["o", "int"]
    if type(value) is complex:
        return ["c", value.real, value.imag]
    if isinstance(value, (str, bytes)):
        return ["o", name_of(value)]
    try:
        array = _asarray(value)
    except Exception:
        return ["o", name_of(value)]
    if array.dtype.kind not in NUMBERS:
        return ["o", name_of(value)]
    if array.nbytes + sum([block.nbytes for block in blocks]) > largest:
        if array.size > MOST_NUMBERS:
            raise MemoryError(f"a result of shape {array.shape} is far larger than any right one")
        return ["h", array.dtype.str, list(array.shape)]
    blocks.append(_ascontiguousarray(array).reshape(array.shape))
    arrays.append([array.dtype.str, list(array.shape)])
    k = len(arrays) - 1
    if isinstance(value, np.ndarray):
        return ["a", k]
    if isinstance(value, np.generic):
        return ["s", k]
    return ["r", k] if type(value) is list else ["y", name_of(value), k]
