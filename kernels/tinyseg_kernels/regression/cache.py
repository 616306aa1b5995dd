"""What the backwards need: the inputs, or their difference where a rung has computed it."""

from __future__ import annotations

from typing import TypeAlias

from ..types import FloatArray, Shape

DifferenceCache: TypeAlias = FloatArray
"""p - target, of their shape."""

InputsCache: TypeAlias = tuple[FloatArray, FloatArray]
"""p and target."""

RowsCache: TypeAlias = tuple[FloatArray, FloatArray, Shape]
"""p and target as rows (P, C), and the shape that they had."""
