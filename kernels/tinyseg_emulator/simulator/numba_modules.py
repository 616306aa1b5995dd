"""Lets a file that says `from numba import cuda` find the simulator's functions there.

Where Numba is installed, its own module `numba.cuda` stays what it is, with its types, its `random`, its compiler; what
needs a GPU is replaced in it for a while. Where it is not, small modules of the same names are put in its place.
"""

from __future__ import annotations

import importlib
import sys
import unittest
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from .host_cuda import HostCuda
from .host_random import random_module
from .host_runtime import COMPUTE_CAPABILITY
from .typed import front_end

REPLACED = (
    "jit", "declare_device", "reduce", "Reduce", "vectorize", "guvectorize", "to_device", "device_array",
    "device_array_like", "pinned_array", "mapped_array", "managed_array", "mapped_array_like", "pinned_array_like",
    "pinned", "mapped", "defer_cleanup", "as_cuda_array", "is_cuda_array", "synchronize", "is_available", "cuda_error",
    "is_supported_version", "detect", "get_current_device", "select_device", "list_devices", "current_context", "close",
    "default_stream", "legacy_default_stream", "per_thread_default_stream", "external_stream", "profile_start",
    "profile_stop", "profiling", "is_float16_supported", "is_bfloat16_supported", "In", "Out", "InOut", "event",
    "stream",     "event_elapsed_time", "gpus",
)  # fmt: skip
"""Names of `numba.cuda` that need a GPU."""

_MISSING: Any = object()


@contextmanager
def numba_of(cuda: HostCuda) -> Iterator[None]:
    """Let `numba.cuda` mean the simulator's within the block; afterwards everything is as it was."""
    names: dict[str, Any] = {"numba.cuda.testing": _testing()}
    attributes: list[tuple[Any, str, Any]] = []
    if front_end.available():
        real = importlib.import_module("numba.cuda")
        numba: Any = importlib.import_module("numba")
        attributes += [(real, name, getattr(cuda, name)) for name in REPLACED]
        attributes += [(real, "testing", names["numba.cuda.testing"]), (numba, "cuda", real)]
        names |= {"numba": numba, "numba.cuda": real}
    else:
        names |= _small_modules(cuda)
        numba = names["numba"]
        attributes.append((numba, "cuda", names["numba.cuda"]))
    for name in ("vectorize", "guvectorize"):
        attributes.append((numba, name, _for_target(getattr(cuda, name), getattr(numba, name, None))))
    before = {name: sys.modules.get(name, _MISSING) for name in names}
    were = [(owner, name, vars(owner).get(name, _MISSING)) for owner, name, _ in attributes]
    sys.modules.update(names)
    for owner, name, value in attributes:
        setattr(owner, name, value)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is _MISSING:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module
        for owner, name, value in were:
            if value is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, value)


def _for_target(ours: Callable[..., Any], real: Callable[..., Any] | None) -> Callable[..., Any]:
    """Return a decorator that takes `target='cuda'` to the simulator and all else to Numba."""

    def decorator(*args: Any, **options: Any) -> Any:
        if options.get("target") == "cuda":
            return ours(*args, **options)
        if real is None:
            raise NotImplementedError("only target='cuda' is here: Numba is not installed")
        return real(*args, **options)

    return decorator


def _small_modules(cuda: HostCuda) -> dict[str, ModuleType]:
    """Return modules for where Numba's compiler is not to be had."""
    try:
        numba: Any = importlib.import_module("numba")
    except ImportError:
        numba = ModuleType("numba")
        for name in dir(cuda.types):
            if not name.startswith("_"):
                setattr(numba, name, getattr(cuda.types, name))
        numba.jit = numba.njit = lambda function=None, *args, **options: function if callable(function) else lambda f: f
        numba.prange = range
    module: Any = _Module("numba.cuda", cuda)
    types: Any = ModuleType("numba.cuda.types")
    vars(types).update(vars(cuda.types))
    random = random_module(cuda)
    module.types, module.random, module.__path__ = types, random, []
    return {"numba": numba, "numba.cuda": module, "numba.cuda.types": types, "numba.cuda.random": random}


class _Module(ModuleType):
    """A module `numba.cuda` whose names are the simulator's."""

    stands_for = "numba.cuda"

    def __init__(self, name: str, cuda: HostCuda) -> None:
        super().__init__(name)
        self._cuda = cuda

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._cuda, name)


def _testing() -> ModuleType:
    """Return a module `numba.cuda.testing`, in which nothing is skipped but what asks for Numba's own simulator."""
    module: Any = ModuleType("numba.cuda.testing")

    try:
        base: Any = importlib.import_module("numba.cuda.tests.support").TestCase if front_end.available() else None
    except ImportError:
        base = None

    class CUDATestCase(base or unittest.TestCase):  # type: ignore[misc]
        """A test of kernels."""

    def keep(*args: Any, **options: Any) -> Any:
        return args[0] if len(args) == 1 and not isinstance(args[0], str) and callable(args[0]) else lambda test: test

    module.CUDATestCase = module.ContextResettingTestCase = module.NumbaCUDATestCase = CUDATestCase
    module.unittest = unittest
    module.__getattr__ = lambda name: _skips(name, keep)
    return module


def _skips(name: str, keep: Callable[..., Any]) -> Any:
    if name == "skip_unless_cudasim":
        return lambda reason: unittest.skip(reason)
    if name == "cc_X_or_above":
        return lambda major, minor: (major, minor) <= COMPUTE_CAPABILITY
    if name.startswith("skip_"):
        return keep
    raise AttributeError(f"the stand-in for numba.cuda.testing has no {name}")
