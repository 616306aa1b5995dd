r"""log for float32, as code that the compiler turns into vectors.

With x = 2^e m and m between sqrt(1/2) and sqrt(2), log x = e ln 2 + log m, and with s = (m - 1) / (m + 1)

    log m = log (1 + s) - log (1 - s) = 2 (s + s^3 / 3 + s^5 / 5 + ...)

where |s| <= 0.172, so that five terms are enough: the next one is below 2e-9 of the first. m - 1 is exact, so log x
keeps its digits near x = 1. e and m are read off the bits of x; ln 2 is added in two parts, of which the first has so
few digits that e times it is exact.

log (1 + u) for u between 0 and 1 is the same series with s = u / (2 + u) <= 1/3 and more terms; u below the last digit
of 1 is not lost, since 1 + u is never formed.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import types

from ...types import Real
from ..compiled import as_written
from .exponential import LN2_HIGH, LN2_LOW, as_float
from .intrinsics import Builder, Context, Lowering, Signature, Type, Typing, Value, Values, intrinsic

SMALLEST_NORMAL = np.float32(1.17549435e-38)
"""Below, a number has no exponent of its own; times 2^23 it has."""

_SQRT_HALF_BITS = np.int32(0x3F3504F3)
_EXPONENT = np.int32(23)


@intrinsic
def as_integer(typing: Typing, number: Type) -> Lowering:
    """Return the 32 bits of a float32."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        return builder.bitcast(arguments[0], ir.IntType(32))

    return types.int32(types.float32), generate


@as_written
def logarithm(x: Real) -> Real:
    """Return log(x), relative error below 3e-7; -infinity for 0, NaN below 0 and for NaN, infinity for infinity."""
    small = x < SMALLEST_NORMAL
    bits = as_integer(x * np.float32(8388608) if small else x)
    e = (bits - _SQRT_HALF_BITS) >> _EXPONENT  # 0 for m from sqrt(1/2) up to sqrt(2)
    m = as_float(bits - (e << _EXPONENT))
    n = np.float32(e) - (np.float32(23) if small else np.float32(0))
    s = (m - np.float32(1)) / (m + np.float32(1))
    q = s * s
    p = np.float32(1 / 9)
    p = p * q + np.float32(1 / 7)
    p = p * q + np.float32(1 / 5)
    p = p * q + np.float32(1 / 3)
    twice = s + s
    result = n * LN2_HIGH + (n * LN2_LOW + (twice + twice * (q * p)))
    result = np.float32(-np.inf) if x == 0 else result
    result = np.float32(np.nan) if x < 0 else result
    return result if x < np.float32(np.inf) else x


@as_written
def logarithm_of_1_plus(u: Real) -> Real:
    """Return log(1 + u) for u from 0 to 1, relative error below 3e-7; NaN for NaN."""
    s = u / (np.float32(2) + u)
    q = s * s
    p = np.float32(1 / 15)
    p = p * q + np.float32(1 / 13)
    p = p * q + np.float32(1 / 11)
    p = p * q + np.float32(1 / 9)
    p = p * q + np.float32(1 / 7)
    p = p * q + np.float32(1 / 5)
    p = p * q + np.float32(1 / 3)
    twice = s + s
    return twice + twice * (q * p)
