"""The packages of ONNX, loaded when they are needed."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from tinyseg_kernels.errors import InvalidInput


def onnx_package() -> ModuleType:
    """Return the package onnx, which knows the format."""
    try:
        return import_module("onnx")
    except ImportError as error:
        raise InvalidInput(
            f"ONNX files are written and read with the package onnx, which is not installed ({error}); "
            "pip install 'tinyseg[onnx]'"
        ) from error


def runtime() -> ModuleType | None:
    """Return ONNX Runtime, or None where it is not installed."""
    return import_module("onnxruntime") if find_spec("onnxruntime") is not None else None
