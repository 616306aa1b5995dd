"""What rewritten kernels call where Python's own operators would not do what a GPU does."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from .conversions import CONVERSIONS, convert
from .kinds import INTEGERS, Kind

PREFIX = "typed_"
"""How the names begin that a rewritten kernel uses."""


def shifted_left(a: int, b: int, bits: int) -> int:
    """Return a << b; as in PTX, a count of `bits` or more (or a negative one, which is a huge one) gives 0."""
    return a << b if 0 <= b < bits else 0


def shifted_right(a: int, b: int, bits: int) -> int:
    """Return a >> b; as in PTX, a count of `bits` or more leaves copies of the sign."""
    return a >> b if 0 <= b < bits else -1 if a < 0 else 0


def divisions(by_zero: Callable[[str], None]) -> dict[str, Callable[[int, int], int]]:
    """Return what `//` and `%` of integers are in a rewritten kernel: by zero they give 0, as on a GPU.

    Args:
        by_zero: Is told the operator when that happens.
    """

    def divided(a: int, b: int) -> int:
        if b == 0:
            by_zero("//")
            return 0
        return a // b

    def remainder(a: int, b: int) -> int:
        if b == 0:
            by_zero("%")
            return 0
        return a % b

    return {PREFIX + "div": divided, PREFIX + "mod": remainder}


def raised(a: Any, b: Any) -> Any:
    """Return a ** b of integers: modulo 2^64; a negative exponent gives 0 but for 1 and -1."""
    if b >= 0:
        return pow(a, b, 2**64) if abs(a) > 1 else a**b
    return a ** (b % 2) if abs(a) == 1 else 0


def rounded_to_integer(function: Callable[[Any], Any]) -> Callable[[Any], int]:
    """Make `math.floor` and its kin of a ufunc: what does not fit is converted as a GPU does it."""
    to_int64 = CONVERSIONS["int64"]
    return lambda value: to_int64(function(value)) if isinstance(value, float | np.floating) else int(value)


def helpers() -> dict[str, Any]:
    """Return the names that rewritten kernels use, with what they mean; but for `divisions`, which are the launch's."""
    names: dict[str, Any] = {kind: made for kind, made in CONVERSIONS.items() if isinstance(kind, str)}
    names |= {
        "int": int, "convert": convert, "shl": shifted_left, "shr": shifted_right, "pow": raised,
        "floor": rounded_to_integer(np.floor), "ceil": rounded_to_integer(np.ceil),
        "trunc": rounded_to_integer(np.trunc),
        **{f"np_{kind}": getattr(np, kind) for kind in INTEGERS},
    }  # fmt: skip
    return {PREFIX + name: value for name, value in names.items()}


HELPERS = helpers()

INTEGER_RANGE: dict[type[Any], Callable[[Any, Any], tuple[int, int]]] = {}
"""Operator of the syntax tree -> the range of its result, of the ranges of its operands."""


def corners(function: Callable[[int, int], int], a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    """Return the range of a function that is monotonous in each operand."""
    values = [function(x, y) for x in a for y in b]
    return min(values), max(values)


def range_of(symbol: str, a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int] | None:
    """Return the range in which `a symbol b` of integers lies; None when it is not worth knowing."""
    if symbol in ("Add", "Sub", "Mult"):
        return corners({"Add": operator.add, "Sub": operator.sub, "Mult": operator.mul}[symbol], a, b)
    if symbol == "FloorDiv":
        if b[0] > 0 or b[1] < 0:
            return corners(operator.floordiv, a, b)
        reach = max(abs(a[0]), abs(a[1]))
        return -reach, reach
    if symbol == "Mod":
        if a[0] >= 0 and b[0] > 0:
            return 0, min(a[1], b[1] - 1)
        return min(b[0] + 1, 0), max(b[1] - 1, 0)
    if symbol == "RShift":
        return (0 if a[0] >= 0 else a[0]), max(a[1], 0)
    if symbol == "LShift" and b[0] == b[1] and 0 <= b[0] < 64:
        return a[0] << b[0], a[1] << b[0]
    if symbol == "BitAnd" and (a[0] >= 0 or b[0] >= 0):
        return 0, min(high for low, high in (a, b) if low >= 0)
    if symbol in ("BitAnd", "BitOr", "BitXor"):
        width = max(x.bit_length() for x in (*a, *b))
        return (0 if a[0] >= 0 and b[0] >= 0 else -(1 << width)), (1 << width) - 1
    return None


def fits(kind: Kind, values: tuple[int, int] | None) -> bool:
    """Return whether integers of a range need no wrapping in a kind."""
    low, high = INTEGERS[kind]
    return values is not None and low <= values[0] and values[1] <= high
