"""The dtype of new networks: float32, unless one asks for float64."""

from __future__ import annotations

import numpy as np
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.types import DTypeLike

_floatx = "float32"


def as_float_dtype(dtype: DTypeLike) -> str:
    """Return 'float32' or 'float64' for any spelling of the two."""
    try:
        name = np.dtype(dtype).name
    except TypeError:
        name = str(dtype)
    if name not in ("float32", "float64"):
        raise InvalidInput(f"dtype: expected 'float32' or 'float64', got {dtype!r}")
    return name


def floatx() -> str:
    """Return the dtype that a new `Input` gets: 'float32' unless `set_floatx` said otherwise.

    Example:
        >>> from tinyseg.utils import floatx
        >>> floatx()
        'float32'
    """
    return _floatx


def set_floatx(dtype: str) -> None:
    """Choose the dtype of new networks: 'float32' (fast) or 'float64' (for checks of gradients).

    Example:
        >>> from tinyseg.layers import Input
        >>> from tinyseg.utils import set_floatx
        >>> set_floatx("float64")
        >>> Input((2,)).dtype
        'float64'
        >>> set_floatx("float32")
    """
    global _floatx
    _floatx = as_float_dtype(dtype)
