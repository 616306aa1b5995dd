"""What dense's backward needs of its forward; all rungs share it."""

from __future__ import annotations

from typing import TypeAlias

from ..types import FloatArray

DenseCache: TypeAlias = tuple[FloatArray, FloatArray, bool]
"""x (..., D), kernel (D, F), and whether there was a bias."""
