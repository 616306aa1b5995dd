"""Operations between the lanes of one vector, for rows of numbers that are shorter than a vector or end within one.

A row of 12 numbers takes two vectors of 8, the second of which reaches into the next row: `first_lanes` puts a harmless
number there. Loops that the compiler makes vectors of by itself do a third of such a row number by number.
"""

from __future__ import annotations

from collections.abc import Callable

from llvmlite import ir
from numba import types

from ..gemm.micro_kernel import LANES
from .intrinsics import Builder, Context, Lowering, Signature, Type, Typing, Value, Values, intrinsic
from .vectors import VECTOR

_INDEX = ir.IntType(32)
_INDICES = ir.VectorType(_INDEX, LANES)


def _folded(builder: Builder, vector: Value, join: Callable[[Value, Value], Value]) -> Value:
    """Join all lanes, in log2(LANES) steps; the result is in every lane."""
    distance = LANES // 2
    while distance:
        order = ir.Constant(_INDICES, [lane ^ distance for lane in range(LANES)])
        vector = join(vector, builder.shuffle_vector(vector, vector, order))
        distance //= 2
    return vector


@intrinsic
def largest(typing: Typing, vector: Type) -> Lowering:
    """Return the largest number of a vector in every lane. With a NaN among them it is any of them."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        return _folded(builder, arguments[0], lambda a, b: builder.select(builder.fcmp_ordered(">", a, b), a, b))

    return VECTOR(VECTOR), generate


@intrinsic
def sum_of(typing: Typing, vector: Type) -> Lowering:
    """Return the sum of a vector's numbers."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        return builder.extract_element(_folded(builder, arguments[0], builder.fadd), _INDEX(0))

    return types.float32(VECTOR), generate


@intrinsic
def first_number(typing: Typing, vector: Type) -> Lowering:
    """Return the number in the first lane."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        return builder.extract_element(arguments[0], _INDEX(0))

    return types.float32(VECTOR), generate


@intrinsic
def first_lanes(typing: Typing, count: Type, vector: Type, otherwise: Type) -> Lowering:
    """Return the vector in its first `count` lanes, and `otherwise` in the others."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        count, vector, otherwise = arguments
        undefined, zeros = ir.Constant(_INDICES, ir.Undefined), ir.Constant(_INDICES, [0] * LANES)
        first = builder.insert_element(undefined, builder.trunc(count, _INDEX), _INDEX(0))
        counts = builder.shuffle_vector(first, undefined, zeros)
        inside = builder.icmp_signed("<", ir.Constant(_INDICES, list(range(LANES))), counts)
        return builder.select(inside, vector, otherwise)

    return VECTOR(types.intp, VECTOR, VECTOR), generate
