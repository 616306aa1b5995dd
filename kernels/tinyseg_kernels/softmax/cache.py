"""What softmax's backward needs; all rungs share it."""

from __future__ import annotations

from typing import TypeAlias

from ..types import FloatArray

SoftmaxCache: TypeAlias = tuple[FloatArray, int]
"""y, and the axis."""
