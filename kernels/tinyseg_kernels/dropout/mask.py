"""The random mask of dropout, the same for all CPU rungs."""

from __future__ import annotations

import numpy as np

from ..types import Array


def kept(shape: tuple[int, ...], rate: float, seed: int, step: int) -> Array:
    """Return a boolean array that is True where a number is kept: with probability 1 - rate each."""
    key = np.array([seed % 2**64, step % 2**64], np.uint64)
    return np.random.Generator(np.random.Philox(key=key)).random(shape, np.float32) >= np.float32(rate)
