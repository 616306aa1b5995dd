"""What the backward of global max pooling needs; that of the average needs x's shape alone."""

from __future__ import annotations

from typing import TypeAlias

from ..types import IntArray, Shape

MaximaCache: TypeAlias = tuple[IntArray, Shape]
"""The first pixel, counted row by row, that has the maximum (N, C), and x's shape."""
