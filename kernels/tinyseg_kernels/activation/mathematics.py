"""The mathematics of the table, of one number: what the loops of naive.py compute with."""

from __future__ import annotations

import math
from math import erfc, expm1, log1p, sqrt, tanh

__all__ = ["erfc", "exp", "expm1", "log1p", "sqrt", "tanh", "where"]


def exp(x: float) -> float:
    """e^x, infinity where that is too large for a float."""
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def where(condition: bool, a: float, b: float) -> float:
    """a where the condition holds, else b."""
    return a if condition else b
