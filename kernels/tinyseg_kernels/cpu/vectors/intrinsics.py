"""Functions of compiled kernels that are written in LLVM's intermediate language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.core import extending


def intrinsic(function: Callable[..., Any]) -> Any:
    """Make an intrinsic of a function (typing context, argument types) -> (signature, code generator); kernels call it without the typing context."""
    return extending.intrinsic(function)
