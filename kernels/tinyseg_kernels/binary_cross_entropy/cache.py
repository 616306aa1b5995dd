"""What binary_cross_entropy's backward needs: its inputs."""

from __future__ import annotations

from typing import TypeAlias

from ..types import FloatArray, Shape

BinaryCrossEntropyCache: TypeAlias = tuple[FloatArray, FloatArray, bool]
"""target, p (both of the same shape), and whether p are logits."""

RowsCache: TypeAlias = tuple[FloatArray, FloatArray, bool, Shape]
"""The same as rows (P, C), and the shape that they had."""
