"""What weighted_sum's backward needs: the weights, not the losses."""

from __future__ import annotations

from typing import TypeAlias

from ..types import FloatArray, FloatDType, Shape

WeightedSumCache: TypeAlias = tuple[Shape, FloatArray | None, float, FloatDType]
"""The losses' shape, the weights if there are any, the divisor, and the dtype of the gradient."""

LoopCache: TypeAlias = tuple[FloatArray, float, FloatDType]
"""The weights, broadcast to the losses' shape, the divisor, and the dtype of the gradient."""
