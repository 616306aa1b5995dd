"""Which nodes of ONNX compute which layer: a table, filled by one file for each family of layers.

A function of the table takes the drawing, the layer and its input (a list for layers with several), adds nodes, and
returns the result. `tests/models/onnx` fails when a layer of the library is not in it.
"""

from __future__ import annotations

from . import activations, convolutions, dense, merging, normalization, pooling, resizing, shaping
from .table import NODES, LayerNodes, nodes_for

__all__ = [
    "NODES",
    "LayerNodes",
    "activations",
    "convolutions",
    "dense",
    "merging",
    "nodes_for",
    "normalization",
    "pooling",
    "resizing",
    "shaping",
]
