"""Whether products go to tensor cores (`precision.py` holds the choice), and what their kernels are compiled with."""

from __future__ import annotations

import numpy as np

from ..backend import current
from ..errors import InvalidInput
from ..precision import matmul_precision
from ..types import DTypeLike

_MACROS = {"tf32": 1, "float16": 2}
"""TENSOR_CORES in gpu/tensor_core_tiles.cuh."""

_STEP = 16
"""Numbers of k in a tile: a tensor core takes 16 halves at once."""

LEAST_ARCHITECTURE = {"tf32": 80, "float16": 75}
"""Compute capability, times ten, from which a GPU can do it."""


def tensor_cores(dtype: DTypeLike) -> bool:
    """Return whether products of this dtype go to tensor cores."""
    return matmul_precision() != "float32" and np.dtype(dtype) == np.float32


def tensor_core_macros(dtype: DTypeLike) -> dict[str, int]:
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
