"""A .cu file compiled for the CPU, and its kernels, launched on NumPy arrays."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tinyseg_kernels.errors import unknown_name
from tinyseg_kernels.types import Array

from ..checks.kernel_error import Index3, KernelError
from ..checks.options import current_options
from ..checks.pointers import Pointer
from .build import kernel_library
from .checked_launch import Checks
from .compiler import CHECKED, COUNTED, OPTIMISED, SANITIZED
from .endings import endless, raise_interrupt, text_of_ending
from .library import Library, named
from .native import ANY_LAUNCH, INTERRUPTED, Failure, Launch, runtime
from .printing import begin_printing, show_printed
from .translate.requests import Requests

__all__ = ["CudaKernel", "CudaModule", "KernelError"]

MAX_THREADS = 1024
MAX_STATIC_SHARED = 48 << 10
MAX_SHARED = 227 << 10
"""Bytes of shared memory that a block may have, as compute capability 9.0 allows.

48 KB declared, 227 KB with what is given at the launch.
"""

_lock = threading.RLock()  # the runtime runs one launch at a time; a signal handler may launch between two lines of one


def _after_fork() -> None:
    global _lock
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class CudaModule:
    """The kernels of a .cu file.

    Args:
        source: CUDA C++ with kernels.
        filename: Name of the file, for messages.
        include: Folders of header files.
        defines: Macros.
        std: Name of the C++ standard, such as 'c++20'; '' for C++17.
        requests: What the file's launch comments ask of its compiler: instances of templates, types, numbers.
        form: The form (compiler.py) that is compiled at once; others are when they are first wanted.

    Raises:
        InvalidInput: The compiler rejects the source, or there is no compiler.
    """

    def __init__(
        self,
        source: str,
        filename: str,
        *,
        include: Sequence[Path] = (),
        defines: Mapping[str, str | int] | None = None,
        std: str = "",
        requests: Requests | None = None,
        form: str = OPTIMISED,
    ) -> None:
        self._form = form
        self.source, self.filename, self._include, self._defines = source, filename, tuple(include), dict(defines or {})
        self._std, self._requests = std, requests or Requests()
        self._libraries: dict[str, Library] = {}
        self.kernels: list[str] = [row.name for row in self.library().table.kernels]

    def library(self, form: str | None = None) -> Library:
        """Return the compiled file; the checks need one with hooks, which is compiled when first wanted."""
        form = form or self._form
        if form not in self._libraries:
            runtime()
            self._libraries[form] = Library(
                kernel_library(
                    self.source, self.filename, self._include, self._defines, form, self._std, self._requests
                ),
                self.filename,
            )
        return self._libraries[form]

    def kernel(self, name: str) -> CudaKernel:
        """Return a kernel by its name, with or without its namespaces."""
        found = [k for k, known in enumerate(self.kernels) if known == name]
        found = found or [k for k, known in enumerate(self.kernels) if known.endswith(f"::{name}")]
        if len(found) != 1:
            raise unknown_name(f"kernel of {self.filename}", name, self.kernels)
        return CudaKernel(self, found[0])

    def instance(self, number: int) -> CudaKernel:
        """Return the kernel of a launch among the requests, by the number of that launch."""
        return CudaKernel(self, self.library().table.instances[number])

    def not_launched(self, launched: Collection[CudaKernel]) -> list[str]:
        """Return the kernels that the file defines and that are none of these."""
        table = self.library().table
        definitions = {kernel.definition for kernel in launched}
        return [name for k, (name, _) in enumerate(table.definitions) if k not in definitions]


class CudaKernel:
    """A kernel that can be launched.

    `signature` has a word for each parameter: 'Pf4' is a float*, 'i4' an int (P for a pointer; f, i, u, b or V for
    floating, signed, unsigned, bool, other; bytes). `read_only` tells which are pointers to const.
    """

    def __init__(self, module: CudaModule, number: int) -> None:
        row = module.library().table.kernels[number]
        self.module, self.number, self.name = module, number, row.name
        self.definition, self.plain_name, self.types = row.definition, row.plain_name, row.types
        words = module.library().signature(number)
        self.signature = [word.replace("K", "P") for word in words]
        self.read_only = [word[0] == "K" for word in words]
        self.parameters = named(row.parameters[: len(words)])
        self.max_threads = module.library().max_threads(number)
        self.cluster = module.library().cluster(number)
        self.reachable: dict[str, Array] = {}
        """More arrays that a launch may reach, through addresses that it is given; by name."""

    def launch(
        self,
        grid: Index3,
        block: Index3,
        args: Sequence[Array | np.generic | Pointer],
        shared_mem: int = 0,
        kind: int = ANY_LAUNCH,
    ) -> None:
        """Run the kernel for a whole grid, with the checks of the innermost `emulation(...)`.

        One block runs after the other; those that wait for another one are alive at once.

        Args:
            grid: Blocks along x, y and z.
            block: Threads of a block along x, y and z.
            args: C-contiguous arrays, pointers into them, and NumPy scalars of exactly the kernel's types.
            shared_mem: Bytes of dynamic shared memory.
            kind: `COOPERATIVE`, `ORDINARY`, or `ANY_LAUNCH` when nothing says which.

        Raises:
            TypeError: An argument of another type than the kernel's.
            KernelError: A launch that a GPU refuses, or a kernel that fails.
        """
        options = current_options()
        checked = options.races or options.memory_report
        hooked = COUNTED if options.roofline else CHECKED
        library = self.module.library(hooked if checked else SANITIZED if options.sanitize else OPTIMISED)
        self._check_dimensions(grid, block, shared_mem, library)
        values = self._values(args)
        pointers = (ctypes.c_void_p * max(1, len(values)))(*(ctypes.addressof(value) for value in values))
        launch = Launch()
        launch.run, launch.arguments = library.run(self.number), pointers
        launch.grid[:], launch.block[:] = grid, block
        launch.dynamic_shared, launch.order = shared_mem, _order(options.thread_order)
        launch.full_barriers = int(options.full_barriers)
        launch.kind = kind
        launch.seconds, launch.steps = options.seconds, options.steps
        failure = Failure()
        with _lock:
            launch.static_shared, launch.static_shared_size = library.static_shared(), library.layout.shared_size
            checks = Checks(self, library, args, launch, options) if checked else None
            begin_printing(options)
            runtime().tinyseg_launch(ctypes.byref(launch), ctypes.byref(failure))
            show_printed(options)
            ending = endless(self.name, failure, library, options) if failure.ending else None
            if checks is not None:
                checks.collect(failure)
        if checks is not None:
            checks.report(failure)
        if ending is not None:
            text = f"kernel {self.name!r}: {text_of_ending(ending)}"
            if failure.ending == INTERRUPTED:
                raise_interrupt(text)
            error = KernelError(self.name, text_of_ending(ending))
            error.place = next((stand.place for stand in ending.stands if stand.place), None)
            raise error
        if failure.failed:
            raise self._error(failure, library)

    def _check_dimensions(self, grid: Index3, block: Index3, shared_mem: int, library: Library) -> None:
        problem = ""
        if any(n < 1 for n in (*grid, *block)):
            problem = f"expected at least 1 block and 1 thread along each axis, got grid {grid} and block {block}"
        elif grid[0] > 2**31 - 1 or max(grid[1:]) > 65535:
            problem = f"expected a grid of at most (2147483647, 65535, 65535) blocks, got {grid}"
        elif block[0] * block[1] * block[2] > MAX_THREADS or block[2] > 64:
            problem = f"expected at most {MAX_THREADS} threads in a block, and 64 along z, got {block}"
        elif block[0] * block[1] * block[2] > self.max_threads:
            problem = f"its __launch_bounds__ promise at most {self.max_threads} threads in a block, got {block}"
        elif any(blocks % size for blocks, size in zip(grid, self.cluster, strict=True)):
            problem = (
                f"its __cluster_dims__ make clusters of {self.cluster} blocks, and the grid must be a multiple of them "
                f"along each axis, got {grid}"
            )
        else:
            static = library.static_shared_of(self.number)
            if static > MAX_STATIC_SHARED:
                problem = f"expected at most {MAX_STATIC_SHARED} bytes of static shared memory, got {static}"
            elif not 0 <= shared_mem <= MAX_SHARED - static:
                problem = (
                    f"expected 0 to {MAX_SHARED - static} bytes of dynamic shared memory beside {static} "
                    f"static ones, got {shared_mem}"
                )
        if problem:
            raise KernelError(self.name, f"invalid launch: {problem}", place=self.module.filename)

    def _values(self, args: Sequence[Any]) -> list[Any]:
        if len(args) != len(self.signature):
            raise TypeError(
                f"kernel {self.name!r}: expected {len(self.signature)} arguments ({', '.join(self.parameters)}), got "
                f"{len(args)}"
            )
        return [self._value(place, value) for place, value in enumerate(args)]

    def _value(self, place: int, value: Any) -> Any:
        """Return a C object that holds an argument: a pointer or the number itself."""
        wanted, where = self.signature[place], f"kernel {self.name!r}, argument {place + 1} ({self.parameters[place]})"
        if wanted[0] == "P":
            if isinstance(value, Pointer):
                if value.array is None:
                    return ctypes.c_void_p(0)
                self._value(place, value.array)
                return ctypes.c_void_p(value.address)
            if not isinstance(value, np.ndarray):
                raise TypeError(f"{where}: expected an array for {wanted}, got {type(value).__name__}")
            if not value.flags.c_contiguous:
                raise TypeError(f"{where}: expected a C-contiguous array, got strides {value.strides}")
            if wanted[1] != "V" and _word(value.dtype) != wanted[1:]:
                raise TypeError(f"{where}: expected an array of {wanted[1:]}, got {_word(value.dtype)} ({value.dtype})")
            return ctypes.c_void_p(value.ctypes.data)
        if not isinstance(value, np.generic) or _word(value.dtype) != wanted:
            got = _word(value.dtype) if isinstance(value, np.generic) else type(value).__name__
            raise TypeError(f"{where}: expected a NumPy scalar of {wanted}, got {got}")
        return ctypes.create_string_buffer(value.tobytes(), value.dtype.itemsize)

    def _error(self, failure: Failure, library: Library) -> KernelError:
        place = f"{failure.file.decode(errors='replace')}:{failure.line}" if failure.file else None
        return KernelError(
            self.name,
            failure.text.decode(errors="replace"),
            place=place or library.place(failure.code, after_call=bool(failure.address)),
            block=failure.block.triple(),
            thread=failure.thread.triple(),
        )


def _word(dtype: np.dtype[Any]) -> str:
    return f"{dtype.kind}{dtype.itemsize}"


def _order(text: str) -> int:
    if text in ("up", "down"):
        return int(text == "down")
    return 2 + int(text.partition(":")[2]) % 100_000
