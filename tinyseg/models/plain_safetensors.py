"""The safetensors format in Python, for where the package is not there: a browser tab has no compiled extension for it.

A file is the length of its header (8 bytes, little-endian), the header, and the arrays' numbers without gaps. The
header is JSON: for each array its dtype, shape and [first, last) byte, and texts under '__metadata__'; blanks fill it
up to a multiple of 8 bytes. Both ways agree byte by byte with the package (`tests/models/test_plain_safetensors.py`).
Source: the format's description, https://github.com/huggingface/safetensors.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tinyseg_kernels.types import Array, DType

DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1", "BOOL": "|b1",
}  # fmt: skip
"""The format's names of dtypes, and NumPy's."""

ORDER = ("U64", "I64", "F64", "F32", "U32", "I32", "F16", "U16", "I16", "I8", "U8", "BOOL")
"""In which the package writes arrays: the widest numbers first, so that each begins at a multiple of its width."""

LARGEST_HEADER = 100_000_000
"""Bytes, as in the package."""


def save_file(tensors: Mapping[str, Array], path: Path, metadata: Mapping[str, str]) -> None:
    """Write arrays and texts; raises KeyError for a dtype that the format does not have."""
    names = {dtype: name for name, dtype in DTYPES.items()}
    arrays = {key: np.asarray(a, a.dtype.newbyteorder("<"), order="C") for key, a in tensors.items()}
    kinds = {key: names[array.dtype.str] for key, array in arrays.items()}
    keys = sorted(arrays, key=lambda key: (ORDER.index(kinds[key]), key))
    header: dict[str, object] = {"__metadata__": dict(sorted(metadata.items()))}
    end = 0
    for key in keys:
        begin, end = end, end + arrays[key].nbytes
        header[key] = {"dtype": kinds[key], "shape": list(arrays[key].shape), "data_offsets": [begin, end]}
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text = text.ljust(-(-len(text) // 8) * 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for key in keys:
            file.write(arrays[key].tobytes())


@dataclass(frozen=True)
class Place:
    """An array in a file: its bytes from `begin` to `end` behind the header."""

    begin: int
    end: int
    kind: str
    dtype: DType
    shape: tuple[int, ...]


def load_file(path: Path) -> tuple[dict[str, Array], dict[str, str]]:
    """Return arrays and texts.

    Raises:
        ValueError: The file is truncated, damaged, or of another format.
    """
    places, metadata, start = read_header(path)
    data = path.read_bytes()[start:]
    arrays = {
        key: np.frombuffer(data[place.begin : place.end], place.dtype).reshape(place.shape).copy()
        for key, place in places.items()
    }
    return arrays, metadata


def read_header(path: Path, dtypes: Mapping[str, str] = DTYPES) -> tuple[dict[str, Place], dict[str, str], int]:
    """Return where each array stands, the texts, and where the arrays begin.

    Args:
        path: The file.
        dtypes: The dtypes that are known.

    Raises:
        ValueError: The file is truncated, damaged, or of another format.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > min(LARGEST_HEADER, size - 8):
            raise ValueError(f"a header of {length} bytes in a file of {size}")
        text = file.read(length)
    try:
        header = json.loads(text.decode())
    except RecursionError as error:
        raise ValueError("a header that is nested too deeply") from error
    if not isinstance(header, dict):
        raise ValueError("a header that is no object of JSON")
    metadata = header.pop("__metadata__", None) or {}
    if not isinstance(metadata, dict) or not all(isinstance(text, str) for text in metadata.values()):
        raise ValueError("metadata that are no texts")
    places = {key: _place(key, about, dtypes) for key, about in header.items()}
    end = 0
    for place in sorted(places.values(), key=lambda place: (place.begin, place.end)):
        if place.begin != end:
            raise ValueError(f"numbers from byte {place.begin}, where {end} is expected")
        end = place.end
    if end != size - 8 - length:
        raise ValueError(f"{size - 8 - length} bytes of numbers, where {end} are expected")
    return places, metadata, 8 + length


def _place(key: str, about: object, dtypes: Mapping[str, str]) -> Place:
    """Return where an array stands, and what it is."""
    match about:
        case {"dtype": str(kind), "shape": list(shape), "data_offsets": [int(begin), int(end)]}:
            if kind not in dtypes or not all(type(size) is int and size >= 0 for size in shape):
                raise ValueError(f"{key!r}: {kind} of shape {shape}")
            dtype = np.dtype(dtypes[kind])
            if not 0 <= begin <= end or end - begin != math.prod(shape) * dtype.itemsize:
                raise ValueError(f"{key!r}: {end - begin} bytes for {kind} of shape {shape}")
            return Place(begin, end, kind, dtype, tuple(shape))
    raise ValueError(f"{key!r}: no description of an array")
