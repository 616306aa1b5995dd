"""In which precision matrix products and convolutions multiply: float32 unless somebody asks for tensor cores.

Tensor cores multiply numbers of fewer digits, several times faster, and add the products up in float32:

    float32   24 bits of significance: no tensor cores; the default
    tf32      11 bits, float32's range: relative rounding error of a factor up to 2^-11 (4.9e-4); needs an Ampere GPU (sm_80) or newer
    float16   11 bits, and half's range: a factor beyond 65504 becomes infinite, one below 6.1e-5 loses digits, and one below 3.0e-8 becomes 0. Gradients of a mean over
              many pixels are often so small; nothing here scales the loss for them. Needs a Turing GPU (sm_75) or newer

Only float32 arrays on a GPU backend are concerned: float64, the backends of the CPU and all other operations stay exact. On 'numba-cuda' too the products are then made
by kernels in CUDA C++.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from ..backend import current
from ..errors import InvalidInput, unknown_name

PRECISIONS = ("float32", "tf32", "float16")

_MACROS = {"tf32": 1, "float16": 2}
"""TENSOR_CORES in gpu/tensor_core_tiles.cuh."""

_STEP = 16
"""Numbers of k in a tile: a tensor core takes 16 halves at once."""

LEAST_ARCHITECTURE = {"tf32": 80, "float16": 75}
"""Compute capability, times ten, from which a GPU can do it."""

_default = "float32"
_override: ContextVar[str | None] = ContextVar("tinyseg_matmul_precision", default=None)


def set_matmul_precision(precision: str) -> None:
    """Let matrix products and convolutions of float32 arrays on the GPU backends multiply in this precision, in all threads from now on.

    Args:
        precision: 'float32' (exact, the default), 'tf32' or 'float16' (tensor cores; what they lose is at the top of this file).

    Raises:
        InvalidInput: An unknown name. A GPU that lacks it is found when a product is computed.
    """
    global _default
    _default = _checked(precision)


def matmul_precision() -> str:
    """Return the precision in use: the innermost `with using_matmul_precision(...)`, else `set_matmul_precision`, else 'float32'."""
    return _override.get() or _default


@contextmanager
def using_matmul_precision(precision: str) -> Iterator[None]:
    """Use a precision within a `with` block, in this thread only; arguments and errors as for `set_matmul_precision`."""
    token = _override.set(_checked(precision))
    try:
        yield
    finally:
        _override.reset(token)


def tensor_cores(dtype: Any) -> bool:
    """Return whether products of this dtype go to tensor cores."""
    return matmul_precision() != "float32" and np.dtype(dtype) == np.float32


def tensor_core_macros(dtype: Any) -> dict[str, int]:
    """Return the compile-time constants for kernels made of tiles (gpu/register_tiles.cuh): none without tensor cores.

    Raises:
        InvalidInput: The GPU in use has no tensor cores for the precision that was asked for.
    """
    if not tensor_cores(dtype):
        return {}
    precision = matmul_precision()
    capability, least = _compute_capability(), LEAST_ARCHITECTURE[precision]
    if capability is not None and capability < least:
        raise InvalidInput(
            f"matmul precision {precision!r}: expected a GPU of compute capability {least / 10} or newer, got {capability / 10}; "
            "set_matmul_precision('float32') works on every GPU"
        )
    return macros_of(precision)


def _compute_capability() -> int | None:
    """Return the compute capability of the GPU in use, times ten; None for the emulator, which can do everything."""
    if current().emulate:
        return None
    import cupy

    return int(cupy.cuda.Device().compute_capability)  # '80' for 8.0


def macros_of(precision: str) -> dict[str, int]:
    """Return the compile-time constants of tensor cores, for the precision 'tf32' or 'float16'."""
    return {"TENSOR_CORES": _MACROS[precision], "BK": _STEP, "REQUIRES_SM": LEAST_ARCHITECTURE[precision]}


TENSOR_CORE_MACROS = [{**macros_of(name), "REAL_IS_FLOAT": 1} for name in LEAST_ARCHITECTURE]
"""What is compiled to see registers and spills. REQUIRES_SM says for which GPUs (gpu/resources.py)."""


def _checked(precision: str) -> str:
    if precision not in PRECISIONS:
        raise unknown_name("matmul precision", precision, PRECISIONS)
    return precision
