"""Compiles kernels with Numba when they are first called, says so, and keeps the result for the next process.

Numba keeps compiled code as long as the file that defines the function is the same; of the functions of other files
that it calls it knows nothing. So the code is kept in a folder named after the content of all files that kernels are
made of, in the user's cache folder (TINYSEG_CACHE).
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import numba
import numpy.ma  # noqa: F401  # NumPy loads it when it is first asked for, for ever if a signal handler asks meanwhile
from numba.core import caching, config, event

from ..cache_folder import cache_folder
from ..private_memory import addresses_left
from .threading.alone import let_go, wait_for_lock
from .threading.signals import signals_later

Function = TypeVar("Function", bound=Callable[..., Any])

ROUNDING = {"contract", "reassoc", "nsz"}
"""What the compiler may do to sums: fuse a product with an addition, add in another order (vectors need that), and take
-0 for 0. It must keep NaN and infinities."""

KEPT_VERSIONS = 3
"""How many versions of the compiled kernels stay: this one, and those of other environments of the same user."""


LEAST = 48 << 20
"""Bytes of addresses that must be left under a limit (`ulimit -v`) to compile one more kernel: LLVM ends the process
when it gets none."""


def kernel(function: Function) -> Function:
    """Compile a function of arrays and numbers that runs without the interpreter's lock, and keep the result."""
    folder = _folder()
    if folder is None:
        return _compiled(function, fastmath=ROUNDING)
    compiled = _compiled(function, fastmath=ROUNDING)
    with _kept_in(folder):
        kept = _Kept(function)
    compiled._cache = kept  # type: ignore[attr-defined]  # what cache=True would do, but for the class
    compiled.compile = kept.then_let_others(compiled.compile)  # type: ignore[attr-defined]
    return compiled


class _Kept(caching.FunctionCache):  # type: ignore[misc]
    """Numba's files of a kernel.

    They save time and are no more than that: a full disk or a damaged file costs a compilation, never a training.
    """

    _lock: int | None = None

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return what was compiled for these types, by this process or another one that is about to.

        None: compile it, others wait meanwhile.
        """
        found = self._load(sig, target_context)
        if found is None and self._lock is None:
            self._lock = wait_for_lock(self._cache_file._index_path + ".lock")
            found = self._load(sig, target_context)
        return found

    def then_let_others(self, compile: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Return a function that compiles and then, whether it could or not, lets other processes read the result."""

        def compile_and_let_others(sig: Any) -> Any:
            with signals_later():
                try:
                    left = addresses_left()
                    if left is not None and left < LEAST:
                        raise MemoryError(
                            f"expected {LEAST:,} bytes to compile a kernel in; the limit of addresses of this process (ulimit -v, ulimit -d) leaves "
                            f"{left:,}. Give it more, train with smaller batches, or use the backend 'numpy'"
                        )
                    return compile(sig)
                finally:
                    lock, self._lock = self._lock, None
                    if lock is not None:
                        let_go(lock)

        return compile_and_let_others

    def _load(self, sig: Any, target_context: Any) -> Any:
        """Return what was compiled for these types; None, and forget the kernel's files, when they cannot be read."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # whatever unpickling raises
            with suppress(OSError):
                self.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled, if there is room."""
        with suppress(OSError):
            super().save_overload(sig, data)


def inlined(function: Function) -> Function:
    """Compile a function that only kernels call; it becomes a part of them."""
    return _compiled(function, fastmath=ROUNDING, no_cpython_wrapper=True)


def shared(function: Function) -> Function:
    """Compile a loop that several kernels have in common, and to which they pass functions.

    It is copied into each of them, so that the compiler sees the functions and constants that this one passes. Left on
    its own it would take the functions as values, and Numba keeps no code with those for the next process.
    """
    return _compiled(function, fastmath=ROUNDING, no_cpython_wrapper=True, forceinline=True)


def as_written(function: Function) -> Function:
    """Compile a function that only kernels call and whose sums must stay in their order: it is exact only so."""
    return _compiled(function, fastmath={"contract"}, no_cpython_wrapper=True)


def _compiled(function: Function, forceinline: bool = False, **options: Any) -> Function:
    # `forceinline` is said for each: Numba lets a function take over what it does not say from the first one that calls
    # it, and the micro-kernel's loops in one piece with a whole convolution were 2 % slower.
    # Code for callers that there are not, from C, is not made: a tenth of the time.
    compiled: Function = numba.njit(
        nogil=True, error_model="numpy", boundscheck=False, no_cfunc_wrapper=True, forceinline=forceinline, **options
    )(function)
    return compiled


@contextmanager
def _kept_in(folder: Path) -> Iterator[None]:
    """Let Numba keep what is decorated within the block in this folder.

    Other users of Numba keep theirs where they did.
    """
    before, config.CACHE_DIR = config.CACHE_DIR, str(folder)
    try:
        yield
    finally:
        config.CACHE_DIR = before


def source_files() -> list[Path]:
    """Return the files that machine code may come from: the package's own, each `*_cpu.py`, every room called cpu."""
    package = Path(__file__).parents[1]
    patterns = ("*.py", "*/*_cpu.py", "cpu/**/*.py", "*/cpu/**/*.py")
    return sorted({path for pattern in patterns for path in package.glob(pattern)})


@cache
def _folder() -> Path | None:
    """Return the folder for this version of the kernels, and remove the oldest of other versions.

    None where nothing can be written: each process then compiles anew.

    Numba itself would go on beside the source files, where kernels would outlive a change of the functions that they
    call.
    """
    content = hashlib.sha256(numba.__version__.encode())
    for path in source_files():
        content.update(path.read_bytes())
    try:
        parent = cache_folder("cpu-kernels")
        folder = parent / content.hexdigest()[:16]
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass
        versions = sorted(parent.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in versions[KEPT_VERSIONS:]:
            for file in [*old.rglob("*.nb?"), *old.rglob("*.lock")]:
                file.unlink(missing_ok=True)
    except (OSError, RuntimeError):  # RuntimeError: the user has no home folder
        return None
    return folder


class _Announcer(event.Listener):  # type: ignore[misc]
    """Prints one line when a process starts to compile."""

    def __init__(self) -> None:
        self.untold = [
            True
        ]  # taken out by one operation: threads may compile at once, and a signal handler within this function

    def on_start(self, event: Any) -> None:
        if "tinyseg_kernels" not in str(event.data["dispatcher"].py_func.__module__):
            return
        try:
            self.untold.pop()
        except IndexError:
            return
        print("tinyseg: compiling kernels for this processor, once after installation ...", file=sys.stderr, flush=True)

    def on_end(self, event: Any) -> None:
        """Nothing to say."""


event.register("numba:compile", _Announcer())


def _without_scipy() -> None:
    """Under a limit of addresses let Numba load without SciPy's BLAS, a tenth of a gigabyte that no kernel here uses.

    A function that does use it loads it when it is compiled.
    """
    with suppress(ImportError, AttributeError):  # other versions of Numba
        from numba.np import linalg

        real = linalg.ensure_blas
        linalg.ensure_blas = lambda: None
        try:
            from numba.np import arraymath

            arraymath.ensure_blas = real
        finally:
            linalg.ensure_blas = real


if addresses_left() is not None and find_spec("scipy") is not None:
    _without_scipy()
