"""What batch_norm's backward needs to know; the layer reads mean and variance for its moving averages."""

from __future__ import annotations

from typing import NamedTuple

from ..types import Array


class BatchNormCache(NamedTuple):
    """Input and statistics of the forward. z is not kept: computing it again is cheaper than its memory."""

    x: Array
    gamma: Array | None
    mean: Array
    variance: Array
    inverse_deviation: Array
    """1 / sqrt(variance + epsilon)"""
    beta: Array | None = None
    relu: bool = False
    """Whether a ReLU was computed with y; its mask follows from x and beta."""
