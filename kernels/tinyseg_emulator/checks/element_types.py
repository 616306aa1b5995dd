"""The types of numbers in arrays and arguments of a launch, by their names in C++, in Python, and in NumPy.

A vector such as `float4` is a NumPy structure with the fields x, y, z and w, where they lie on a GPU. `bfloat16`, which
NumPy does not have, is a structure of one field that holds the upper half of a float's bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from tinyseg_kernels.types import Array

BFLOAT16 = np.dtype([("bfloat16", "<u2")])
"""The upper 16 bits of a float."""

NAMES: dict[str, str] = {
    "bool": "bool", "char": "int8", "signed char": "int8", "unsigned char": "uint8", "uchar": "uint8", "short": "int16",
    "unsigned short": "uint16", "ushort": "uint16", "int": "int32", "unsigned": "uint32", "uint": "uint32",
    "long": "int64", "unsigned long": "uint64", "ulong": "uint64", "long long": "int64", "unsigned long long": "uint64",
    "size_t": "uint64", "ssize_t": "int64", "ptrdiff_t": "int64", "intptr_t": "int64", "uintptr_t": "uint64",
    "half": "float16", "__half": "float16", "float": "float32", "double": "float64", "real": "float32",
    "float16_t": "float16", "float32_t": "float32", "float64_t": "float64", "cudaTextureObject_t": "uint64",
    "cudaSurfaceObject_t": "uint64",
    **{f"{kind}{bits}{end}": f"{kind}{bits}"
       for kind in ("int", "uint") for bits in (8, 16, 32, 64) for end in ("", "_t")},
    **{name: name for name in ("float16", "float32", "float64")},
}  # fmt: skip
"""Name of a number's type -> dtype; `real` is what `common.cuh` calls float, `long` has 64 bits as on Linux."""

_BFLOAT16 = frozenset(("bfloat16", "bf16", "nv_bfloat16", "__nv_bfloat16"))
_VECTORS = {
    "char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4", "long": "i8", "ulong": "u8",
    "longlong": "i8", "ulonglong": "u8", "float": "f4", "double": "f8",
}  # fmt: skip
_HALF: np.dtype[Any] = np.dtype(np.float16)
_PAIRS: dict[str, np.dtype[Any]] = {
    "half2": _HALF, "__half2": _HALF, "nv_bfloat162": BFLOAT16, "__nv_bfloat162": BFLOAT16, "bfloat162": BFLOAT16,
}  # fmt: skip


@dataclass(frozen=True)
class Element:
    """A type: its name, and its numbers as NumPy has them."""

    name: str
    dtype: np.dtype[Any]


@cache
def element_type(name: str) -> Element | None:
    """Return a known type by its name, None for another one; `unsigned int` and `int unsigned` are one."""
    words = [word for word in name.replace("std::", "").split() if word not in ("const", "volatile", "struct")]
    plain = " ".join(words)
    if set(words) & {"unsigned", "signed", "int", "short", "long", "char"} and len(words) > 1:
        plain = _integer(words)
    if plain in _BFLOAT16:
        return Element(plain, BFLOAT16)
    if plain in NAMES:
        return Element(plain, np.dtype(NAMES[plain]))
    if plain in _PAIRS:
        return Element(plain, _vector(_PAIRS[plain], 2, 2 * _PAIRS[plain].itemsize))
    if plain == "dim3":
        return Element(plain, _vector(np.dtype("u4"), 3, 12))
    base, count = plain[:-1], plain[-1:]
    if base in _VECTORS and count in ("1", "2", "3", "4"):
        number = np.dtype(_VECTORS[base])
        return Element(plain, _vector(number, int(count), int(count) * number.itemsize))
    return None


def _integer(words: list[str]) -> str:
    """Return C's shortest name of an integer type, '' if the words are none."""
    rest = [word for word in words if word not in ("int", "signed", "unsigned")]
    sign = "unsigned " if "unsigned" in words else "signed " if "signed" in words and rest == ["char"] else ""
    if len(words) - len(rest) > 2 or rest not in ([], ["short"], ["long"], ["long", "long"], ["char"]):
        return ""
    return (sign + " ".join(rest)).strip() or "int"


def _vector(number: np.dtype[Any], count: int, size: int) -> np.dtype[Any]:
    names = list("xyzw"[:count])
    offsets = [k * number.itemsize for k in range(count)]
    return np.dtype({"names": names, "formats": [number] * count, "offsets": offsets, "itemsize": size})


def known_names() -> str:
    """Return the names that a launch may use, for messages."""
    plain = sorted(name for name in NAMES if not name.endswith("_t") or name == "size_t")
    return f"{', '.join(plain)}, bfloat16, int8_t to uint64_t, vectors such as float4, and the structures of the file"


def is_vector(dtype: np.dtype[Any]) -> bool:
    """Return whether all fields are numbers of one type: `float4`, or a structure of such a kind."""
    if not dtype.names or dtype.fields is None or dtype == BFLOAT16:
        return False
    kinds = [dtype.fields[name][0] for name in dtype.names]
    return len(set(kinds)) == 1 and (kinds[0].names is None or kinds[0] == BFLOAT16) and kinds[0].shape == ()


def is_float(dtype: np.dtype[Any]) -> bool:
    """Return whether it holds floating-point numbers, bfloat16 included."""
    return dtype.kind == "f" or dtype == BFLOAT16


def decoded(array: Array) -> Array:
    """Return numbers to compute with: bfloat16 as float32, a vector as one more axis, the rest as it is."""
    if array.dtype == BFLOAT16:
        bits = array["bfloat16"].astype(np.uint32) << np.uint32(16)
        return np.asarray(bits, np.uint32).view(np.float32)
    if is_vector(array.dtype):
        assert array.dtype.names is not None
        return np.stack([decoded(array[name]) for name in array.dtype.names], axis=-1)
    return array


def encoded(values: Array, dtype: np.dtype[Any]) -> Array:
    """Return numbers as a dtype stores them: the inverse of `decoded`; bfloat16 rounds to nearest, ties to even."""
    if dtype == BFLOAT16:
        floats = np.array(values, np.float32, order="C")
        bits = floats.view(np.uint32)
        rounded = (bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16)
        upper = np.where(np.isnan(floats), np.uint32(0x7FFF), rounded).astype(np.uint16)
        out = np.empty(upper.shape, BFLOAT16)
        out["bfloat16"] = upper
        return out
    if is_vector(dtype):
        assert dtype.names is not None
        out = np.empty(np.shape(values)[:-1], dtype)
        for k, name in enumerate(dtype.names):
            out[name] = encoded(values[..., k], dtype[name])
        return out
    return np.asarray(values).astype(dtype)
