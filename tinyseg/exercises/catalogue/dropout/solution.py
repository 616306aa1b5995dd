"""Dropout, forward and backward.

A number that is kept with probability 1 - rate and then divided by 1 - rate has the expected value (1 - rate) * x /
(1 - rate) + rate * 0 = x. Once the decisions are made, y is x times a constant (0 or 1 / (1 - rate)) number by number,
so that dx is dy times the same constants. They are the cache: neither x nor y tells them where x is 0.
"""

import numpy as np


def dropout_forward(x, *, rate, seed):
    """Draw for each number whether it is kept; keep what it is multiplied by."""
    rng = np.random.default_rng(seed)
    kept = rng.random(x.shape) >= rate
    scale = (kept / (1 - rate)).astype(x.dtype)
    return x * scale, scale


def dropout_backward(dy, scale):
    """Multiply by the same numbers."""
    return dy * scale
