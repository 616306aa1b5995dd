"""From a file of ONNX to a model of layers: `files.py` reads, `translation.py` finds the layers, `building.py` draws.

A file is read for inputs of one size, so that all arithmetic with shapes is arithmetic with numbers. Where the size is
free, it is read for several: layers that are the same for all of them do not depend on it.
"""

from __future__ import annotations

from .loading import from_onnx

__all__ = ["from_onnx"]
