"""What is done to results while they are still in the cache: a bias, a ReLU."""

from __future__ import annotations

import numpy as np

from ...types import FloatArray
from ..compiled import inlined
from ..vectors.vectors import load, maximum, splat, store
from .micro_kernel import LANES


@inlined
def add_bias(numbers: FloatArray, first: int, step: int, rows: int, bias: FloatArray, relu: bool) -> None:
    """Add the bias (C,) to C numbers of each row; with `relu`, what is below 0 then becomes 0, and NaN stays.

    Args:
        numbers: A flat array.
        first: Place of the first row in it.
        step: From row to row.
        rows: How many.
        bias: One number for each column.
        relu: Whether there is a ReLU.
    """
    columns = bias.size
    least = np.float32(0) if relu else np.float32(-np.inf)
    lowest, whole = splat(least), columns // LANES * LANES
    for place in range(first, first + rows * step, step):
        target = numbers.ctypes.data + place * 4
        for c in range(0, whole * 4, LANES * 4):
            store(target + c, maximum(load(target + c) + load(bias.ctypes.data + c), lowest))
        for c in range(whole, columns):
            value = numbers[place + c] + bias[c]
            numbers[place + c] = least if value < least else value
