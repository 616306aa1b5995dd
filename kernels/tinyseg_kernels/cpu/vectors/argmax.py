"""What a maximum needs besides `vectors`: which of two numbers wins in each lane, and the number of the candidate that has won so far, as a vector of integers.

A NaN wins against every number, and stays; of equal numbers the first stays. Winners are written as bytes or as int32, and bytes are read to choose by.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core.extending import models, register_model

from ..gemm.micro_kernel import LANES
from .intrinsics import intrinsic
from .vectors import VECTOR

_BIT, _BYTE, _WHOLE = ir.IntType(1), ir.IntType(8), ir.IntType(32)
_BYTES = ir.VectorType(_BYTE, LANES)


class _Lanes(types.Type):  # type: ignore[misc]
    """A vector of bits or of integers."""


BETTER, WINNERS = _Lanes(name=f"Vector({LANES} x bit)"), _Lanes(name=f"Vector({LANES} x int32)")


@register_model(_Lanes)
class _LanesModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, ir.VectorType(_BIT if kind == BETTER else _WHOLE, LANES))


def _splat(builder: Any, number: Any) -> Any:
    undefined = ir.Constant(ir.VectorType(number.type, LANES), ir.Undefined)
    first = builder.insert_element(undefined, number, _WHOLE(0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(_WHOLE, LANES), [0] * LANES))


def _at(builder: Any, address: Any, kind: Any) -> Any:
    return builder.inttoptr(address, ir.VectorType(kind, LANES).as_pointer())


@intrinsic
def better(typing: Any, candidate: Any, best: Any) -> Any:
    """Return in which lanes the candidate is larger, or the first NaN."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        candidate, best = arguments
        return builder.and_(builder.fcmp_unordered(">", candidate, best), builder.fcmp_ordered("ord", best, best))

    return BETTER(VECTOR, VECTOR), generate


@intrinsic
def larger(typing: Any, is_better: Any, candidate: Any, best: Any) -> Any:
    """Return the candidate where it is better, else the best so far."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.select(*arguments)

    return VECTOR(BETTER, VECTOR, VECTOR), generate


@intrinsic
def winner(typing: Any, is_better: Any, number: Any, winners: Any) -> Any:
    """Return the candidate's number where it is better, else the winners so far."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.select(arguments[0], _splat(builder, builder.trunc(arguments[1], _WHOLE)), arguments[2])

    return WINNERS(BETTER, types.intp, WINNERS), generate


@intrinsic
def equal_winners(typing: Any, number: Any) -> Any:
    """Return the same winner in all lanes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _splat(builder, builder.trunc(arguments[0], _WHOLE))

    return WINNERS(types.intp), generate


@intrinsic
def load_winners(typing: Any, address: Any) -> Any:
    """Read int32 winners."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_at(builder, arguments[0], _WHOLE), align=4)

    return WINNERS(types.intp), generate


@intrinsic
def store_winners(typing: Any, address: Any, winners: Any) -> Any:
    """Write winners as int32."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[1], _at(builder, arguments[0], _WHOLE), align=4)
        return context.get_dummy_value()

    return types.void(types.intp, WINNERS), generate


@intrinsic
def store_winning_bytes(typing: Any, address: Any, winners: Any) -> Any:
    """Write winners as bytes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(builder.trunc(arguments[1], _BYTES), _at(builder, arguments[0], _BYTE), align=1)
        return context.get_dummy_value()

    return types.void(types.intp, WINNERS), generate


@intrinsic
def where_won(typing: Any, address: Any, number: Any, value: Any) -> Any:
    """Return the value in the lanes whose byte at an address is this number, else 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        found = builder.load(_at(builder, arguments[0], _BYTE), align=1)
        won = builder.icmp_unsigned("==", found, _splat(builder, builder.trunc(arguments[1], _BYTE)))
        zero = ir.Constant(context.get_value_type(VECTOR), [0.0] * LANES)
        return builder.select(won, arguments[2], zero)

    return VECTOR(types.intp, types.intp, VECTOR), generate
