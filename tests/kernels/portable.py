"""Every operation, callable with NumPy arrays whatever the backend.

For tests that say something about numbers, not about devices.

`from tests.kernels.portable import conv2d_forward` gives `tinyseg_kernels.conv2d.conv2d_forward`, which under a GPU
backend is handed copies on the device and whose result is fetched; a forward's cache stays on the device.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any

import numpy as np
import tinyseg_kernels
from tinyseg_kernels.backend import on_gpu
from tinyseg_kernels.device import to_host

from tests.kernels.case import placed


def portable(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make an operation take and give NumPy arrays under a GPU backend too."""

    @wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        if not on_gpu():
            return function(*args, **options)
        result = function(*map(_there, args), **{name: _there(value) for name, value in options.items()})
        if function.__name__.endswith("_forward"):
            y, cache = result
            return to_host(y), cache
        return tuple(map(to_host, result)) if isinstance(result, tuple) else to_host(result)

    return call


def _there(value: Any) -> Any:
    return placed(value) if isinstance(value, np.ndarray) else value


def __getattr__(name: str) -> Callable[..., Any]:
    """Give an operation's forward or backward by its name."""
    if name.endswith(("_forward", "_backward")):
        for folder in pkgutil.iter_modules(tinyseg_kernels.__path__):
            if folder.ispkg:
                found = getattr(import_module(f"tinyseg_kernels.{folder.name}"), name, None)
                if found is not None:
                    return portable(found)
    raise AttributeError(f"no operation has a function {name!r}")
