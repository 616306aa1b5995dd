"""Models: networks of layers that train, predict, and go to files.

`graph.py` finds the layers, `network.py` runs them forward and backward, `training.py` trains, `saving.py` writes and
reads.
"""

from __future__ import annotations

from tinyseg.utils.absent import teller

from .architecture import model_from_json
from .cloning import clone_model
from .model import Model
from .onnx.reading import from_onnx
from .saving import load_model, load_weights, save_model, save_weights
from .sequential import Sequential

__all__ = [
    "Model",
    "Sequential",
    "clone_model",
    "from_onnx",
    "load_model",
    "load_weights",
    "model_from_json",
    "save_model",
    "save_weights",
]

__getattr__ = teller("models", __all__)
