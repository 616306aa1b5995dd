"""What softmax_cross_entropy's backward needs of its forward."""

from __future__ import annotations

from typing import TypeAlias

from ..types import Array, FloatArray

SoftmaxCrossEntropyCache: TypeAlias = tuple[FloatArray, Array]
"""Probabilities (..., K) on a CPU, logits on a GPU, which computes them again; and the target, as it was given."""
