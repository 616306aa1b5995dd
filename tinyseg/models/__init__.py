"""Models: networks of layers that train, predict, and go to files.

`graph.py` finds the layers, `network.py` runs them forward and backward, `training.py` trains, `saving.py` writes and
reads.
"""

from __future__ import annotations

from tinyseg.utils.absent import teller

from .architecture import model_from_json
from .cloning import clone_model
from .convolutionalize import convolutionalize
from .heads import replace_head
from .model import Model
from .onnx.reading import from_onnx
from .preprocessing import Preprocessing
from .saving import load_model, load_weights, save_model, save_weights
from .sequential import Sequential
from .transfer import freeze, unfreeze

__all__ = [
    "Model",
    "Preprocessing",
    "Sequential",
    "clone_model",
    "convolutionalize",
    "freeze",
    "from_onnx",
    "load_model",
    "load_weights",
    "model_from_json",
    "replace_head",
    "save_model",
    "save_weights",
    "unfreeze",
]

__getattr__ = teller("models", __all__)
