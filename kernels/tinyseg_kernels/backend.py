"""Which rung of each operation is in use.

A backend is an order of preference over rungs: for each operation the first rung that exists is taken, so a backend
that lacks a rung uses the next one on the same kind of device. The backends of a GPU run on a machine without one when
they are asked to `emulate`: the same kernels, executed on the CPU (`tinyseg_emulator`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from types import ModuleType
from typing import NamedTuple

from .errors import InvalidInput, unknown_name
from .private_memory import addresses_left

RUNGS: dict[str, tuple[str, ...]] = {
    "naive": ("naive",),
    "numpy": ("numpy_cpu", "naive"),
    "numba": ("numba_cpu", "numpy_cpu", "naive"),
    "cupy": ("cupy_gpu",),
    "numba-cuda": ("numba_gpu", "cupy_gpu"),
}
"""Backend name -> names of the rungs it takes, best first."""

GPU_BACKENDS = ("cupy", "numba-cuda")
"""The backends whose arrays live on a GPU, or in the emulator's memory."""

AUTO = "auto"
"""The name of the fastest backend that this machine has: 'cupy' with a GPU, else 'numba', or 'numpy' where Numba is
missing."""

ENVIRONMENT_VARIABLE = "TINYSEG_BACKEND"
EMULATE_VARIABLE = "TINYSEG_EMULATE"


FOR_COMPILED = 448 << 20
"""Bytes of addresses that Numba, LLVM and the kernels of a network take when all of them are compiled anew, and some
for arrays. Half of it is for loading Numba."""

_too_little_room: list[bool] = []
"""Holds something as soon as the compiled kernels had no room."""


class Choice(NamedTuple):
    """A backend, and whether its GPU is emulated on the CPU."""

    name: str
    emulate: bool = False


_default: Choice | None = None
_override: ContextVar[Choice | None] = ContextVar("tinyseg_backend", default=None)


def resolve_backend(name: str) -> str:
    """Turn 'auto' or a backend's name into a backend's name; raises `InvalidInput` for any other name."""
    if name == AUTO:
        return _fastest()
    if name not in RUNGS:
        raise unknown_name("backend", name, [*RUNGS, AUTO])
    return name


def set_backend(name: str, *, emulate: bool = False) -> None:
    """Use this backend in all threads from now on.

    Args:
        name: 'numpy', 'numba' (compiled for the CPU), 'naive' (slow loops, for checks), 'cupy' (CUDA C++ kernels on a
            GPU), 'numba-cuda' (Numba CUDA kernels on a GPU) or 'auto'.
        emulate: Run the kernels of 'cupy' or 'numba-cuda' on the CPU, on a machine without a GPU. Slow, and it finds
            mistakes that a GPU hides.

    Raises:
        InvalidInput: An unknown name; a GPU backend on a machine that has no usable GPU; `emulate` for a backend of the
            CPU.

    Example:
        >>> import tinyseg
        >>> before = tinyseg.get_backend()
        >>> tinyseg.set_backend("naive")
        >>> tinyseg.get_backend()
        'naive'
        >>> tinyseg.set_backend(before)
    """
    global _default
    _default = _choose(name, emulate)


def get_backend() -> str:
    """Return the name of the backend in use.

    The innermost `with backend(...)`, else `set_backend`, else TINYSEG_BACKEND, else 'auto'.

    Example:
        >>> import tinyseg
        >>> with tinyseg.backend("numpy"):
        ...     print(tinyseg.get_backend())
        ...
        numpy
    """
    return current().name


def is_emulated() -> bool:
    """Return whether the backend in use emulates its GPU."""
    return current().emulate


def on_gpu() -> bool:
    """Return whether the backend in use computes on arrays of a GPU, a real or an emulated one."""
    return current().name in GPU_BACKENDS


def current() -> Choice:
    """Return the backend in use and whether it is emulated."""
    override = _override.get()
    if override is not None:
        return override
    if _default is None:
        emulate = os.environ.get(EMULATE_VARIABLE, "").lower() in ("1", "true", "yes")
        set_backend(os.environ.get(ENVIRONMENT_VARIABLE) or AUTO, emulate=emulate)
    assert _default is not None
    return _default


@contextmanager
def backend(name: str, *, emulate: bool = False) -> Iterator[None]:
    """Use a backend within a `with` block, in this thread only; arguments and errors as for `set_backend`."""
    token = _override.set(_choose(name, emulate))
    try:
        yield
    finally:
        _override.reset(token)


def rung(operation: str) -> ModuleType:
    """Return the module that computes an operation under the current backend, such as `tinyseg_kernels.conv2d.numpy_cpu`."""
    return find_rung(operation, current().name)


@cache
def find_rung(operation: str, backend_name: str) -> ModuleType:
    """Return the module that computes an operation under a backend."""
    if backend_name == "numba" and not _room_for_compiled():
        backend_name = "numpy"
    name = rung_name(operation, backend_name)
    if name is not None:
        return import_module(f"{__package__}.{operation}.{name}")
    if find_spec(f"{__package__}.{operation}") is not None:
        raise InvalidInput(
            f"{operation}: backend {backend_name!r} has no rung for it (looked for {RUNGS[backend_name]})"
        )
    raise unknown_name("operation", operation, [])


def rung_name(operation: str, backend_name: str) -> str | None:
    """Return the file name of the rung that a backend takes for an operation, such as 'numpy_cpu'.

    None when it has none.
    """
    return next((name for name in RUNGS[backend_name] if find_spec(f"{__package__}.{operation}.{name}")), None)


def operations() -> list[str]:
    """Return the names of all operations: the folders that hold a rung of some backend."""
    folders = [module.name for module in iter_modules([os.path.dirname(__file__)]) if module.ispkg]
    return sorted(name for name in folders if any(rung_name(name, backend_name) for backend_name in RUNGS))


def _choose(name: str, emulate: bool) -> Choice:
    resolved = resolve_backend(name)
    if emulate and resolved not in GPU_BACKENDS:
        raise InvalidInput(
            f"backend {name!r}: only {' and '.join(GPU_BACKENDS)} can be emulated; leave emulate=True out"
        )
    if resolved == "numba" and find_spec("numba") is None:
        raise InvalidInput(f"backend {name!r}: Numba is not installed (pip install numba)")
    if resolved in GPU_BACKENDS:
        from .gpu.availability import require

        require(resolved, emulate)
    if resolved == "numba" and not _room_for_compiled():
        resolved = "numpy"
    return Choice(resolved, emulate)


def _room_for_compiled() -> bool:
    """Return whether a limit (`ulimit -v`) leaves room for the compiled kernels.

    Where it does not, NumPy computes from then on, and a line says so once. LLVM would end the process.

    Asked when a backend is chosen and again for each operation's first use, up to that of the first compiled kernel:
    data may have been read meanwhile.
    """
    global _default
    if not _too_little_room:
        left, needed = addresses_left(), FOR_COMPILED // (2 if "numba" in sys.modules else 1)
        if left is None or left >= needed or f"{__package__}.cpu.compiled" in sys.modules:
            return True
        _too_little_room.append(True)
        print(
            f"tinyseg: NumPy computes instead of compiled kernels, more slowly: the limit of addresses of this process (ulimit -v, ulimit -d) leaves {left >> 20} MB, "
            f"and they need {needed >> 20} MB; give it more to have them",
            file=sys.stderr,
            flush=True,
        )
    if _default == Choice("numba"):
        _default = Choice("numpy")
    return False


@cache
def _fastest() -> str:
    """CuPy's kernels where they can run, else kernels compiled for the CPU, and NumPy where Numba is not installed.

    Asked once: a GPU does not come and go.

    Numba is looked for, not loaded: that takes a good part of a second, and is for the first kernel to do. So is CuPy,
    unless there is a driver of a GPU.
    """
    if find_spec("cupy") is not None:
        from .gpu.availability import driver_is_installed, why_unavailable

        if driver_is_installed() and why_unavailable("cupy") is None:
            return "cupy"
    return "numba" if find_spec("numba") is not None else "numpy"
