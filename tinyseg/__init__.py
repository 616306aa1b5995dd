"""tinyseg: convolutional networks for image segmentation, written from scratch.

Keras's names over hand-written arithmetic: `tinyseg.layers`, `tinyseg.models`, `tinyseg.losses`, ... A Keras program
runs with `tensorflow.keras` replaced by `tinyseg` in its import lines. The arithmetic, forward and backward, is in the
package `tinyseg_kernels`.

`import tinyseg` loads NumPy and no other library. Numba, SciPy, Pillow, Matplotlib, CuPy and so on are loaded by what
needs them first, and so are the rungs of `tinyseg_kernels` and the parts of this package in `_LAZY`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

from tinyseg_kernels.backend import backend, get_backend, set_backend
from tinyseg_kernels.cpu.threading.threads import get_num_threads, set_num_threads
from tinyseg_kernels.errors import InvalidInput
from tinyseg_kernels.precision import matmul_precision, set_matmul_precision, using_matmul_precision

from . import activations, callbacks, initializers, layers, losses, metrics, models, optimizers, utils
from .layers import Input
from .models import Model, Sequential
from .utils.absent import refusal

__version__ = "0.2.0"

import_module("tinyseg.backend")  # Keras's module of this name; it can be called as the function that it hides

_LAZY = (
    "applications",
    "check",
    "datasets",
    "diagnosis",
    "doctor",
    "regularizers",
    "runs",
    "segmentation",
    "visualization",
    "weights",
)

__all__ = [
    "Input",
    "InvalidInput",
    "Model",
    "Sequential",
    "__version__",
    "activations",
    "applications",
    "backend",
    "callbacks",
    "check",
    "datasets",
    "diagnosis",
    "doctor",
    "get_backend",
    "get_num_threads",
    "initializers",
    "layers",
    "losses",
    "matmul_precision",
    "metrics",
    "models",
    "optimizers",
    "runs",
    "segmentation",
    "set_backend",
    "set_matmul_precision",
    "set_num_threads",
    "using_matmul_precision",
    "utils",
    "visualization",
    "weights",
]


def __dir__() -> list[str]:
    """Show the public names alone."""
    return sorted(__all__)


def __getattr__(name: str) -> ModuleType:
    """Load a part when it is first used: `import tinyseg` stays fast."""
    if name in _LAZY:
        return import_module(f"{__name__}.{name}")
    raise refusal("", name, __all__, sys._getframe(1))
