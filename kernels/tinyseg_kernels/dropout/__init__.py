r"""Dropout: a random part of the numbers becomes 0, the others are divided by 1 - rate, which keeps their expectation.

    y = x * mask / (1 - rate)            dx = dy * mask / (1 - rate)

The mask comes from a counter-based generator (Philox; Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC
2011) with the key (seed, step): a pure function of the two and of an element's position, without hidden state. All
rungs draw the same mask, bit for bit; those of a GPU draw it again in backward instead of keeping it.

Example:
    >>> import numpy as np
    >>> from tinyseg_kernels.dropout import dropout_backward, dropout_forward
    >>> y, cache = dropout_forward(np.ones(1000), rate=0.5, seed=7)
    >>> sorted(set(y.tolist())), bool((dropout_backward(np.ones(1000), cache) == y).all())
    ([0.0, 2.0], True)
"""

from __future__ import annotations

from ..backend import rung
from ..caches import Kept, given_back, keep
from ..checks import as_count, as_number, check_float
from ..errors import InvalidInput
from ..types import FloatArray

RATE = "a number from 0 up to but not 1"


def dropout_forward(x: FloatArray, *, rate: float, seed: int, step: int = 0) -> tuple[FloatArray, Kept]:
    """Drop and scale.

    Args:
        x: Any shape, float32 or float64.
        rate: Share of the numbers to drop, from 0 up to but not 1.
        seed: First part of the key.
        step: Second part of the key; count it up for a new mask.

    Raises:
        InvalidInput: A rate out of its range, or a wrong dtype.
    """
    check_float("dropout", x=x)
    share = as_number("dropout: rate", rate, RATE, 0.0)
    if share >= 1.0:
        raise InvalidInput(f"dropout: rate: expected {RATE}, got {rate!r}")
    key = {"seed": as_count("dropout: seed", seed, -(2**127)), "step": as_count("dropout: step", step, -(2**127))}
    return keep("dropout", *rung("dropout").dropout_forward(x, rate=share, **key))


def dropout_backward(dy: FloatArray, cache: Kept) -> FloatArray:
    """Return dy * mask / (1 - rate)."""
    return rung("dropout").dropout_backward(*given_back("dropout", dy, cache))
