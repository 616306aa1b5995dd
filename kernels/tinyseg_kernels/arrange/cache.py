"""What the backwards of these operations need: numbers alone, no array."""

from __future__ import annotations

from typing import TypeAlias

ConcatenateCache: TypeAlias = tuple[list[int], int]
"""The length of each input along the axis, and the axis."""
