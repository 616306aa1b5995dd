"""A vector of `LANES` float32 numbers as a value in compiled kernels.

`load`, `store`, `+`, `-`, `*` (also by a number), `maximum`, `where_positive`.

Numba's compiler makes vector code of a loop over arrays only if it can prove, or cheaply test, that no two of them
overlap. With the six rows of a tile that go in and the six that come out it gives up. With vectors as values there is
nothing to prove.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Protocol

from llvmlite import ir
from numba import types
from numba.core.extending import models, register_model
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import AbstractTemplate, infer_global, signature

from ...types import Real
from ..gemm.micro_kernel import LANES
from .intrinsics import Builder, Context, Lowering, Manager, Signature, Type, Typing, Value, Values, intrinsic

_FLOAT, _INDEX = ir.FloatType(), ir.IntType(32)
_VECTOR = ir.VectorType(_FLOAT, LANES)


class Vector(Protocol):
    """A vector in the annotations of kernels: `LANES` numbers, bits or integers in a register of compiled code."""

    def __add__(self, other: Vector) -> Vector:
        """Add lane by lane."""

    def __sub__(self, other: Vector) -> Vector:
        """Subtract lane by lane."""

    def __mul__(self, other: Vector) -> Vector:
        """Multiply lane by lane."""

    def __radd__(self, number: Real) -> Vector:
        """Add a number to each lane."""

    def __rsub__(self, number: Real) -> Vector:
        """Subtract each lane from a number."""

    def __rmul__(self, number: Real) -> Vector:
        """Multiply each lane by a number."""


class _Vector(types.Type):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(name=f"Vector({LANES} x float32)")


VECTOR = _Vector()


@register_model(_Vector)
class _VectorModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Manager, kind: Type) -> None:
        super().__init__(manager, kind, _VECTOR)


def _splat(builder: ir.IRBuilder, number: Value) -> Value:
    undefined = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(undefined, number, _INDEX(0))
    return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(_INDEX, LANES), [0] * LANES))


@intrinsic
def load(typing: Typing, address: Type) -> Lowering:
    """Read the vector at an address (an integer, of any alignment that a float32 may have)."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        return builder.load(builder.inttoptr(arguments[0], _VECTOR.as_pointer()), align=4)

    return VECTOR(types.intp), generate


@intrinsic
def store(typing: Typing, address: Type, value: Type) -> Lowering:
    """Write a vector to an address."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        builder.store(arguments[1], builder.inttoptr(arguments[0], _VECTOR.as_pointer()), align=4)
        return context.get_dummy_value()

    return types.void(types.intp, VECTOR), generate


@intrinsic
def splat(typing: Typing, number: Type) -> Lowering:
    """Return a vector of equal numbers."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        return _splat(builder, arguments[0])

    return VECTOR(types.float32), generate


@intrinsic
def maximum(typing: Typing, a: Type, b: Type) -> Lowering:
    """Return the larger number of each lane; of a NaN in a, NaN."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        first, second = arguments
        return builder.select(builder.fcmp_ordered(">", second, first), second, first)

    return VECTOR(VECTOR, VECTOR), generate


@intrinsic
def where_positive(typing: Typing, sign: Type, value: Type) -> Lowering:
    """Return the value in the lanes where the sign is above 0, else 0; a NaN is not above 0."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        zero = ir.Constant(_VECTOR, [0.0] * LANES)
        return builder.select(builder.fcmp_ordered(">", arguments[0], zero), arguments[1], zero)

    return VECTOR(VECTOR, VECTOR), generate


def _define(function: Callable[..., Any], instruction: str) -> None:
    """Let an operator work on two vectors, and on a number and a vector."""

    @infer_global(function)
    class Template(AbstractTemplate):  # type: ignore[misc]
        def generic(self, given: tuple[Type, ...], keywords: dict[str, Type]) -> Signature | None:
            if len(given) == 2 and VECTOR in given:
                if all(kind is VECTOR or kind == VECTOR for kind in given):
                    return signature(VECTOR, VECTOR, VECTOR)
                if given[1] == VECTOR and isinstance(given[0], types.Number):
                    return signature(VECTOR, types.float32, VECTOR)
            return None

    def two_vectors(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        return getattr(builder, instruction)(*arguments, flags=("contract",))

    def number_and_vector(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        return getattr(builder, instruction)(_splat(builder, arguments[0]), arguments[1], flags=("contract",))

    lower_builtin(function, VECTOR, VECTOR)(two_vectors)
    lower_builtin(function, types.float32, VECTOR)(number_and_vector)


for _function, _instruction in ((operator.add, "fadd"), (operator.sub, "fsub"), (operator.mul, "fmul")):
    _define(_function, _instruction)


@intrinsic
def lanes_from(typing: Typing, value: Type, first: Type) -> Lowering:
    """Return the vector with zeros in the lanes before number `first`."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        value, first = arguments
        kind = ir.VectorType(ir.IntType(64), LANES)
        undefined = ir.Constant(kind, ir.Undefined)
        limit = builder.insert_element(undefined, first, _INDEX(0))
        limits = builder.shuffle_vector(limit, undefined, ir.Constant(ir.VectorType(_INDEX, LANES), [0] * LANES))
        chosen = builder.icmp_signed(">=", ir.Constant(kind, list(range(LANES))), limits)
        return builder.select(chosen, value, ir.Constant(_VECTOR, [0.0] * LANES))

    return VECTOR(VECTOR, types.intp), generate
