"""What is done to results while they are still in the cache: a bias, a ReLU."""

from __future__ import annotations

from typing import Any

import numpy as np

from .compiled import inlined
from .micro_kernel import LANES
from .vectors import load, maximum, splat, store


@inlined
def add_bias(rows: Any, bias: Any, relu: bool) -> None:
    """Add the bias (C,) to rows (R, C) that may lie apart; with `relu`, numbers below 0 become 0 and NaN stays."""
    count, columns = rows.shape
    least = np.float32(0) if relu else np.float32(-np.inf)
    lowest, whole = splat(least), columns // LANES * LANES
    for r in range(count):
        target = rows.ctypes.data + r * rows.strides[0]
        for c in range(0, whole * 4, LANES * 4):
            store(target + c, maximum(load(target + c) + load(bias.ctypes.data + c), lowest))
        for c in range(whole, columns):
            value = rows[r, c] + bias[c]
            rows[r, c] = least if value < least else value
