"""Kernels and device functions, rewritten for the types of a launch and kept for the next one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from ...checks.kernel_error import KernelError
from . import front_end, inference
from .conversions import convert
from .inferred import kind_of_type
from .kinds import SCALARS, Kind, held
from .operations import HELPERS
from .rewrite import Rewriter
from .source import compiled


@dataclass
class Specialised:
    """A function, rewritten for the types of its arguments.

    Args:
        function: The function as it is written.
        code: The rewritten code.
        namespace: What its names mean: the values that they had when it was first launched, as for Numba.
        cells: The same for its closure.
        devices: Name -> the device function that it means.
        kinds: Kinds of its parameters.
    """

    function: FunctionType
    code: CodeType
    namespace: dict[str, Any]
    cells: dict[str, Any]
    devices: dict[str, Specialised] = field(default_factory=dict)
    kinds: tuple[Kind, ...] = ()

    def arguments(self, values: Sequence[Any]) -> list[Any]:
        """Return arguments as the rewritten function takes them."""
        return [convert(value, kind) for value, kind in zip(values, self.kinds, strict=True)]


_KNOWN: dict[tuple[FunctionType, tuple[Any, ...], bool, bool], Specialised | None] = {}
_LAUNCHED: dict[tuple[FunctionType, Any, tuple[Any, ...], bool], Specialised | None] = {}


def specialised(
    function: FunctionType, values: Sequence[Any], signatures: Sequence[Any] | None, counting: bool = False
) -> Specialised | None:
    """Return a kernel rewritten for the arguments of a launch.

    Args:
        function: The kernel's function.
        values: The arguments.
        signatures: Those that `jit` was given, None for any types.
        counting: Whether its operations are counted.

    Returns:
        The kernel; None where Numba's compiler or the function's source is not to be had, or Numba has no type for
        an argument.

    Raises:
        KernelError: Numba refuses the kernel.
        TypeError: No signature takes these arguments.
    """
    if not front_end.available():
        return None
    key = (function, repr(signatures), tuple(_key(value) for value in values), counting)
    if key not in _LAUNCHED:
        try:
            types = front_end.argument_types([_plain(value) for value in values])
            if types is None:
                return None
            if signatures:
                types = _chosen(function.__name__, types, front_end.parsed_signatures(signatures))
            _LAUNCHED[key] = _made(function, types, True, counting)
        except front_end.Refused as error:
            place = None
            if error.line is not None:
                filename = error.filename if error.filename != "<tagged>" else function.__code__.co_filename
                place = f"{filename}:{error.line}"
            raise KernelError(function.__name__, f"Numba does not compile it: {error.text}", place=place) from None
    return _LAUNCHED[key]


def _made(function: FunctionType, types: tuple[Any, ...], is_kernel: bool, counting: bool) -> Specialised | None:
    key = (function, types, is_kernel, counting)
    if key in _KNOWN:
        return _KNOWN[key]
    inferred = inference.infer(function, types, is_kernel)
    if inferred is None:
        _KNOWN[key] = None
        return None
    cells = {
        name: _constant(_content(cell))
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    }
    outside = {**function.__globals__, **cells}
    rewriter = Rewriter(inferred, outside, counting)
    code = compiled(rewriter.function(), inferred.tree.freevars, function.__code__.co_filename)
    names = inference.names_of(code)
    namespace = {name: _constant(value) for name, value in function.__globals__.items() if name in names}
    for name in ("__builtins__", "__name__"):
        if name in function.__globals__:
            namespace[name] = function.__globals__[name]
    kinds = tuple(kind_of_type(kind) for kind in types)
    made = Specialised(function, code, {**namespace, **HELPERS, **rewriter.constants}, cells, kinds=kinds)
    _KNOWN[key] = made  # before its device functions, which may call it again
    for device in rewriter.devices:
        inner = _made(device.function, device.arguments, False, counting)
        if inner is None:
            del _KNOWN[key]
            return None
        made.devices[device.name] = inner
    return made


def _key(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.dtype, value.ndim, value.flags.c_contiguous, value.flags.f_contiguous
    if isinstance(value, tuple):
        return tuple(_key(part) for part in value)
    return type(value), value > 2**63 - 1 if isinstance(value, int) else None


def _plain(value: Any) -> Any:
    """Return an argument as Numba's `typeof` knows it: a device array is never read-only, a subclass no subclass."""
    if not isinstance(value, np.ndarray):
        return value
    plain = np.asarray(value).view(np.ndarray)
    return plain if plain.flags.writeable else np.lib.stride_tricks.as_strided(np.array(plain), plain.shape)


def _chosen(name: str, types: tuple[Any, ...], signatures: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    """Return the signature that takes these types: the same ones, or those to which numbers convert."""
    if types in signatures:
        return types
    for signature in signatures:
        if len(signature) == len(types) and all(
            _takes(want, have) for want, have in zip(signature, types, strict=True)
        ):
            return signature
    raise TypeError(
        f"kernel {name!r}: no definition for argument type(s) {', '.join(map(str, types))}; it is compiled for "
        f"{' and '.join('(' + ', '.join(map(str, each)) + ')' for each in signatures)}"
    )


def _takes(want: Any, have: Any) -> bool:
    if want == have:
        return True
    if hasattr(want, "layout") and hasattr(have, "layout"):
        same = (want.dtype, want.ndim) == (have.dtype, have.ndim)
        return same and (want.layout in ("A", have.layout))
    scalars = SCALARS
    return kind_of_type(want) in scalars and kind_of_type(have) in scalars


def _constant(value: Any) -> Any:
    """Return the value of a global as a kernel keeps it: of a host array a copy, a device array itself."""
    if isinstance(value, np.ndarray) and not hasattr(type(value), "__cuda_array_interface__"):
        return value.copy()
    return held(value)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None
