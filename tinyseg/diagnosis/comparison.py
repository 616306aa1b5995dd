"""Is this result the right one? Shape first, then the numbers, and how many digits of them.

A contract leaves the type of a result open: float64 is right where float32 came in, and integers are right where the
numbers are. What loses digits is wrong: float32 where float64 came in.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

import numpy as np
from tinyseg_kernels.types import Array

TOLERANCE = {np.dtype(np.float64): 1e-8, np.dtype(np.float32): 1e-4}
"""Largest error relative to the largest right number. Any order of summation, an FFT or Winograd's algorithm stays far
below it in float64; what was computed in float32 in between does not."""


FLOOR = 1e-6
"""Smallest number that errors are taken relative to."""
ROUNDED_BELOW = {np.dtype(np.float32): 1e-4, np.dtype(np.float16): 2e-2}
"""Types of fewer digits, each with the error up to which numbers of this type may be rounded ones."""


class Kind(Enum):
    """What is wrong with a result."""

    RIGHT = "nothing"
    MISSING = "it is None"
    NOT_AN_ARRAY = "it is no array of numbers"
    COMPLEX = "its numbers are complex where real ones are right"
    SHAPE = "its shape"
    NOT_FINITE = "infinities or NaN where finite numbers are right"
    VALUE = "its numbers"
    PRECISION = "its numbers are right, but of few digits"


COMPARABLE = (Kind.VALUE, Kind.SHAPE, Kind.NOT_FINITE, Kind.PRECISION)
"""Arrays that are wrong: their cause is looked for in their numbers and shapes."""
NO_NUMBERS = (Kind.MISSING, Kind.NOT_AN_ARRAY, Kind.COMPLEX)
"""Results that cannot be compared with numbers."""
NUMBERS = (Kind.RIGHT, Kind.VALUE, Kind.PRECISION)
"""Results of the right shape, and finite."""


class Finding(NamedTuple):
    """One result of one case, compared with the right one."""

    kind: Kind
    right: Any
    got: Any = None
    error: float = 0.0
    narrow: str = ""
    """The type of fewer digits that its numbers are of, 'float32' or 'float16'; '' when they have all digits."""
    same: Callable[[object], bool] | None = None
    """Whether another result is as good as what came, where that is not a matter of numbers alone."""

    @property
    def wrong(self) -> Array:
        """Where the numbers differ; only for results of the right shape."""
        return differs(self.got, self.right, tolerance_for(self.right))

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong with it."""
        return self.kind is Kind.RIGHT

    @property
    def has_wrong_shape(self) -> bool:
        """Whether it has another shape."""
        return self.kind is Kind.SHAPE


def tolerance_for(right: object) -> float:
    """Return the tolerance for a result of this dtype."""
    return TOLERANCE.get(np.asarray(right).dtype, 1e-8)


def compare(right: object, got: object) -> Finding:
    """Compare one result."""
    right = np.asarray(right)
    if got is None:
        return Finding(Kind.MISSING, right)
    try:
        value = np.asarray(got)
    except (ValueError, TypeError):
        return Finding(Kind.NOT_AN_ARRAY, right, got)
    if value.dtype == object and isinstance(got, (numbers.Real, Decimal)):
        value = np.asarray(float(got))  # a number all the same: a fraction, say
    if value.dtype.kind not in "fiub":
        return Finding(Kind.COMPLEX if value.dtype.kind == "c" else Kind.NOT_AN_ARRAY, right, got)
    scalar = right.ndim == 0
    if value.shape != right.shape and not (scalar and value.size == 1):
        return Finding(Kind.SHAPE, right, value)
    value = value.reshape(right.shape)
    if not np.isfinite(value).all() and np.isfinite(right).all():
        return Finding(Kind.NOT_FINITE, right, value, float("inf"), narrow_type(value, right))
    error = relative_error(value, right)
    narrow = narrow_type(value, right)
    if error > tolerance_for(right):
        rounded = error < ROUNDED_BELOW[np.dtype(narrow)] if narrow else right.dtype == np.float64 and error < 3e-6
        return Finding(Kind.PRECISION if rounded else Kind.VALUE, right, value, error, narrow)
    narrower = not scalar and value.dtype.kind == "f" and value.dtype.itemsize < right.dtype.itemsize
    return Finding(Kind.PRECISION if narrower else Kind.RIGHT, right, value, error, narrow)


def narrow_type(got: Array, right: Array) -> str:
    """Return the type of fewer digits than the right numbers have to which those that came are rounded; '' for none."""
    if got.dtype.kind != "f" or right.dtype.kind != "f":
        return ""
    finite = np.isfinite(got)
    values = got[finite] if got.shape else got.reshape(1)
    telling = values[(values != 0) & (values != np.rint(values))]
    for dtype in (np.float16, np.float32):
        kind = np.dtype(dtype)
        if kind.itemsize >= right.dtype.itemsize:
            break
        if got.dtype == kind:
            return kind.name
        with np.errstate(all="ignore"):
            on_grid = bool((values == values.astype(dtype)).all())
            # Few numbers may happen to have few digits (1/2, 3/4): then they must be the right ones, rounded.
            few = len(telling) < 4 and not _is_rounded(got, right, kind)
        if on_grid and not few and len(telling):
            return kind.name
    return ""


def _is_rounded(got: Array, right: Array, kind: np.dtype[np.generic]) -> bool:
    return bool((got == right.astype(kind).astype(got.dtype)).all()) and not bool((got == right).all())


def relative_error(got: Array, right: Array) -> float:
    """Return the largest difference relative to the largest right number (or 1 where that is 0)."""
    if right.size == 0:
        return 0.0
    with np.errstate(all="ignore"):
        difference = np.abs(got.astype(np.float64) - right.astype(np.float64))
    difference = np.where(np.isfinite(difference), difference, 0.0 if not np.isfinite(right).all() else np.inf)
    return float(difference.max()) / scale_of(right)


def scale_of(right: Array) -> float:
    """Return the largest magnitude, at least `FLOOR`: inputs are of order 1, and their rounding errors with them."""
    finite = np.abs(right[np.isfinite(right)]) if right.size else right
    return max(float(finite.max(initial=0.0)), FLOOR)


def differs(got: Array, right: Array, tolerance: float) -> Array:
    """Return where two arrays of one shape differ."""
    with np.errstate(all="ignore"):
        return ~(np.abs(got.astype(np.float64) - right) <= tolerance * scale_of(right))


def looseness(right: object) -> float:
    """Return how far a prediction may be from what was seen: a little more than a right result may be off."""
    return 2e-4 if np.asarray(right).dtype == np.float32 else 1e-7


def looseness_of(found: Finding) -> float:
    """Return the same for what was seen, which may be of fewer digits than the right result."""
    return max(looseness(found.right), {"float32": 2e-4, "float16": 2e-2}.get(found.narrow, 0.0))


def agrees(predicted: object, got: object, tolerance: float = 1e-7) -> bool:
    """Whether a prediction (of a hypothesis) is what was seen, shape included. NaN agrees with NaN."""
    if predicted is None or got is None:
        return False
    a, b = np.asarray(predicted), np.asarray(got)
    if a.shape != b.shape or a.dtype.kind not in "fiub" or b.dtype.kind not in "fiub":
        return False
    a, b = a.astype(np.float64), b.astype(np.float64)
    if not np.array_equal(np.isfinite(a), np.isfinite(b)):
        return False
    finite = np.isfinite(a)
    if not finite.all():
        a, b = a[finite], b[finite]
    if a.size == 0:
        return True
    return float(np.abs(a - b).max()) <= tolerance * max(scale_of(a), scale_of(b))
