"""Which layers compute which operation of ONNX: a table, filled by one file for each family."""

from __future__ import annotations

from . import constants, convolutions, elementwise, pooling, products, resizing, shaping, slicing
from .table import OPERATIONS, Operation

__all__ = [
    "OPERATIONS",
    "Operation",
    "constants",
    "convolutions",
    "elementwise",
    "pooling",
    "products",
    "resizing",
    "shaping",
    "slicing",
]
