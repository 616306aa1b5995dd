"""Weights of other programs: `read` the tensors of a file, `load` them into a model, `save` them for others.

`read` opens safetensors, PyTorch's .pth and .pt, Keras's .h5 and .keras, ONNX and NumPy's .npz, and executes nothing
that stands in them. `load` finds the layer that each tensor belongs to, brings it into the layout here, and reports
what it did.
"""

from __future__ import annotations

from tinyseg.utils.absent import teller

from .loading import load
from .reading import read
from .report import Report
from .saving import save
from .tensors import Tensors

__all__ = ["Report", "Tensors", "load", "read", "save"]

__getattr__ = teller("weights", __all__)
