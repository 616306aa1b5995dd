"""`tinyseg_kernels/probabilities.py` for compiled kernels, in float32."""

from __future__ import annotations

import numpy as np

from ...probabilities import EPSILON
from ...probabilities import SMALLEST as SMALLEST_OF
from ...types import FloatArray, Real
from ..compiled import inlined
from .logarithm import logarithm

LEAST, MOST = np.float32(EPSILON), np.float32(1 - EPSILON)
SMALLEST = np.float32(SMALLEST_OF[np.float32])


@inlined
def log_of_clipped(p: Real) -> Real:
    """Return log of p clipped to EPSILON .. 1 - EPSILON; NaN for NaN."""
    clipped = LEAST if p < LEAST else (MOST if p > MOST else p)
    return logarithm(clipped)


@inlined
def at_least_smallest(p: Real) -> Real:
    """Return p, but at least so much that 1 / p is finite; NaN for NaN."""
    return SMALLEST if p < SMALLEST else p


@inlined
def is_class(number: int, classes: int) -> bool:
    """Return whether an id is one of a class: ids may not have been checked, or have been changed since."""
    return number >= 0 and number < classes


@inlined
def number_of_class(row: FloatArray, number: int) -> Real:
    """Return the number of a row at a class id; NaN for an id that is no class."""
    return row[number] if is_class(number, row.size) else np.float32(np.nan)
