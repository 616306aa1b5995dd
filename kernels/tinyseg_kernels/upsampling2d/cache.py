"""What upsampling2d's backward needs: no array, since it is linear."""

from __future__ import annotations

from typing import TypeAlias

from ..types import Pair, Shape

UpSamplingCache: TypeAlias = tuple[Shape, Pair, str]
"""x's shape, the factors of height and width, and the interpolation."""
