"""The logarithm of probabilities near 0, for Numba kernels.

As in probabilities.py, the value is clipped as Keras's, the gradient is not.
"""

from __future__ import annotations

import math

from ..probabilities import EPSILON
from ..types import Real
from .numba_cuda import device_function

LEAST, MOST = EPSILON, 1 - EPSILON
"""What kernels are given to clip to: as arguments they have the dtype of the arrays."""


@device_function
def clipped_log(p: Real, least: Real, most: Real) -> float:
    """Return log of p cut to least .. most; NaN stays NaN."""
    if p < least:
        p = least
    elif p > most:
        p = most
    return math.log(p)


@device_function
def bounded(p: Real, least: Real) -> Real:
    """Return p, but no less than `least`; NaN stays NaN."""
    return least if p < least else p
