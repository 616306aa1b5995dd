"""A hint to fetch memory that is needed soon."""

from __future__ import annotations

from llvmlite import ir
from numba import types

from ..vectors.intrinsics import Builder, Context, Lowering, Signature, Type, Typing, Value, Values, intrinsic

_READ, _KEEP, _DATA = 0, 3, 1


@intrinsic
def prefetch(typing: Typing, address: Type) -> Lowering:
    """Ask for the cache line at an address, which need not be one of ours: a hint never fails."""

    def generate(context: Context, builder: Builder, signature: Signature, arguments: Values) -> Value:
        byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        name = "llvm.prefetch.p0i8"
        function = builder.module.globals.get(name) or ir.Function(
            builder.module, ir.FunctionType(ir.VoidType(), [byte, number, number, number]), name
        )
        hint = [number(value) for value in (_READ, _KEEP, _DATA)]
        builder.call(function, [builder.inttoptr(arguments[0], byte), *hint])
        return context.get_dummy_value()

    return types.void(types.intp), generate
