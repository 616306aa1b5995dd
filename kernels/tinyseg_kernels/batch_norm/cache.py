"""What batch_norm's backward needs to know; the layer reads mean and variance for its moving averages."""

from __future__ import annotations

from typing import NamedTuple

from ..types import FloatArray


class BatchNormCache(NamedTuple):
    """Input and statistics of the forward. z is not kept: computing it again is cheaper than its memory."""

    x: FloatArray
    gamma: FloatArray | None
    mean: FloatArray
    variance: FloatArray
    inverse_deviation: FloatArray
    """1 / sqrt(variance + epsilon)"""


class BatchNormReluCache(NamedTuple):
    """The same and what a ReLU that was computed with y needs; its mask follows from x."""

    x: FloatArray
    gamma: FloatArray | None
    mean: FloatArray
    variance: FloatArray
    inverse_deviation: FloatArray
    beta: FloatArray | None
    relu: bool
