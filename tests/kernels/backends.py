"""The backends that the tests of the arithmetic run on.

Those of the CPU, and those of a GPU, which are emulated where there is none.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib.util import find_spec

from tinyseg_kernels.backend import GPU_BACKENDS, backend
from tinyseg_kernels.gpu.availability import why_not_emulated, why_unavailable

EMULATED = why_unavailable("cupy") is not None
"""Whether the GPU backends are emulated, for want of a GPU."""

MISSING = {name: why for name in GPU_BACKENDS if (why := (why_not_emulated if EMULATED else why_unavailable)(name))}
"""GPU backends that cannot run here at all, and why; the summary of a test run says so."""

COMPILED = ("numba",) if find_spec("numba") is not None else ()
"""Numba is not in a browser tab."""

BACKENDS = ("naive", "numpy", *COMPILED, *(name for name in GPU_BACKENDS if name not in MISSING))
"""A new backend joins all tests here."""


def choose(name: str) -> AbstractContextManager[None]:
    """Use a backend within a `with` block, emulated if it needs a GPU and there is none."""
    return backend(name, emulate=EMULATED and name in GPU_BACKENDS)


def slow(name: str) -> bool:
    """Return whether a backend takes too long for large arrays: loops, and emulated GPUs."""
    return name == "naive" or (EMULATED and name in GPU_BACKENDS)
