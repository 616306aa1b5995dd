"""What dropout's backward needs to draw or to find the mask again."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from ..types import BoolArray, IntArray

DropoutCache: TypeAlias = tuple[BoolArray | IntArray, float]
"""Which numbers were kept, and the rate: an array of x's shape, or (compiled) one bit for each, eight to a byte."""


class Mask(NamedTuple):
    """What decides the mask of an array, with its shape: the whole cache of the GPU's rungs, which draw it again."""

    rate: float
    seed: int
    step: int
