"""Compiles .cu files and launches their kernels: through CuPy's RawModule on a GPU, through the emulator on a CPU.

A .cu file is compiled once for each floating type and each set of compile-time constants, when one of its kernels is
first launched. The launcher checks the arguments the same way on both machines, since a GPU would take a wrong one
without a word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from ..backend import current
from ..device import device_module
from ..errors import InvalidInput
from ..types import Argument, Array, DType, DTypeLike
from .emulation import emulator

Dimensions: TypeAlias = int | tuple[int, ...]
"""Blocks of a grid or threads of a block along x, y and z; missing ones are 1."""

INCLUDE = Path(__file__).parent
"""Folder of common.cuh."""

OPTIONS = ("--std=c++17", "-lineinfo", f"-I{INCLUDE}")
"""What NVRTC is given on a GPU. No --use_fast_math: float32 means float32, with divisions and roots rounded correctly.

CuPy always adds -ftz=true behind them, which nothing can undo: float32 numbers below 1.2e-38 become 0 on a GPU, and do
not in the emulator.
"""

ADDED_BY_CUPY = ("-ftz=true",)
"""For compile checks without CuPy."""

LARGEST_SIZE = 2**31 - 1
"""Kernels count with int, which is faster than long long: an array may have at most this many numbers."""

DEFAULT_SHARED_BYTES = 48 << 10
"""Dynamic shared memory that a kernel gets without asking for more."""


def blocks(count: int, block: int, *, limit: int | None = None) -> int:
    """Return how many blocks of `block` threads cover `count` items, at most `limit`."""
    needed = -(-count // block)
    return needed if limit is None else min(needed, limit)


class Source:
    """A .cu file beside the rung that launches it."""

    def __init__(self, rung_file: str, name: str) -> None:
        """Name the file; `rung_file` is the rung's `__file__`. Nothing is compiled yet."""
        self.path = Path(rung_file).with_name(name)

    def launch(
        self,
        kernel: str,
        dtype: DTypeLike,
        grid: Dimensions,
        block: Dimensions,
        args: Sequence[Argument],
        *,
        shared_mem: int = 0,
        defines: Mapping[str, int] | None = None,
    ) -> None:
        """Launch a kernel on the device of the backend in use.

        Args:
            kernel: Name of an `extern "C" __global__` function.
            dtype: float32 or float64: what `real` stands for in the file.
            grid: Number of blocks; nothing is launched when one of them is 0.
            block: Threads per block.
            args: C-contiguous device arrays, ints (passed as int), floats (passed as `real`), bools (passed as int) and
                NumPy scalars (passed as they are).
            shared_mem: Bytes of dynamic shared memory.
            defines: Compile-time constants; each combination is compiled once.

        Raises:
            TypeError: An argument that the kernel cannot take.
            InvalidInput: An array of 2^31 numbers or more.
        """
        dimensions = three_dimensions(grid)
        if 0 in dimensions:
            return
        real = np.dtype(dtype)
        arrays = device_module().ndarray
        arguments = tuple(_argument(kernel, k, value, real, arrays) for k, value in enumerate(args))
        constants = tuple(sorted((defines or {}).items()))
        if current().emulate:
            emulator().launch(
                self.path, kernel, real, constants, dimensions, three_dimensions(block), arguments, shared_mem
            )
            return
        function = _function(self.path, kernel, real, constants, current_device())
        if shared_mem > DEFAULT_SHARED_BYTES:
            function.max_dynamic_shared_size_bytes = shared_mem
        function(dimensions, three_dimensions(block), arguments, shared_mem=shared_mem)


def definitions(real: DTypeLike, constants: Sequence[tuple[str, int]]) -> dict[str, int]:
    """Return the macros that a .cu file is compiled with."""
    if np.dtype(real) not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise TypeError(f"expected float32 or float64 for `real`, got {real}")
    return {"REAL_IS_FLOAT": int(np.dtype(real) == np.float32), **{name: int(value) for name, value in constants}}


def current_device() -> int:
    """Return the number of the GPU in use: a compiled module belongs to one."""
    number: int = device_module().cuda.runtime.getDevice()
    return number


@cache
def _function(path: Path, kernel: str, real: DType, constants: tuple[tuple[str, int], ...], device: int) -> Any:
    """Return a kernel for a device.

    Kept, since CuPy makes a new object with each `get_function`, and looks its module up by the whole source.
    """
    return _compiled(path, real, constants, device).get_function(kernel)


@cache
def _compiled(path: Path, real: DType, constants: tuple[tuple[str, int], ...], device: int) -> Any:
    macros = tuple(f"-D{name}={value}" for name, value in definitions(real, constants).items())
    # The first line lets compilers and profilers name the file: CuPy compiles a copy, which is gone afterwards.
    code = f'#line 1 "{path.as_posix()}"\n' + path.read_text(encoding="utf-8")
    return device_module().RawModule(code=code, options=(*OPTIONS, *macros, f"-DHEADERS=0x{_digest_of_headers()}"))


@cache
def _digest_of_headers() -> str:
    """Return what changes with any header.

    CuPy keeps machine code on disk under source and options alone: it would go on using code of older headers.
    """
    texts = [header.read_bytes() for header in sorted(INCLUDE.parent.rglob("*.cuh"))]
    return sha256(b"".join(texts)).hexdigest()[:16]


@lru_cache(maxsize=1024)
def three_dimensions(dimensions: Dimensions) -> tuple[int, int, int]:
    """Fill up the dimensions of a grid or block with ones."""
    given = (dimensions,) if isinstance(dimensions, int) else tuple(dimensions)
    if not 1 <= len(given) <= 3 or any(n < 0 for n in given):
        raise ValueError(f"expected one to three dimensions of at least 0, got {dimensions!r}")
    x, y, z = (*given, 1, 1)[:3]
    return (int(x), int(y), int(z))


_int32 = lru_cache(maxsize=4096)(np.int32)
"""Sizes, strides and flags are the same in every step."""


def _argument(kernel: str, place: int, value: Argument, real: DType, arrays: type[Array]) -> Array | np.generic:
    if isinstance(value, int):  # first, since most are: a launch takes many of them, and the GPU waits for it
        if not -LARGEST_SIZE <= value <= LARGEST_SIZE:
            raise InvalidInput(f"{kernel}: argument {place}: expected an int of 32 bits, got {value}")
        return _int32(value)
    if isinstance(value, np.generic):
        return np.int32(value) if value.dtype.kind == "b" else value
    if isinstance(value, float):
        return real.type(value)
    if not isinstance(value, arrays):
        raise TypeError(f"{kernel}: argument {place}: expected a device array or a number, got {type(value).__name__}")
    if not value.flags.c_contiguous:
        raise TypeError(f"{kernel}: argument {place}: expected a C-contiguous array, got strides {value.strides}")
    if value.size > LARGEST_SIZE:
        raise InvalidInput(
            f"{kernel}: argument {place}: expected fewer than 2^31 numbers in an array, got {value.size}"
        )
    return value
