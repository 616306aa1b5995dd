"""Which rung of each operation is in use.

A backend is an order of preference over rungs: for each operation the first rung that exists is taken, so a backend that lacks a rung uses
the next one on the same kind of device.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from .errors import unknown_name

RUNGS: dict[str, tuple[str, ...]] = {
    "naive": ("naive",),
    "numpy": ("numpy_cpu", "naive"),
}
"""Backend name -> names of the rungs it takes, best first."""

ALIASES = {"auto": "numpy"}
"""'auto' is the fastest backend that this machine has."""

ENVIRONMENT_VARIABLE = "TINYSEG_BACKEND"

_default: str | None = None
_override: ContextVar[str | None] = ContextVar("tinyseg_backend", default=None)


def resolve_backend(name: str) -> str:
    """Turn 'auto' or a backend's name into a backend's name; raises `InvalidInput` for any other name."""
    resolved = ALIASES.get(name, name)
    if resolved not in RUNGS:
        raise unknown_name("backend", name, [*RUNGS, *ALIASES])
    return resolved


def set_backend(name: str) -> None:
    """Use this backend in all threads from now on: 'numpy', 'naive' (slow loops, for checks) or 'auto'."""
    global _default
    _default = resolve_backend(name)


def get_backend() -> str:
    """Return the name of the backend in use: the innermost `with backend(...)`, else `set_backend`, else TINYSEG_BACKEND, else 'auto'."""
    override = _override.get()
    if override is not None:
        return override
    if _default is None:
        set_backend(os.environ.get(ENVIRONMENT_VARIABLE) or "auto")
    assert _default is not None
    return _default


@contextmanager
def backend(name: str) -> Iterator[None]:
    """Use a backend within a `with` block, in this thread only."""
    token = _override.set(resolve_backend(name))
    try:
        yield
    finally:
        _override.reset(token)


def rung(operation: str) -> ModuleType:
    """Return the module that computes an operation under the current backend, such as `tinyseg_kernels.conv2d.numpy_cpu`."""
    return _find_rung(operation, get_backend())


@cache
def _find_rung(operation: str, backend_name: str) -> ModuleType:
    for name in RUNGS[backend_name]:
        path = f"{__package__}.{operation}.{name}"
        if find_spec(path) is not None:
            return import_module(path)
    raise unknown_name("operation", operation, [])
