"""What max_pool2d's backward needs: which number of each window was the largest."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from ..types import IntArray, Pair, Shape

PlacesCache: TypeAlias = tuple[IntArray, Shape]
"""Row and column in x of the number that won each window (N, OH, OW, C, 2), and x's shape."""


class MaxPool2DCache(NamedTuple):
    """Which tap won each window, in one byte where the window has at most 256 taps, and where the windows lay."""

    winner: IntArray
    """(N, OH, OW, C): i * KW + j for tap (i, j)."""
    shape: Shape
    """Of x."""
    pool_size: Pair
    strides: Pair
    padding: tuple[Pair, Pair]
