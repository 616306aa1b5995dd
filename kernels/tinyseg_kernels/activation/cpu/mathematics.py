r"""The mathematics of the table for float32, as code that the compiler turns into vectors.

The C library's functions are called number by number, which takes ten times as long.

    expm1(x)    = x + x^2 / 2 + ... near 0, where exp(x) - 1 would lose its digits, else exp(x) - 1
    tanh(|x|)   = -m / (2 + m) with m = expm1(-2 |x|)
    erfc(|x|)   = exp(-x^2) P(t) / (1 + 2 |x|), P a polynomial in t = (|x| - 2) / (|x| + 2), and erfc(-x) = 2 - erfc(x)

P is the Chebyshev fit to (1 + 2 x) exp(x^2) erfc(x), worked out with mpmath: its error is below 2e-8. Source of this
form: Shepherd and Laframboise, Mathematics of Computation 36 (1981).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from ...cpu.compiled import shared
from ...cpu.vectors.exponential import exponential
from ...cpu.vectors.logarithm import logarithm_of_1_plus
from ...types import Real

NEAR_0 = np.float32(0.35)
"""Up to here seven terms of the series of expm1 are enough: the next one is below 2e-8 of the first."""

LARGE = np.float32(20)
"""erfc of it is 0."""


@shared
def where(condition: bool, a: Real, b: Real) -> Real:
    """a where the condition holds, else b."""
    return a if condition else b


@shared
def expm1(x: Real) -> Real:
    """exp(x) - 1."""
    p = np.float32(1 / 5040)
    p = p * x + np.float32(1 / 720)
    p = p * x + np.float32(1 / 120)
    p = p * x + np.float32(1 / 24)
    p = p * x + np.float32(1 / 6)
    p = p * x + np.float32(0.5)
    p = p * x + np.float32(1)
    far = exponential(x) - np.float32(1)
    return x * p if abs(x) < NEAR_0 else far


@shared
def tanh(x: Real) -> Real:
    """The hyperbolic tangent."""
    m = expm1(np.float32(-2) * abs(x))
    t = m / (np.float32(2) + m)
    return t if x < 0 else -t


@shared
def erfc(x: Real) -> Real:
    """The complementary error function."""
    z = abs(x)
    z = LARGE if z > LARGE else z
    t = (z - np.float32(2)) / (z + np.float32(2))
    p = np.float32(6.808452001e-5)
    p = p * t + np.float32(0.0001608443296)
    p = p * t + np.float32(-0.0003709534464)
    p = p * t + np.float32(-0.001395814935)
    p = p * t + np.float32(0.001230527485)
    p = p * t + np.float32(0.008689261414)
    p = p * t + np.float32(-0.00802474918)
    p = p * t + np.float32(-0.05421199837)
    p = p * t + np.float32(0.1640504988)
    p = p * t + np.float32(-0.16603109)
    p = p * t + np.float32(-0.09276381582)
    p = p * t + np.float32(1.276978391)
    r = exponential(-z * z) * p / (np.float32(1) + np.float32(2) * z)
    return np.float32(2) - r if x < 0 else r


@shared
def sqrt(x: Real) -> Real:
    """The square root."""
    return math.sqrt(x)  # type: ignore[return-value]  # compiled, it is a float32


MATHEMATICS: dict[str, Callable[..., Real]] = {
    "exp": exponential, "expm1": expm1, "log1p": logarithm_of_1_plus, "sqrt": sqrt, "tanh": tanh, "erfc": erfc,
    "where": where,
}  # fmt: skip
"""log1p is that of numbers from 0 to 1: the table takes it of exp(-|x|) alone."""
