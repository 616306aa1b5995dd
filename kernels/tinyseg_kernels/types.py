"""Types shared by all operations."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
"""An array of any dtype; shapes are given in the docstrings."""

Pair: TypeAlias = tuple[int, int]
"""(height, width)"""

Padding: TypeAlias = str | tuple[Pair, Pair]
"""'valid', 'same', or explicit ((top, bottom), (left, right))."""

Cache: TypeAlias = Any
"""What a forward keeps for its backward; opaque to everybody else."""

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
