"""What dice's backward needs of its forward."""

from __future__ import annotations

from typing import TypeAlias

from ..types import FloatArray, Shape
from .regions import Regions

DiceCache: TypeAlias = tuple[FloatArray, FloatArray, FloatArray]
"""target, and offset and slope of each region, of target's number of axes with length 1 in those summed over."""

LoopCache: TypeAlias = tuple[FloatArray, tuple[int, ...], FloatArray, FloatArray]
"""target, the axes that are not summed over, and offset and slope of each region."""

RegionsCache: TypeAlias = tuple[FloatArray, FloatArray, FloatArray, Regions, Shape]
"""target by regions, offset and slope of each region, how the regions lie, and target's shape."""
