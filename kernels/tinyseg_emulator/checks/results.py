"""Findings about what a kernel computes, rather than how: results that were not expected, and NaN made of nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from tinyseg_kernels.types import Array

from .element_types import BFLOAT16, is_float
from .fills import SIGNALLING
from .records import Finding

_HINT = "An array without  = ...  in the comment holds nothing yet; say  = zeros  where the host clears it."


@dataclass(frozen=True)
class WrongResult(Finding):
    """A number of a result is not what the launch comment expects.

    Args:
        array: Name of the array.
        index: Which of its numbers, as text; '' for a single number.
        value: What the kernel computed, as text.
        expected: What it should be.
        wrong: How many numbers are wrong.
        total: How many were compared.
        place: The comment's line.
    """

    array: str
    index: str
    value: str
    expected: str
    wrong: int
    total: int
    place: str

    def headline(self) -> str:
        """Say it in a line."""
        where = f"{self.array!r} at [{self.index}]" if self.index else repr(self.array)
        return (
            f"wrong result: {where} is {self.value}, expected {self.expected} ({self.wrong} of {self.total} differ), "
            f"by the comment at {_short(self.place)}"
        )

    def _subject(self) -> tuple[Any, ...]:
        return self.array, self.place


@dataclass(frozen=True)
class NotANumber(Finding):
    """A kernel writes NaN to an array that had none.

    Args:
        array: Name of the array.
        index: Which of its numbers, as text.
        written: How many numbers became NaN.
        total: How many numbers it has.
        source: The array whose unset numbers it was made of; '' when it was made of numbers that were set.
        place: The comment's line.
    """

    array: str
    index: str
    written: int
    total: int
    source: str
    place: str

    def headline(self) -> str:
        """Say it in a line."""
        text = f"writes NaN to {self.array!r} at [{self.index}] ({self.written} of {self.total} numbers)"
        if self.source:
            return f"{text}, made of numbers of {self.source} that nothing has written to"
        return f"{text}, computed from numbers that are none (0 / 0, inf - inf, or a root or logarithm below 0)"

    def hint(self) -> str:
        """Say what to do."""
        if self.source:
            return _HINT
        return "If that is right, say what is expected behind an arrow, or choose other numbers: random(0.1, 1)."

    def _subject(self) -> tuple[Any, ...]:
        return self.array, self.source, self.place


@dataclass(frozen=True)
class DependsOnUnset(Finding):
    """A result differs when numbers that nothing has written to are others.

    Args:
        array: Name of the array.
        index: Which of its numbers, as text.
        values: The two results, as text.
        place: The comment's line.
    """

    array: str
    index: str
    values: tuple[str, str]
    place: str

    def headline(self) -> str:
        """Say it in a line."""
        return (
            f"the result {self.array!r} at [{self.index}] depends on numbers that nothing has written to: "
            f"{self.values[0]} or {self.values[1]}"
        )

    def hint(self) -> str:
        """Say what to do."""
        return _HINT

    def _subject(self) -> tuple[Any, ...]:
        return self.array, self.place


def first_difference(one: tuple[Array, Array], other: tuple[Array, Array]) -> tuple[tuple[int, ...], str, str] | None:
    """Compare the results of two runs that differ in what unset numbers are.

    Args:
        one: An array as it was made, and as it is after the launches.
        other: The same of the other run.

    Returns:
        The index of the first number that a launch wrote and that differs, and both values; None if there is none.
    """
    (made_one, one_result), (made_other, other_result) = one, other
    if one_result.shape != other_result.shape or one_result.dtype != other_result.dtype:
        return None
    if one_result.dtype.names is not None:  # one by one: between fields there may be bytes that are nobody's
        for field in one_result.dtype.names:
            found_inside = first_difference(
                (made_one[field], one_result[field]), (made_other[field], other_result[field])
            )
            if found_inside is not None:
                return found_inside
        return None
    size = one_result.dtype.itemsize
    raw = [
        np.ascontiguousarray(a).view(np.uint8).reshape(-1, size)
        for a in (made_one, one_result, made_other, other_result)
    ]
    differs = (raw[1] != raw[3]).any(axis=1)
    untouched = (raw[0] == raw[1]).all(axis=1) & (raw[2] == raw[3]).all(axis=1)
    found = np.flatnonzero(differs & ~untouched)
    if not found.size:
        return None
    index = tuple(int(i) for i in np.unravel_index(int(found[0]), one_result.shape))
    return index, str(one_result[index]), str(other_result[index])


def bits_of(array: Array) -> Array | None:
    """Return the bits of an array of floats as integers; None for other arrays."""
    if not is_float(array.dtype):
        return None
    return np.ascontiguousarray(array).view(f"<u{array.dtype.itemsize}")


def new_nan(
    name: str, before: Array, after: Array, unset: Mapping[int, str], kernel: str, place: str
) -> NotANumber | None:
    """Look for NaN that a launch wrote.

    Args:
        name: Name of the array.
        before: The array before the launch.
        after: The array after it.
        unset: Names of the arrays by the number in the NaN that fills them (`fills.unset`).
        kernel: Name of the kernel.
        place: The comment's line.
    """
    if after.dtype.names and after.dtype != BFLOAT16:
        for field in after.dtype.names:
            found = new_nan(f"{name}.{field}", before[field], after[field], unset, kernel, place)
            if found is not None:
                return found
        return None
    bits, old = bits_of(after), bits_of(before)
    if bits is None or old is None:
        return None
    if after.dtype == BFLOAT16:
        nan = (bits & 0x7FFF) > 0x7F80
    else:
        nan = np.isnan(after)
    written = nan & (bits != old)
    if not written.any():
        return None
    first = tuple(int(i) for i in np.argwhere(written)[0])
    source = _source(int(bits[first]), after.dtype, unset)
    return NotANumber(kernel, name, ", ".join(map(str, first)), int(written.sum()), int(written.size), source, place)


def _source(bits: int, dtype: np.dtype[Any], unset: Mapping[int, str]) -> str:
    """Return which array's unset numbers a NaN was made of."""
    if bits == (1 << 8 * dtype.itemsize) - 1:
        return "shared memory, or an array,"
    if dtype.kind != "f" or dtype.itemsize not in SIGNALLING:
        return ""
    _, nan, mask = SIGNALLING[dtype.itemsize]
    quiet = 1 << {2: 9, 4: 22, 8: 51}[dtype.itemsize]
    if bits & ~quiet & ~mask == nan & ~quiet & ~mask and (bits & mask) in unset:
        return repr(unset[bits & mask])
    return ""


def _short(place: str) -> str:
    return place.replace("\\", "/").rpartition("/")[2]
