"""What cross_entropy's backward needs of its forward: for class ids less than for distributions."""

from __future__ import annotations

from typing import TypeAlias

from ..types import Array, FloatArray, IntArray, Shape

InputsCache: TypeAlias = tuple[FloatArray, Array]
"""p (..., K) and target."""

DistributionsCache: TypeAlias = tuple[FloatArray, FloatArray, FloatArray]
"""target (..., K), p (..., K), and the sum of each row of p."""

IdsCache: TypeAlias = tuple[IntArray, FloatArray, FloatArray, Shape]
"""The class ids, p at each of them, the sum of each row of p, and p's shape."""

DeviceCache: TypeAlias = tuple[Array, FloatArray | None, FloatArray, FloatArray, Shape]
"""target, p (None for class ids), the sum of each row of p, p at the ids or the sum of each target, and p's shape."""
