"""Binds a kernel's function again, so that the names it uses mean the simulator's `cuda` and `math`."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Mapping
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

from .half import HALF
from .kernel_cuda import KernelCuda
from .math_functions import LIBDEVICE, MATH
from .spins import has_while
from .typed.source import function_of
from .typed.specialise import Specialised

SWITCHING = frozenset(
    [
        "syncthreads",
        "syncthreads_count",
        "syncthreads_and",
        "syncthreads_or",
        "syncwarp",
        "shfl_sync",
        "shfl_up_sync",
        "shfl_down_sync",
        "shfl_xor_sync",
        "all_sync",
        "any_sync",
        "eq_sync",
        "ballot_sync",
        "match_any_sync",
        "match_all_sync",
        "cas",
        "exch",
        "compare_and_swap",
        "nanosleep",
        "sync",
    ]
)
"""A kernel that mentions none of these never waits for another thread, so its threads may run as plain calls."""


class Bound(NamedTuple):
    """A kernel's function, bound to the simulator; whether threads wait for others, or may in a loop."""

    function: Callable[..., Any]
    needs_switches: bool
    may_spin: bool


def bind(function: FunctionType | Specialised, cuda: KernelCuda, builtins: Mapping[str, Any] | None = None) -> Bound:
    """Make a copy of a kernel's function, and of the device functions that it calls, for one launch.

    Args:
        function: The function as it is written, or rewritten for the types of the launch.
        cuda: What `numba.cuda` means in the launch.
        builtins: Names that a kernel finds beside its globals, such as `print`.
    """
    binder = _Binder(cuda, dict(builtins or {}))
    copy = binder.rewritten(function) if isinstance(function, Specialised) else binder.copy(function)
    return Bound(copy, binder.needs_switches, binder.may_spin)


class _Binder:
    def __init__(self, cuda: KernelCuda, builtins: dict[str, Any]) -> None:
        self.cuda, self.builtins = cuda, builtins
        self.copies: dict[int, FunctionType] = {}
        self.needs_switches = self.may_spin = False

    def copy(self, function: FunctionType) -> FunctionType:
        """Copy a function with its globals and closure replaced; each one once, so that recursion ends."""
        done = self.copies.get(id(function))
        if done is not None:
            return done
        names = self._names_of(function.__code__)
        namespace = {**self.builtins, **function.__globals__}
        cells = tuple(CellType() for _ in function.__closure__ or ())
        copy = FunctionType(function.__code__, namespace, function.__name__, function.__defaults__, cells)
        self.copies[id(function)] = copy
        for name in names & namespace.keys():
            namespace[name] = self.replaced(namespace[name])
        for cell, original in zip(cells, function.__closure__ or (), strict=True):
            cell.cell_contents = self.replaced(original.cell_contents)
        copy.__kwdefaults__ = function.__kwdefaults__
        return copy

    def rewritten(self, function: Specialised) -> FunctionType:
        """Make the function of rewritten code, once for each."""
        done = self.copies.get(id(function))
        if done is not None:
            return done
        names = self._names_of(function.code)
        namespace = {**self.builtins, **function.namespace}
        for name in names & namespace.keys():
            namespace[name] = self.replaced(namespace[name])
        cells = {name: CellType(self.replaced(value)) for name, value in function.cells.items()}
        copy = function_of(function.code, function.function, namespace, cells)
        self.copies[id(function)] = copy
        for name, device in function.devices.items():
            namespace[name] = self.rewritten(device)
        return copy

    def _names_of(self, code: CodeType) -> set[str]:
        """Return the names that code mentions, and note what they and its loops say of waiting."""
        names = set(_names(code))
        self.needs_switches = self.needs_switches or not SWITCHING.isdisjoint(names)
        self.may_spin = self.may_spin or has_while(code)
        return names

    def replaced(self, value: Any) -> Any:
        """Return what a name of a kernel means in the simulator."""
        if getattr(value, "stands_for", None) == "numba.cuda":
            return self.cuda
        if isinstance(value, ModuleType):
            if value is math:
                return MATH
            if value.__name__ == "numba.cuda":
                return self.cuda
            if value.__name__ == "numba.cuda.libdevice":
                return LIBDEVICE
            if value.__name__ == "numba.cuda.fp16":
                return HALF
            if value.__name__ == "numba":
                return _Numba(value, self.cuda)
            return value
        function = getattr(value, "py_func", None)
        if isinstance(function, FunctionType):
            return self.copy(function)
        name = _names_of_numba().get(id(value))
        return value if name is None else getattr(self.cuda, name, value)


class _Numba:
    """The module `numba` as a kernel sees it: its `cuda` is the simulator's."""

    def __init__(self, module: ModuleType, cuda: KernelCuda) -> None:
        self._module, self.cuda = module, cuda

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def _names_of_numba() -> dict[int, str]:
    """Return, of what `from numba.cuda import ...` may have given a kernel, the names: object's id -> name."""
    module = sys.modules.get("numba.cuda")
    if not isinstance(module, ModuleType):
        return {}
    if id(module) not in _NUMBA_NAMES:
        _NUMBA_NAMES[id(module)] = {
            id(value): name for name, value in vars(module).items() if hasattr(KernelCuda, name)
        }
    return _NUMBA_NAMES[id(module)]


_NUMBA_NAMES: dict[int, dict[int, str]] = {}


def _names(code: Any) -> Iterable[str]:
    """Yield the global names and attributes that a function's code, and code nested in it, mentions."""
    yield from code.co_names
    for constant in code.co_consts:
        if hasattr(constant, "co_names"):
            yield from _names(constant)
