"""What the backward of an activation needs of its forward."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from ..types import BoolArray, FloatArray

LeakyReluCache: TypeAlias = tuple[FloatArray, float]
"""x, or a y that is positive where x is, and the negative slope.

ReLU, sigmoid and tanh keep y alone: their slopes follow from it.
"""

SignCache: TypeAlias = tuple[BoolArray, float]
"""Where x is positive, and the negative slope."""


Options: TypeAlias = tuple[float, float, float]
"""Of a function of the table: its own, then zeros."""


class ElementwiseCache(NamedTuple):
    """What is kept of a function of the table."""

    kept: FloatArray
    """x or y."""
    function: str
    options: Options
