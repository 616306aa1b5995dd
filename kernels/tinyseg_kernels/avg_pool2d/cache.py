"""What avg_pool2d's backward needs to know: only where the windows lay."""

from __future__ import annotations

from typing import NamedTuple

from ..types import Pair, Shape


class AvgPool2DCache(NamedTuple):
    """Geometry of the forward."""

    shape: Shape
    pool_size: Pair
    strides: Pair
    padding: tuple[Pair, Pair]
