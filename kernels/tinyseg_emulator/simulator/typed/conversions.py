"""Conversions between numbers as a GPU makes them.

Integers wrap. From float to integer, as PTX's `cvt.rzi` does it: toward zero, to the nearest end of the range where the
number does not fit; NaN to 0, or to the highest bit alone where 64 bits are on a side (PTX ISA, cvt); to 8 bits by way
of 16.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .kinds import COMPLEX, FLOATS, INTEGERS, Kind

_EXACT = 2**53


def _integer(kind: str) -> Callable[[Any], int]:
    low, high = INTEGERS[kind]
    span = high - low + 1
    through = {"int8": "int16", "uint8": "uint16"}.get(kind, kind)
    least, most = INTEGERS[through]

    def convert(value: Any) -> int:
        if isinstance(value, float | np.floating):
            if value != value:
                whole = -least if least else most // 2 + 1  # the highest bit alone
                whole = whole if isinstance(value, np.float64) or "64" in kind else 0
            elif math.isinf(value):
                whole = most if value > 0 else least
            else:
                whole = int(value)
                whole = least if whole < least else most if whole > most else whole
        else:
            whole = int(value.real if isinstance(value, complex | np.complexfloating) else value)
        return whole if low <= whole <= high else (whole - low) % span + low

    convert.__name__ = kind
    return convert


def _float(kind: str) -> Callable[[Any], Any]:
    made = FLOATS[kind]
    if kind == "float64":
        return made

    def convert(value: Any) -> Any:
        if type(value) is int and not -_EXACT <= value <= _EXACT:  # by way of float64 it would be rounded twice
            return (np.int64 if value < 0 else np.uint64)(value).astype(made)
        return made(value)

    convert.__name__ = kind
    return convert


CONVERSIONS: dict[Kind, Callable[[Any], Any]] = {
    "bool": bool, **{kind: _integer(kind) for kind in INTEGERS}, **{kind: _float(kind) for kind in FLOATS}, **COMPLEX,
}  # fmt: skip
"""Kind -> what makes a value of it of any number."""


def convert(value: Any, kind: Kind) -> Any:
    """Convert a number, or the numbers of a tuple."""
    if isinstance(kind, tuple):
        return tuple(convert(part, each) for part, each in zip(value, kind, strict=True))
    made = CONVERSIONS.get(kind)
    return value if made is None else made(value)
