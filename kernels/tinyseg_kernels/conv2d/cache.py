"""What conv2d's backward needs to know of its forward; all CPU rungs share it."""

from __future__ import annotations

from typing import NamedTuple

from ..types import FloatArray, Pair


class Conv2DCache(NamedTuple):
    """Inputs of the forward, with padding resolved to pairs.

    The input is kept unpadded: padding again is cheaper than the memory.
    """

    x: FloatArray
    kernel: FloatArray
    has_bias: bool
    strides: Pair
    padding: tuple[Pair, Pair]
    dilation_rate: Pair
