"""What a maximum needs besides `vectors`.

Which of two numbers wins in each lane, and the number of the candidate that has won so far, as a vector of integers.

A NaN wins against every number, and stays; of equal numbers the first stays. Winners are written as bytes or as int32,
and bytes are read to choose by.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core.extending import models, register_model

from ..gemm.micro_kernel import LANES
from .intrinsics import Builder, Context, Lowering, Manager, Signature, Type, Typing, Value, Values, intrinsic
from .vectors import VECTOR

_BIT, _BYTE, _WHOLE = ir.IntType(1), ir.IntType(8), ir.IntType(32)
_BYTES = ir.VectorType(_BYTE, LANES)


class _Lanes(types.Type):  # type: ignore[misc]
    """A vector of bits or of integers."""


BETTER, WINNERS = _Lanes(name=f"Vector({LANES} x bit)"), _Lanes(name=f"Vector({LANES} x int32)")


@register_model(_Lanes)
class _LanesModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Manager, kind: Type) -> None:
        super().__init__(manager, kind, ir.VectorType(_BIT if kind == BETTER else _WHOLE, LANES))


def _splat(builder: Builder, number: Value) -> Value:
    undefined = ir.Constant(ir.VectorType(number.type, LANES), ir.Undefined)
    first = builder.insert_element(undefined, number, _WHOLE(0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(_WHOLE, LANES), [0] * LANES))


def _at(builder: Builder, address: Value, kind: ir.Type) -> Value:
    return builder.inttoptr(address, ir.VectorType(kind, LANES).as_pointer())


@intrinsic
def better(typing: Typing, candidate: Type, best: Type) -> Lowering:
    """Return in which lanes the candidate is larger, or the first NaN."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        candidate, best = arguments
        return builder.and_(builder.fcmp_unordered(">", candidate, best), builder.fcmp_ordered("ord", best, best))

    return BETTER(VECTOR, VECTOR), generate


@intrinsic
def larger(typing: Typing, is_better: Type, candidate: Type, best: Type) -> Lowering:
    """Return the candidate where it is better, else the best so far."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        return builder.select(*arguments)

    return VECTOR(BETTER, VECTOR, VECTOR), generate


@intrinsic
def winner(typing: Typing, is_better: Type, number: Type, winners: Type) -> Lowering:
    """Return the candidate's number where it is better, else the winners so far."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        return builder.select(arguments[0], _splat(builder, builder.trunc(arguments[1], _WHOLE)), arguments[2])

    return WINNERS(BETTER, types.intp, WINNERS), generate


@intrinsic
def equal_winners(typing: Typing, number: Type) -> Lowering:
    """Return the same winner in all lanes."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        return _splat(builder, builder.trunc(arguments[0], _WHOLE))

    return WINNERS(types.intp), generate


@intrinsic
def load_winners(typing: Typing, address: Type) -> Lowering:
    """Read int32 winners."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        return builder.load(_at(builder, arguments[0], _WHOLE), align=4)

    return WINNERS(types.intp), generate


@intrinsic
def store_winners(typing: Typing, address: Type, winners: Type) -> Lowering:
    """Write winners as int32."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        builder.store(arguments[1], _at(builder, arguments[0], _WHOLE), align=4)
        return context.get_dummy_value()

    return types.void(types.intp, WINNERS), generate


@intrinsic
def store_winning_bytes(typing: Typing, address: Type, winners: Type) -> Lowering:
    """Write winners as bytes."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        builder.store(builder.trunc(arguments[1], _BYTES), _at(builder, arguments[0], _BYTE), align=1)
        return context.get_dummy_value()

    return types.void(types.intp, WINNERS), generate


@intrinsic
def where_won(typing: Typing, address: Type, number: Type, value: Type) -> Lowering:
    """Return the value in the lanes whose byte at an address is this number, else 0."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        found = builder.load(_at(builder, arguments[0], _BYTE), align=1)
        won = builder.icmp_unsigned("==", found, _splat(builder, builder.trunc(arguments[1], _BYTE)))
        zero = ir.Constant(context.get_value_type(VECTOR), [0.0] * LANES)
        return builder.select(won, arguments[2], zero)

    return VECTOR(types.intp, types.intp, VECTOR), generate
