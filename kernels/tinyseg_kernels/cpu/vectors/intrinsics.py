"""Functions of compiled kernels that are written in LLVM's intermediate language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from llvmlite import ir
from numba import types
from numba.core import base, datamodel, extending
from numba.core import typing as numba_typing

Typing: TypeAlias = numba_typing.BaseContext
"""What the compiler knows of types when it meets a call."""

Type: TypeAlias = types.Type
"""Of an argument, as the compiler sees it."""

Signature: TypeAlias = numba_typing.Signature
"""Types of a call's result and arguments."""

Context: TypeAlias = base.BaseContext
"""What the compiler knows of the machine when it generates code."""

Manager: TypeAlias = datamodel.DataModelManager
"""Knows how values of each type lie in memory."""

Builder: TypeAlias = ir.IRBuilder
"""Appends instructions to the code being generated."""

Value: TypeAlias = ir.Value
"""What an instruction computes."""

Values: TypeAlias = Sequence[ir.Value]
"""The arguments of a call."""

Generator: TypeAlias = Callable[[Context, Builder, Signature, Values], Value]
"""Generates the code of a call and returns its result."""

Lowering: TypeAlias = tuple[Signature, Generator]
"""What an intrinsic's definition returns: the types that it takes, and who generates its code."""


def intrinsic(function: Callable[..., Lowering]) -> Callable[..., Any]:
    """Make an intrinsic of a function (typing context, argument types) -> (signature, code generator).

    Kernels call it without the typing context.
    """
    return extending.intrinsic(function)
