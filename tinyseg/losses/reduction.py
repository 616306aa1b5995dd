"""What the sum of the positions' losses is divided by."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from tinyseg_kernels.types import Array

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight")
"""Keras's; 'mean' is 'sum_over_batch_size' by a shorter name."""


def divisor_of(reduction: str, positions: int, weight: Array | None, shape: Sequence[int]) -> float:
    """Return D for so many valid positions and weights that broadcast over losses of a shape.

    Where D would be 0, so is the sum, and D is 1.
    """
    if reduction == "sum":
        return 1.0
    if reduction == "mean_with_sample_weight" and weight is not None:
        total = float(weight.sum(dtype=np.float64)) * (prod(shape) / max(weight.size, 1))
        return total if total > 0 else 1.0
    return float(max(positions, 1))
