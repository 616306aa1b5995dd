r"""exp for float32, as code that the compiler turns into vectors; the C library's exp is called number by number.

With n = round(x / ln 2) and r = x - n ln 2, exp(x) = 2^n exp(r) with |r| <= ln 2 / 2, where seven terms of the series
are enough: the next one is below 5e-9. ln 2 is subtracted in two parts, of which the first has so few digits that n
times it is exact. 2^n is made by writing n + 127 into the exponent of a float32; in two factors, since n may be just
outside of what an exponent can hold where exp(x) is not.

Source of the reduction in two parts: Cody and Waite, "Software Manual for the Elementary Functions", 1980.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import types

from ...types import Real
from ..compiled import as_written
from ..gemm.micro_kernel import LANES
from .intrinsics import Builder, Context, Lowering, Signature, Type, Typing, Value, Values, intrinsic
from .vectors import VECTOR, Vector, maximum, splat

PER_LN2 = np.float32(1.4426950408889634)
LN2_HIGH, LN2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
LOWEST, HIGHEST = np.float32(-103.9), np.float32(88.722)
"""Below, exp is less than the smallest float32 and counts as 0; above, it is more than the largest, and infinity."""


@intrinsic
def as_float(typing: Typing, bits: Type) -> Lowering:
    """Return the float32 that these 32 bits are."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        return builder.bitcast(arguments[0], ir.FloatType())

    return types.float32(types.int32), generate


@intrinsic
def _rounded(typing: Typing, value: Type) -> Lowering:
    """Return the nearest integer of a float32, as a float32: one instruction, also for vectors."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        name, kind = "llvm.nearbyint.f32", ir.FunctionType(ir.FloatType(), [ir.FloatType()])
        function = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
        return builder.call(function, arguments)

    return types.float32(types.float32), generate


@as_written
def exponential(x: Real) -> Real:
    """Return exp(x), relative error below 2e-7 for a normal result.

    0 below the smallest float32, infinity above the largest, NaN for NaN.
    """
    inside = min(max(x, LOWEST), HIGHEST)
    n = _rounded(inside * PER_LN2)
    r = inside - n * LN2_HIGH
    r = r - n * LN2_LOW
    p = np.float32(1 / 5040)
    p = p * r + np.float32(1 / 720)
    p = p * r + np.float32(1 / 120)
    p = p * r + np.float32(1 / 24)
    p = p * r + np.float32(1 / 6)
    p = p * r + np.float32(0.5)
    p = p * r + np.float32(1)
    p = p * r + np.float32(1)
    whole = np.int32(n)
    half = whole >> np.int32(1)
    result = (
        p * as_float((half + np.int32(127)) << np.int32(23)) * as_float((whole - half + np.int32(127)) << np.int32(23))
    )
    result = np.float32(0) if x < LOWEST else result
    result = np.float32(np.inf) if x > HIGHEST else result
    return result if x == x else x


VANISHED = np.float32(-87)
"""exp of this is 1.6e-38, little more than the smallest float32 that has all its digits."""


@as_written
def exponential_of_negatives(x: Vector) -> Vector:
    """Return exp of a vector of numbers that are at most 0, as exact as `exponential`, but 0 below `VANISHED`.

    NaN for NaN.

    For shares of a sum whose largest number is 1. Three times as fast as `exponential` in the code that the compiler
    makes of it, with fewer special cases.
    """
    inside = maximum(x, splat(VANISHED))
    n = _rounded_vector(PER_LN2 * inside)
    r = (inside - LN2_HIGH * n) - LN2_LOW * n
    p = splat(np.float32(1 / 720)) + np.float32(1 / 5040) * r
    p = splat(np.float32(1 / 120)) + p * r
    p = splat(np.float32(1 / 24)) + p * r
    p = splat(np.float32(1 / 6)) + p * r
    p = splat(np.float32(0.5)) + p * r
    p = splat(np.float32(1)) + p * r
    p = splat(np.float32(1)) + p * r
    return _times_power_of_2(p, n, x)


_FLOATS, _WHOLES = ir.VectorType(ir.FloatType(), LANES), ir.VectorType(ir.IntType(32), LANES)


@intrinsic
def _rounded_vector(typing: Typing, vector: Type) -> Lowering:
    """Return the nearest integers, as float32."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        name, kind = f"llvm.nearbyint.v{LANES}f32", ir.FunctionType(_FLOATS, [_FLOATS])
        function = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
        return builder.call(function, arguments)

    return VECTOR(VECTOR), generate


@intrinsic
def _times_power_of_2(typing: Typing, p: Type, n: Type, x: Type) -> Lowering:
    """Return p * 2^n for whole n, and 0 where x is below VANISHED.

    There no product with fewer digits is formed, which would take a hundred cycles.
    """

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        def constant(number: int) -> Value:
            return ir.Constant(_WHOLES, [number] * LANES)

        p, n, x = arguments
        bits = builder.shl(builder.add(builder.fptosi(n, _WHOLES), constant(127)), constant(23))
        limit, zero = ir.Constant(_FLOATS, [float(VANISHED)] * LANES), ir.Constant(_FLOATS, [0.0] * LANES)
        result = builder.fmul(p, builder.bitcast(bits, _FLOATS))
        return builder.select(builder.fcmp_ordered("<", x, limit), zero, result)

    return VECTOR(VECTOR, VECTOR, VECTOR), generate
