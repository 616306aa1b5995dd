"""`@vectorize`, `@guvectorize` and `cuda.reduce`: functions of arrays that a function of numbers makes."""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Callable, Sequence
from types import FunctionType, SimpleNamespace
from typing import Any

import numpy as np

from ..checks.kernel_error import KernelError
from .host_arrays import HostArray, on_device, unwritten
from .places import remember_source

THREADS = 128
"""Threads of a block."""


def vectorize(kernel_type: Callable[..., Any], *given: Any, **options: Any) -> Any:
    """Return what makes a function of arrays of a function of numbers, as `numba.vectorize(..., target='cuda')` does.

    Args:
        kernel_type: What makes a kernel of a function.
        given: The signatures, or the function itself.
        options: 'target' and others that have no effect.
    """
    if len(given) == 1 and isinstance(given[0], FunctionType):
        raise TypeError("vectorize(target='cuda'): expected signatures, such as ['float32(float32, float32)']")
    signatures = given[0] if len(given) == 1 and isinstance(given[0], list | tuple) else list(given)
    return lambda function: _Ufunc(_plain(function), signatures, kernel_type)


def guvectorize(kernel_type: Callable[..., Any], *given: Any, **options: Any) -> Any:
    """Return what makes a generalised ufunc of a function of rows, as `numba.guvectorize(..., target='cuda')` does.

    Args:
        kernel_type: What makes a kernel of a function.
        given: The signatures and the layout, such as '(n),()->(n)'.
        options: 'target' and others that have no effect.
    """
    signatures, layout = given
    return lambda function: _GeneralUfunc(_plain(function), layout, signatures, kernel_type)


def _plain(function: Any) -> FunctionType:
    """Return the Python function of what may be a jitted one."""
    plain: FunctionType = getattr(function, "py_func", function)
    return plain


class _Ufunc:
    """A function of arrays: one thread computes one number."""

    def __init__(self, function: FunctionType, signatures: Sequence[Any], kernel_type: Callable[..., Any]) -> None:
        self.py_func, self.signatures = function, list(signatures)
        self.__name__, self.__doc__ = function.__name__, function.__doc__
        self._kernel_type = kernel_type
        self._count = len(inspect.signature(function).parameters)
        self._kernel = kernel_type(_elementwise(function, self._count, kernel_type))

    def __call__(self, *args: Any, out: Any = None, stream: Any = 0) -> Any:
        if len(args) == self._count + 1 and out is None:
            *args, out = args  # type: ignore[assignment]
        if len(args) != self._count:
            raise TypeError(f"{self.__name__}: expected {self._count} arrays or numbers, got {len(args)}")
        arrays = [np.asarray(value) for value in args]
        wanted, result = self._chosen([array.dtype for array in arrays])
        shape = np.broadcast_shapes(*(array.shape for array in arrays))
        flat = [
            np.ascontiguousarray(np.broadcast_to(array.astype(kind, copy=False), shape)).reshape(-1)
            for array, kind in zip(arrays, wanted, strict=True)
        ]
        target = unwritten(int(np.prod(shape, dtype=np.int64)), result)
        if target.size:
            self._kernel.forall(target.size)(*flat, target)
        return _handed_back(np.asarray(target).reshape(shape), args, out)

    def reduce(self, array: Any, stream: Any = 0) -> Any:
        """Reduce an array of one axis with the function."""
        values = np.asarray(array)
        while len(values) > 1:
            half = len(values) // 2
            left = np.asarray(self(values[:half].copy(), values[half : 2 * half].copy()))
            values = np.concatenate([left, values[2 * half :]])
        return values[0]

    def _chosen(self, given: list[np.dtype[Any]]) -> tuple[list[Any], Any]:
        """Return the dtypes of the first signature to which these convert safely."""
        known = [_dtypes_of(signature) for signature in self.signatures]
        for arguments, result in known:
            if len(arguments) == len(given) and all(
                np.can_cast(have, want, "safe") for have, want in zip(given, arguments, strict=True)
            ):
                return arguments, result
        for arguments, result in known:  # Numba's arrays of wider types convert too, where it is the only choice
            if len(arguments) == len(given) and len(known) == 1:
                return arguments, result
        told = ", ".join(str(each) for each in self.signatures)
        raise TypeError(f"{self.__name__}: no signature of {told} takes {', '.join(str(dtype) for dtype in given)}")


class _GeneralUfunc:
    """A function of arrays: one thread calls the function for one set of rows."""

    def __init__(
        self, function: FunctionType, layout: str, signatures: Sequence[Any], kernel_type: Callable[..., Any]
    ) -> None:
        self.py_func, self.layout = function, layout
        self.signatures = list(signatures) if isinstance(signatures, list | tuple) else [signatures]
        self.__name__, self.__doc__ = function.__name__, function.__doc__
        inputs, _, outputs = layout.replace(" ", "").partition("->")
        self.inputs, self.outputs = (
            [tuple(filter(None, part.split(","))) for part in re.findall(r"\(([^)]*)\)", text)]
            for text in (inputs, outputs)
        )
        self._kernel = kernel_type(
            _rowwise(function, _axes_of(self.signatures[0]), self.inputs, self.outputs, kernel_type)
        )

    def __call__(self, *args: Any, out: Any = None, stream: Any = 0) -> Any:
        given = [np.asarray(value) for value in args[: len(self.inputs)]]
        if len(args) > len(self.inputs) and out is None:
            out = args[len(self.inputs)]
        kinds = self._dtypes(given)
        sizes: dict[str, int] = {}
        loops = []
        for array, names in zip(given, self.inputs, strict=True):
            split = array.ndim - len(names)
            if split < 0:
                raise ValueError(f"{self.__name__}: expected at least {len(names)} axes, got shape {array.shape}")
            for name, length in zip(names, array.shape[split:], strict=True):
                if sizes.setdefault(name, length) != length:
                    raise ValueError(f"{self.__name__}: axis {name!r} is {sizes[name]} and {length}")
            loops.append(array.shape[:split])
        loop = np.broadcast_shapes(*loops)
        rows = [
            np.ascontiguousarray(
                np.broadcast_to(array.astype(kind, copy=False), (*loop, *(sizes[name] for name in names)))
            ).reshape(-1, *(sizes[name] for name in names))
            for array, names, kind in zip(given, self.inputs, kinds, strict=False)
        ]
        results = []
        for names, kind in zip(self.outputs, kinds[len(self.inputs) :], strict=True):
            results.append(unwritten((max(int(np.prod(loop)), 1), *(sizes[name] for name in names)), kind))
        count = int(np.prod(loop, dtype=np.int64))
        if count:
            self._kernel.forall(count)(*rows, *results)
        shaped = [
            np.asarray(result).reshape(*loop, *result.shape[1:])
            if loop or result.shape[1:]
            else np.asarray(result).reshape(())
            for result in results
        ]
        return _handed_back(shaped[0], args, out) if len(shaped) == 1 else tuple(shaped)

    def _dtypes(self, given: list[Any]) -> list[Any]:
        known = [_dtypes_of(signature)[0] for signature in self.signatures]
        for kinds in known:
            if all(np.can_cast(array.dtype, kind, "safe") for array, kind in zip(given, kinds, strict=False)):
                return kinds
        return known[0]


class Reduce:
    """`cuda.reduce`: reduces an array of one axis with a function of two numbers."""

    def __init__(self, function: Any, kernel_type: Callable[..., Any]) -> None:
        self.py_func = getattr(function, "py_func", function)
        self._kernel = kernel_type(_pairwise(self.py_func, kernel_type))

    def __call__(self, arr: Any, size: int | None = None, res: Any = None, init: Any = 0, stream: Any = 0) -> Any:
        values = np.asarray(arr)
        if values.ndim != 1:
            raise TypeError("only support 1D array")
        if size is not None:
            values = values[:size]
        if not len(values):
            if res is None:
                return values.dtype.type(init)
            res[0] = init
            return None
        work = np.concatenate([values, np.array([init], values.dtype)]) if init != 0 else values.copy()
        while len(work) > 1:
            half = len(work) // 2
            out = unwritten(half, work.dtype)
            self._kernel.forall(half)(np.ascontiguousarray(work[: 2 * half]), out)
            work = np.concatenate([np.asarray(out), work[2 * half :]])
        if res is None:
            return work[0]
        res[0] = work[0]
        return None


def _handed_back(result: Any, args: Sequence[Any], out: Any) -> Any:
    """Return a result: into `out` where it is given, on the device when an argument was there."""
    if out is not None:
        np.asarray(out)[...] = result
        return out
    if any(isinstance(value, HostArray) for value in args):
        return on_device(result)
    return result if result.ndim else result[()]


def _dtypes_of(signature: Any) -> tuple[list[Any], Any]:
    """Return the dtypes of a signature's arguments and result."""
    if isinstance(signature, tuple):
        return [np.dtype(_name(str(getattr(part, "dtype", part)))) for part in signature], None
    text = str(signature)
    match = re.fullmatch(r"\s*([\w.]*)\s*\((.*)\)\s*(?:->\s*([\w.]+))?\s*", text)
    if match is None:
        raise KernelError("vectorize", f"expected a signature such as 'float32(float32, float32)', got {text!r}")
    plain = re.sub(r"\[[^\]]*\]", "", match[2])
    plain = re.sub(r"array\((\w+)[^()]*\)", r"\1", plain)
    names = [name.strip() for name in plain.split(",") if name.strip()]
    result = match[3] or match[1]
    return [np.dtype(_name(name)) for name in names], None if result in ("void", "none", "", None) else np.dtype(
        _name(result)
    )


def _name(name: str) -> str:
    known = {"boolean": "bool", "intp": "int64", "double": "float64", "f2": "float16", "f4": "float32", "f8": "float64",
             "i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64", "u1": "uint8", "u2": "uint16", "u4": "uint32",
             "u8": "uint64", "c8": "complex64", "c16": "complex128", "float_": "float32"}  # fmt: skip
    return known.get(name.rpartition(".")[2], name.rpartition(".")[2])


_SOURCES = itertools.count()


def _made(text: str, function: FunctionType, name: str, kernel_type: Callable[..., Any]) -> FunctionType:
    """Make a kernel's function of source text that calls another one."""
    filename = f"<{name} of {function.__name__} {next(_SOURCES)}>"
    remember_source(filename, text)
    namespace: dict[str, Any] = {"cuda": SimpleNamespace(stands_for="numba.cuda"), "function": kernel_type(function)}
    exec(compile(text, filename, "exec"), namespace)
    made: FunctionType = namespace["kernel"]
    made.__name__ = function.__name__
    return made


def _elementwise(function: FunctionType, count: int, kernel_type: Callable[..., Any]) -> FunctionType:
    names = [f"x{k}" for k in range(count)]
    text = (
        f"def kernel({', '.join([*names, 'out'])}):\n"
        "    i = cuda.grid(1)\n"
        "    if i < out.size:\n"
        f"        out[i] = function({', '.join(f'{name}[i]' for name in names)})\n"
    )
    return _made(text, function, "vectorize", kernel_type)


def _axes_of(signature: Any) -> list[int]:
    """Return how many axes each argument of a signature has."""
    if isinstance(signature, str):
        inside = signature[signature.index("(") + 1 : signature.rindex(")")]
        parts = re.findall(r"[\w.]+\s*(?:\[([^\]]*)\])?", inside)
        return [part.count(",") + 1 if part else 0 for part in parts]
    arguments = getattr(signature, "args", signature)
    return [int(getattr(argument, "ndim", 0)) for argument in arguments]


def _rowwise(
    function: FunctionType,
    axes: Sequence[int],
    inputs: Sequence[tuple[str, ...]],
    outputs: Sequence[tuple[str, ...]],
    kernel_type: Callable[..., Any],
) -> FunctionType:
    names = [*(f"x{k}" for k in range(len(inputs))), *(f"out{k}" for k in range(len(outputs)))]
    # what the layout calls (), a signature declares as a number or as an array of one
    rows = [
        f"{name}[i : i + 1]" if length == 1 and not layout else f"{name}[i]"
        for name, length, layout in zip(names, axes, (*inputs, *outputs), strict=True)
    ]
    text = (
        f"def kernel({', '.join(names)}):\n"
        "    i = cuda.grid(1)\n"
        f"    if i < {names[-1]}.shape[0]:\n"
        f"        function({', '.join(rows)})\n"
    )
    return _made(text, function, "guvectorize", kernel_type)


def _pairwise(function: FunctionType, kernel_type: Callable[..., Any]) -> FunctionType:
    text = (
        "def kernel(x, out):\n"
        "    i = cuda.grid(1)\n"
        "    if i < out.size:\n"
        "        out[i] = function(x[2 * i], x[2 * i + 1])\n"
    )
    return _made(text, function, "reduce", kernel_type)
