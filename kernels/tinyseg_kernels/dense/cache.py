"""What dense's backward needs of its forward; all rungs share it."""

from __future__ import annotations

from typing import NamedTuple

from ..types import FloatArray


class DenseCache(NamedTuple):
    """Inputs of the forward."""

    x: FloatArray
    """(..., D)"""
    kernel: FloatArray
    """(D, F)"""
    has_bias: bool
