"""The random mask of dropout.

Here by NumPy for the CPU rungs, and the same bits by the kernels of the GPU rungs (dropout.cu says how).
"""

from __future__ import annotations

import math

import numpy as np

from ..types import BoolArray


def kept(shape: tuple[int, ...], rate: float, seed: int, step: int) -> BoolArray:
    """Return a boolean array that is True where a number is kept: with probability 1 - rate each."""
    key = np.array([seed % 2**64, step % 2**64], np.uint64)
    return np.random.Generator(np.random.Philox(key=key)).random(shape, np.float32) >= np.float32(rate)


RESOLUTION = 2**24
"""NumPy draws float32 numbers as whole multiples of 1 / RESOLUTION."""


def threshold(rate: float) -> int:
    """Return the least whole number n for which n / RESOLUTION >= float32(rate).

    Rungs that draw integers compare with it.
    """
    return math.ceil(float(np.float32(rate)) * RESOLUTION)
