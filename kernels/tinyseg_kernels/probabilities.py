r"""The logarithm of probabilities, and its gradient, where probabilities come close to 0.

The value follows Keras: probabilities are divided by their sum and clipped to 1e-7 .. 1 - 1e-7, so a loss is at most
about 16.

The gradient does not. Clipping has the slope 0, so a network that is confidently wrong would learn nothing from just
those pixels. Instead it is that of -log p itself, with p bounded below only to keep 1 / p finite. Behind a softmax or
sigmoid this gives exactly p - t, what the fused loss gives: softmax's backward multiplies by p, and p * (1 / p) = 1
however small p is.
"""

from __future__ import annotations

import numpy as np

from .types import Array, DTypeLike

EPSILON = 1e-7


def smallest(dtype: DTypeLike) -> float:
    """Return a probability so small that its reciprocal, times any sensible weight, is still finite."""
    return 1e-30 if dtype == np.float32 else 1e-200


def clipped_log(p: Array) -> Array:
    """Return log of p clipped to EPSILON .. 1 - EPSILON, in p's dtype."""
    clipped = np.clip(p, p.dtype.type(EPSILON), p.dtype.type(1 - EPSILON))
    return np.log(clipped, out=clipped)


def bounded(p: Array) -> Array:
    """Return p, but at least `smallest`."""
    return np.maximum(p, p.dtype.type(smallest(p.dtype)))
