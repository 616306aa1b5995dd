"""What the sum of the positions' losses is divided by."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from tinyseg_kernels.types import Array

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight")
"""Keras's; 'mean' is 'sum_over_batch_size' by a shorter name."""


def divisor_of(reduction: str, positions: int, weight: Array | None, shape: Sequence[int]) -> float:
    """Return D for so many valid positions and weights that broadcast over losses of a shape."""
    if reduction == "mean_with_sample_weight" and weight is not None:
        return sum_of_weights(weight, shape)
    return 1.0 if reduction == "sum" else float(max(positions, 1))


def sum_of_weights(weight: Array, shape: Sequence[int]) -> float:
    """Return the sum of weights that broadcast over losses of a shape.

    Where it is 0, so is the sum of the losses, and 1 is returned.
    """
    total = float(weight.sum(dtype=np.float64)) * (prod(shape) / max(weight.size, 1))
    return total if total > 0 else 1.0
