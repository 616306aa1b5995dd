"""The types that Numba's own compiler infers for a function, node by node of its syntax tree."""

from __future__ import annotations

import ast
import importlib
from functools import cache
from types import CellType, FunctionType, ModuleType, SimpleNamespace
from typing import Any

from .front_end import compiled_state, numba_parts
from .inferred import Types, read_types
from .source import Tree, function_of, tagged_code, tree_of


def infer(function: FunctionType, arguments: tuple[Any, ...], is_kernel: bool) -> Types | None:
    """Infer the types in a function.

    Args:
        function: The function.
        arguments: Numba's types of its arguments.
        is_kernel: Whether it may return nothing only.

    Returns:
        The types; None when the function's source cannot be found.

    Raises:
        Refused: Numba does not take it.
    """
    typed = _typing_function(function)
    if typed is None:
        return None
    tree, tagged = typed
    state = compiled_state(tagged, arguments, numba_parts().types.void if is_kernel else None)
    return read_types(tree, state)


@cache
def _typing_function(function: FunctionType) -> tuple[Tree, FunctionType] | None:
    """Return a function's tree and its copy for type inference, in which the simulator's names are Numba's own."""
    tree = tree_of(function)
    if tree is None:
        return None
    code = tagged_code(tree)
    names = {node.id for node in ast.walk(tree.node) if isinstance(node, ast.Name)}
    namespace = {**function.__globals__}
    for name in names & namespace.keys():
        namespace[name] = _real(namespace[name])
    closure = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    cells = {name: CellType(_real(_content(cell))) for name, cell in closure}
    return tree, function_of(code, function, namespace, cells)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None


def names_of(code: Any) -> set[str]:
    """Return the names of globals and attributes that code, and code nested in it, mentions."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if hasattr(constant, "co_names"):
            names |= names_of(constant)
    return names


def _real(value: Any) -> Any:
    """Return what Numba's compiler shall see for a value that a name of a kernel has."""
    stands_for = getattr(value, "stands_for", None)
    if isinstance(stands_for, str):
        module, _, name = stands_for.partition(":")
        return getattr(importlib.import_module(module), name) if name else importlib.import_module(module)
    function = getattr(value, "py_func", None)
    if isinstance(function, FunctionType):
        return _device_function(function)
    if isinstance(value, ModuleType | type):
        return value
    return value


@cache
def _device_function(function: FunctionType) -> Any:
    """Return a dispatcher of Numba's that infers a device function's types and compiles nothing."""
    numba = numba_parts()

    class Dispatcher(numba.dispatcher.CUDADispatcher):  # type: ignore[name-defined,misc]
        def compile_device(self, args: Any, return_type: Any = None) -> Any:
            if args not in self.overloads:
                typed = _typing_function(function)
                if typed is not None:
                    self.py_func = typed[1]
                with self._compiling_counter:
                    state = compiled_state(self.py_func, tuple(args), return_type)
                result = state.return_type
                self.overloads[args] = SimpleNamespace(
                    signature=numba.typing.signature(result, *args), objectmode=False, entry_point=object()
                )
            return self.overloads[args]

    made = Dispatcher(function, targetoptions={"device": True})
    made.of_function = function
    return made
