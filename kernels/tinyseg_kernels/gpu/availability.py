"""Whether a GPU backend can run on this machine, and what is missing if not."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache
from importlib.util import find_spec

from ..errors import InvalidInput
from .emulation import emulator

SIMULATOR_VARIABLE = "NUMBA_ENABLE_CUDASIM"
"""Numba reads it once, when numba.cuda is first imported: a process has either the real target or the simulator."""


def require(backend: str, emulate: bool) -> None:
    """Raise `InvalidInput` with what is missing when a backend cannot run."""
    reason = why_not_emulated(backend) if emulate else why_unavailable(backend)
    if reason is not None:
        remedy = (
            "" if emulate else f"; without a GPU, its kernels run on the CPU by set_backend({backend!r}, emulate=True)"
        )
        raise InvalidInput(f"backend {backend!r}: {reason}{remedy} (tinyseg doctor tells more)")


def driver_is_installed() -> bool:
    """Return whether the library of NVIDIA's driver can be loaded.

    A quick no for machines without a GPU, which need not load CuPy to learn it.
    """
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True


@cache
def why_unavailable(backend: str) -> str | None:
    """Return why a GPU backend cannot run on this machine's GPU, or None when it can."""
    if find_spec("cupy") is None:
        return "CuPy is not installed (pip install 'tinyseg[cuda12]' or 'tinyseg[cuda13]')"
    try:
        import cupy

        count = cupy.cuda.runtime.getDeviceCount()
    except (
        Exception
    ) as error:  # CuPy raises what its loader and the driver do: ImportError, RuntimeError, CUDARuntimeError
        return f"no usable GPU: {str(error).strip() or type(error).__name__}"
    if count == 0:
        return "no GPU was found"
    if backend == "numba-cuda":
        if find_spec("numba") is None or find_spec("numba_cuda") is None:
            return "numba-cuda is not installed (pip install 'tinyseg[cuda12]' or 'tinyseg[cuda13]')"
        if os.environ.get(SIMULATOR_VARIABLE, "0") not in ("", "0"):
            return f"Numba's simulator is switched on; unset {SIMULATOR_VARIABLE}"
    return None


def why_not_emulated(backend: str) -> str | None:
    """Return why a GPU backend cannot be emulated on this machine, or None when it can."""
    return emulator().why_not(backend)
